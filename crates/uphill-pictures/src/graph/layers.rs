//! A layered layout after Sugiyama, Tagawa and Toda: ranks by the longest way, few crossings by averages, heights that
//! bring neighbours level.
//!
//! An edge that passes ranks gets a place in each of them, so that it goes around the boxes there. All steps are in a
//! fixed order, so that a graph always looks the same.

use crate::scene::Point;

/// From one rank to the next, and between boxes of one rank.
const ACROSS: f64 = 64.0;
const APART: f64 = 18.0;
/// The room of an edge that passes.
const LANE: f64 = 12.0;
/// Edges that pass more ranks go straight.
const LONGEST: usize = 40;
const ROUNDS: usize = 24;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    /// The middle of each box.
    pub(crate) centres: Vec<Point>,
    /// The way of each edge, from the right side of one box to the left side of the other.
    pub(crate) routes: Vec<Vec<Point>>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Lays out boxes of these sizes, from left to right. An edge goes from a box to a later one.
pub(crate) fn layout(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Layout {
    let mut drawing = Drawing::new(sizes, edges);
    drawing.order();
    let mut balanced = drawing.clone();
    balanced.balance();
    let [usual, balanced] = [drawing, balanced].map(|mut drawing| {
        drawing.settle();
        drawing.finish(sizes, edges)
    });
    if balanced.height < usual.height - 1.0 { balanced } else { usual }
}

/// A box, or a place where an edge passes.
#[derive(Debug, Clone)]
struct Thing {
    rank: usize,
    size: (f64, f64),
    before: Vec<usize>,
    after: Vec<usize>,
    y: f64,
}

#[derive(Debug, Clone)]
struct Drawing {
    things: Vec<Thing>,
    /// The things of each rank, from above to below.
    ranks: Vec<Vec<usize>>,
    /// The things along each edge, both ends included.
    ways: Vec<Vec<usize>>,
}

impl Drawing {
    fn new(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Drawing {
        let ranks = ranks(sizes.len(), edges);
        let mut things: Vec<Thing> = Vec::new();
        for (&size, &rank) in sizes.iter().zip(&ranks) {
            things.push(Thing { rank, size, before: Vec::new(), after: Vec::new(), y: 0.0 });
        }
        let mut ways = Vec::with_capacity(edges.len());
        for &(from, to) in edges {
            let mut way = vec![from];
            let between = ranks[from] + 1..ranks[to];
            if between.len() <= LONGEST {
                for rank in between {
                    way.push(things.len());
                    let (before, after) = (Vec::new(), Vec::new());
                    things.push(Thing { rank, size: (0.0, LANE), before, after, y: 0.0 });
                }
            }
            way.push(to);
            for pair in way.windows(2) {
                if things[pair[0]].rank + 1 == things[pair[1]].rank {
                    things[pair[0]].after.push(pair[1]);
                    things[pair[1]].before.push(pair[0]);
                }
            }
            ways.push(way);
        }
        let count = ranks.iter().max().map_or(0, |last| last + 1);
        let mut by_rank = vec![Vec::new(); count];
        for (position, thing) in things.iter().enumerate() {
            by_rank[thing.rank].push(position);
        }
        Drawing { things, ranks: by_rank, ways }
    }

    /// Sorts each rank by the average place of neighbours, forth and back, and keeps the order with fewest crossings.
    fn order(&mut self) {
        let mut best = (self.crossings(), self.ranks.clone());
        for round in 0..ROUNDS {
            if best.0 == 0 {
                break;
            }
            let forth = round % 2 == 0;
            let count = self.ranks.len();
            for k in 1..count {
                let rank = if forth { k } else { count - 1 - k };
                let beside = if forth { rank - 1 } else { rank + 1 };
                let places = self.places(beside);
                let average = |thing: &Thing, now: usize| {
                    let neighbours = if forth { &thing.before } else { &thing.after };
                    if neighbours.is_empty() {
                        return now as f64;
                    }
                    let sum: usize = neighbours.iter().map(|&other| places[other]).sum();
                    sum as f64 / neighbours.len() as f64
                };
                let mut keyed: Vec<(f64, usize)> = self.ranks[rank]
                    .iter()
                    .enumerate()
                    .map(|(now, &thing)| (average(&self.things[thing], now), thing))
                    .collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.ranks[rank] = keyed.into_iter().map(|(_, thing)| thing).collect();
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.ranks.clone());
            }
        }
        self.ranks = best.1;
    }

    /// Puts what reads nothing above the others of its rank in one rank and below them in the next, where no more edges
    /// cross: a long chain goes straight on so, and doesn't climb stairs.
    fn balance(&mut self) {
        let mut crossings = self.crossings();
        let mut is_above = true;
        for rank in 0..self.ranks.len() {
            let usual = self.ranks[rank].clone();
            let (sources, others): (Vec<usize>, Vec<usize>) =
                usual.iter().partition(|&&thing| self.things[thing].before.is_empty());
            if sources.is_empty() || others.is_empty() {
                continue;
            }
            self.ranks[rank] = match is_above {
                true => [sources, others].concat(),
                false => [others, sources].concat(),
            };
            let now = self.crossings();
            if now > crossings {
                self.ranks[rank] = usual;
            } else {
                (crossings, is_above) = (now, !is_above);
            }
        }
    }

    /// The place of each thing in a rank; 0 for those of other ranks.
    fn places(&self, rank: usize) -> Vec<usize> {
        let mut places = vec![0; self.things.len()];
        for (place, &thing) in self.ranks[rank].iter().enumerate() {
            places[thing] = place;
        }
        places
    }

    fn crossings(&self) -> usize {
        let mut crossings = 0;
        for rank in 1..self.ranks.len() {
            let left = self.places(rank - 1);
            // For each place at the left, how many edges already went there from above.
            let mut tree = vec![0_usize; self.ranks[rank - 1].len() + 1];
            let mut total = 0;
            for &thing in &self.ranks[rank] {
                let mut ends: Vec<usize> =
                    self.things[thing].before.iter().map(|&other| left[other]).collect();
                ends.sort_unstable();
                crossings += ends.iter().map(|&end| total - sum(&tree, end + 1)).sum::<usize>();
                for end in ends {
                    add(&mut tree, end + 1);
                    total += 1;
                }
            }
        }
        crossings
    }

    /// Moves things up and down towards their neighbours, as far as the order and the room of others allow.
    fn settle(&mut self) {
        for rank in 0..self.ranks.len() {
            let mut y = 0.0;
            for &thing in &self.ranks[rank] {
                let height = self.things[thing].size.1;
                self.things[thing].y = y + height / 2.0;
                y += height + APART;
            }
            let middle = y / 2.0;
            for &thing in &self.ranks[rank] {
                self.things[thing].y -= middle;
            }
        }
        for round in 0..ROUNDS {
            let count = self.ranks.len();
            for k in 0..count {
                let rank = if round % 2 == 0 { k } else { count - 1 - k };
                // The last rounds look at both sides.
                self.level(rank, round + 6 > ROUNDS, round % 2 == 0);
            }
        }
    }

    /// The heights of one rank that are nearest to what its things want, in their order (pooled adjacent violators).
    fn level(&mut self, rank: usize, both: bool, forth: bool) {
        let members = &self.ranks[rank];
        let mut offset = 0.0;
        let mut pools: Vec<(f64, f64, usize)> = Vec::new();
        let mut offsets = Vec::with_capacity(members.len());
        for (k, &member) in members.iter().enumerate() {
            let thing = &self.things[member];
            if k > 0 {
                let above = &self.things[members[k - 1]];
                offset += (above.size.1 + thing.size.1) / 2.0 + APART;
            }
            offsets.push(offset);
            let (wish, weight) = self.wish(thing, both, forth);
            pools.push((wish - offset, weight, 1));
            while let [.., above, below] = pools[..]
                && above.0 > below.0
            {
                pools.pop();
                pools.pop();
                let weight = above.1 + below.1;
                let wish = (above.0 * above.1 + below.0 * below.1) / weight;
                pools.push((wish, weight, above.2 + below.2));
            }
        }
        let heights = pools.iter().flat_map(|&(wish, _, count)| std::iter::repeat_n(wish, count));
        let heights: Vec<f64> = heights.zip(offsets).map(|(wish, offset)| wish + offset).collect();
        for (k, y) in heights.into_iter().enumerate() {
            let member = self.ranks[rank][k];
            self.things[member].y = y;
        }
    }

    /// Where a thing wants to be, and how much.
    fn wish(&self, thing: &Thing, both: bool, forth: bool) -> (f64, f64) {
        let is_lane = |thing: &Thing| thing.size.0 == 0.0;
        let before = thing.before.iter().filter(|_| both || forth);
        let after = thing.after.iter().filter(|_| both || !forth);
        let (mut sum, mut total) = (0.0, 0.0);
        for &other in before.chain(after) {
            let other = &self.things[other];
            let weight = if is_lane(thing) && is_lane(other) { 8.0 } else { 1.0 };
            sum += weight * other.y;
            total += weight;
        }
        if total == 0.0 { (thing.y, 0.2) } else { (sum / total, total) }
    }

    fn finish(&self, sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Layout {
        let top = |thing: &Thing| thing.y - thing.size.1 / 2.0;
        let bottom = |thing: &Thing| thing.y + thing.size.1 / 2.0;
        let highest = self.things.iter().map(top).fold(f64::INFINITY, f64::min);
        let lowest = self.things.iter().map(bottom).fold(f64::NEG_INFINITY, f64::max);
        let mut x = 0.0;
        let mut columns = Vec::with_capacity(self.ranks.len());
        for rank in &self.ranks {
            let widths = rank.iter().map(|&thing| self.things[thing].size.0);
            let width = widths.fold(0.0, f64::max);
            columns.push((x, width));
            x += width + ACROSS;
        }
        let centre = |thing: &Thing| {
            let (left, width) = columns[thing.rank];
            Point::new(left + width / 2.0, thing.y - highest)
        };
        let centres: Vec<Point> = self.things[..sizes.len()].iter().map(centre).collect();
        let mut routes: Vec<Vec<Point>> = Vec::with_capacity(edges.len());
        for (way, &(from, to)) in self.ways.iter().zip(edges) {
            let mut route =
                vec![Point::new(centres[from].x + sizes[from].0 / 2.0, centres[from].y)];
            for &lane in &way[1..way.len() - 1] {
                let (left, width) = columns[self.things[lane].rank];
                let y = self.things[lane].y - highest;
                route.extend([Point::new(left, y), Point::new(left + width, y)]);
            }
            route.push(Point::new(centres[to].x - sizes[to].0 / 2.0, centres[to].y));
            routes.push(route);
        }
        spread(&mut routes, edges, sizes);
        Layout { centres, routes, width: (x - ACROSS).max(0.0), height: lowest - highest }
    }
}

/// Edges into one box end at different heights, in the order in which they come.
fn spread(routes: &mut [Vec<Point>], edges: &[(usize, usize)], sizes: &[(f64, f64)]) {
    for (node, size) in sizes.iter().enumerate() {
        let mut into: Vec<usize> = (0..edges.len()).filter(|&edge| edges[edge].1 == node).collect();
        let height = |edge: &usize| routes[*edge].iter().rev().nth(1).map_or(0.0, |p| p.y);
        into.sort_by(|a, b| height(a).total_cmp(&height(b)));
        let room = (size.1 - 20.0).max(0.0);
        let step = (room / into.len().max(1) as f64).min(11.0);
        for (k, &edge) in into.iter().enumerate() {
            let shift = step * (k as f64 - (into.len() as f64 - 1.0) / 2.0);
            if let Some(end) = routes[edge].last_mut() {
                end.y += shift;
            }
        }
    }
}

/// The rank of each box: one more than that of what it reads; what reads nothing stands just before its first reader.
fn ranks(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut is_source = vec![true; count];
    for &(from, to) in edges {
        readers[from].push(to);
        is_source[to] = false;
    }
    let mut ranks = vec![0_usize; count];
    for node in 0..count {
        for &reader in &readers[node] {
            ranks[reader] = ranks[reader].max(ranks[node] + 1);
        }
    }
    for node in (0..count).filter(|&node| is_source[node]) {
        if let Some(first) = readers[node].iter().map(|&reader| ranks[reader]).min() {
            ranks[node] = first.saturating_sub(1);
        }
    }
    ranks
}

/// The sum of the first entries of a Fenwick tree.
fn sum(tree: &[usize], mut end: usize) -> usize {
    let mut total = 0;
    while end > 0 {
        total += tree[end];
        end &= end - 1;
    }
    total
}

fn add(tree: &mut [usize], mut place: usize) {
    while place < tree.len() {
        tree[place] += 1;
        place += place & place.wrapping_neg();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_removed() {
        // Two sources, each read by one of two others, in the crossed order.
        let layout = layout(&[(40.0, 20.0); 5], &[(0, 3), (1, 2), (2, 4), (3, 4)]);
        let y = |k: usize| layout.centres[k].y;
        assert_eq!(y(0) < y(1), y(3) < y(2));
        assert_eq!(layout.routes.len(), 4);
    }

    #[test]
    fn boxes_of_a_rank_keep_apart() {
        let sizes: Vec<(f64, f64)> =
            (0..30).map(|k| (50.0, 20.0 + f64::from(k % 5) * 9.0)).collect();
        let edges: Vec<(usize, usize)> = (0..30)
            .flat_map(|to| {
                (0..to)
                    .filter(move |from| (to * 7 + from * 5) % 11 == 0)
                    .map(move |from| (from, to))
            })
            .collect();
        let layout = layout(&sizes, &edges);
        for a in 0..30 {
            for b in 0..a {
                let (p, q) = (layout.centres[a], layout.centres[b]);
                let apart = (p.x - q.x).abs() >= 49.0
                    || (p.y - q.y).abs() >= (sizes[a].1 + sizes[b].1) / 2.0;
                assert!(apart, "{a} and {b} overlap");
            }
            let half = sizes[a].1 / 2.0;
            assert!(layout.centres[a].y - half >= -1e-9);
            assert!(layout.centres[a].y + half <= layout.height + 1e-9);
        }
    }

    #[test]
    fn chains_go_straight_on() {
        // Each link reads the one before it, and an input of its own.
        let links = 12;
        let edges: Vec<(usize, usize)> =
            (0..links).flat_map(|k| [(2 * k, 2 * k + 2), (2 * k + 1, 2 * k + 2)]).collect();
        let layout = layout(&vec![(60.0, 40.0); 2 * links + 1], &edges);
        assert!(layout.height < 4.0 * 40.0, "{}", layout.height);
    }

    #[test]
    fn long_chains_are_fast_enough() {
        let count = 400;
        let edges: Vec<(usize, usize)> =
            (1..count).flat_map(|k| [(k - 1, k), (k / 2, k)]).filter(|(a, b)| a != b).collect();
        let layout = layout(&vec![(60.0, 40.0); count], &edges);
        assert!(layout.width.is_finite() && layout.height.is_finite());
    }
}
