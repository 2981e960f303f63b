//! Where inputs and nodes of a network are drawn, and where their names go.
//!
//! On a broad picture names of inputs and outputs stand beside them, on a narrow one above. What all outputs' names
//! begin with, as in `species=setosa`, stands once, above them.

use uphill_nn::Network;

use crate::chart::TICK_SIZE;
use crate::font;
use crate::scene::{Anchor, Point, Text};
use crate::theme::Paint;

const TOP: f64 = 84.0;
/// The room of what is said above inputs and outputs.
const CAPTION: f64 = 22.0;
/// Layers with more nodes than this are cut.
const TALLEST: usize = 16;
const SHOWN_FIRST: usize = 8;
const SHOWN_LAST: usize = 6;
/// More nodes in a layer are drawn small.
const TALL: usize = 8;
/// Narrower pictures have names above circles.
const NARROW: f64 = 600.0;
const NAME_SIZE: f64 = 14.0;
const SMALL_NAME_SIZE: f64 = 11.0;
const EDGE: f64 = 16.0;

/// Where a name stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    /// In the circle, in letters of this size.
    Inside(f64),
    Before,
    Behind,
    /// Above, from the left edge of the picture, around the middle, or up to its right edge.
    Above(Anchor),
}

/// Where inputs and nodes are drawn.
#[derive(Debug)]
pub(super) struct Places {
    /// None for those that a broad layer leaves out.
    pub(super) of: Vec<Option<Point>>,
    names: Vec<(String, Side)>,
    pub(super) gaps: Vec<(Point, usize)>,
    pub(super) captions: Vec<Text>,
    /// Whether thresholds are numbers without a word.
    pub(super) offsets_are_short: bool,
    pub(super) radius: f64,
    width: f64,
    pub(super) height: f64,
}

/// The layers: inputs and nodes by the longest way from an input.
fn layers(network: &Network) -> Vec<Vec<usize>> {
    let mut depth = vec![0_usize; network.inputs().len()];
    for node in network.nodes() {
        let below = node.incoming.iter().map(|edge| depth[edge.from] + 1).max();
        depth.push(below.unwrap_or(1));
    }
    let deepest = depth.iter().copied().max().unwrap_or(0);
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); deepest + 1];
    for (place, &layer) in depth.iter().enumerate() {
        layers[layer].push(place);
    }
    layers
}

/// What all names begin with up to a `=`, if there are two of them at least.
pub(super) fn common_column<'n>(names: &[&'n str]) -> Option<&'n str> {
    let (column, _) = names.first()?.split_once('=')?;
    let begins = |name: &&str| name.split_once('=').is_some_and(|(other, _)| other == column);
    (names.len() > 1 && names.iter().all(begins)).then_some(column)
}

impl Places {
    pub(super) fn new(network: &Network, width: f64, unit: Option<&str>) -> Places {
        let layers = layers(network);
        let last = layers.len() - 1;
        let tallest = layers.iter().map(Vec::len).max().unwrap_or(1).min(TALLEST);
        let (is_narrow, is_tall) = (width < NARROW, tallest > TALL);
        let radius = if is_tall { 20.0 } else { 22.0 };
        let outputs: Vec<&str> = network.output_names().collect();
        let column = common_column(&outputs);
        let mut names: Vec<String> = network.inputs().to_vec();
        names.extend(network.nodes().iter().map(|node| {
            let short = column.filter(|_| outputs.contains(&node.name.as_str()));
            let short = short.and_then(|column| node.name.get(column.len() + 1..));
            short.unwrap_or(&node.name).to_owned()
        }));
        let has_captions = unit.is_some() || column.is_some();
        let top = if has_captions { TOP + CAPTION } else { TOP };

        let inside = |layer: &[usize]| {
            [NAME_SIZE, SMALL_NAME_SIZE].into_iter().find(|size| {
                layer.iter().all(|&k| font::width(&names[k], *size) <= 2.0 * radius - 7.0)
            })
        };
        let side = |layer: usize| match inside(&layers[layer]) {
            Some(size) => Side::Inside(size),
            None if is_narrow => Side::Above(match layer {
                0 => Anchor::Start,
                layer if layer == last => Anchor::End,
                _ => Anchor::Middle,
            }),
            None if layer == 0 => Side::Before,
            None if layer == last => Side::Behind,
            None => Side::Above(Anchor::Middle),
        };
        let sides: Vec<Side> = (0..layers.len()).map(side).collect();
        let is_above = |side: &Side| matches!(side, Side::Above(_));

        // Between two circles there is room for the name of the lower one and the threshold of the upper one.
        let has_offset = network.nodes().iter().any(|node| node.offset.weight().is_some());
        let above = if sides.iter().any(is_above) { 18.0 } else { 0.0 };
        let below = if has_offset { 20.0 } else { 0.0 };
        let step: f64 = match tallest {
            9.. => 50.0,
            5..9 => 72.0,
            _ => 92.0,
        };
        let step = step.max(2.0 * radius + above + below + 4.0);
        let height = top + step * tallest as f64 + 24.0;

        let beside = |layer: usize, wanted: Side| match sides[layer] == wanted {
            true => {
                let widths = layers[layer].iter().map(|&k| font::width(&names[k], NAME_SIZE));
                widths.fold(0.0, f64::max).min(width * 0.2) + 12.0
            }
            false => 0.0,
        };
        let left = EDGE + 8.0 + beside(0, Side::Before) + radius;
        let least = if is_narrow { 0.0 } else { 40.0 };
        let right = width - (beside(last, Side::Behind) + radius + EDGE + 8.0).max(radius + least);
        let gap = (right - left) / last.max(1) as f64;

        let mut of = vec![None; names.len()];
        let mut gaps = Vec::new();
        let middle = top + step * tallest as f64 / 2.0 + above / 2.0;
        for (layer, members) in layers.iter().enumerate() {
            let x = left + gap * layer as f64;
            let cut = members.len() > TALLEST;
            let rows = if cut { SHOWN_FIRST + SHOWN_LAST + 1 } else { members.len() };
            // Small layers use more of the height.
            let step = (step * tallest as f64 / rows as f64).min(step * 1.9);
            let first = middle - step * (rows as f64 - 1.0) / 2.0;
            let at = |row: usize| Point::new(x, first + step * row as f64);
            for (k, &member) in members.iter().enumerate() {
                let from_end = members.len() - k;
                let row = match cut {
                    true if k < SHOWN_FIRST => Some(k),
                    true => (from_end <= SHOWN_LAST).then(|| rows - from_end),
                    false => Some(k),
                };
                of[member] = row.map(at);
            }
            if cut {
                gaps.push((at(SHOWN_FIRST), members.len() - SHOWN_FIRST - SHOWN_LAST));
            }
        }
        let mut placed: Vec<(String, Side)> =
            names.iter().map(|name| (name.clone(), Side::Before)).collect();
        for (members, &side) in layers.iter().zip(&sides) {
            let room = match side {
                Side::Inside(_) => f64::INFINITY,
                Side::Before => left - radius - EDGE - 6.0,
                Side::Behind => width - right - radius - EDGE,
                Side::Above(_) => (gap - 10.0).max(60.0),
            };
            let whole: Vec<&str> = members.iter().map(|&k| names[k].as_str()).collect();
            for (&k, name) in members.iter().zip(font::fitted_apart(&whole, NAME_SIZE, room)) {
                placed[k] = (name, side);
            }
        }
        let caption = |content: String, x: f64, anchor: Anchor| {
            let part = if anchor == Anchor::Start { 0.6 } else { 0.4 };
            let content = font::fitted(&content, TICK_SIZE, part * width - EDGE - 4.0);
            Text::new(x, TOP - 6.0, TICK_SIZE, content).anchor(anchor).paint(Paint::Muted)
        };
        let before = unit.map(|unit| caption(format!("inputs, {unit}"), EDGE, Anchor::Start));
        let behind = column.map(|column| caption(column.into(), width - EDGE, Anchor::End));
        Places {
            of,
            names: placed,
            gaps,
            captions: before.into_iter().chain(behind).collect(),
            offsets_are_short: has_offset && (is_narrow || is_tall),
            radius,
            width,
            height,
        }
    }

    /// The name of an input or node where it stands; none for those that are left out.
    pub(super) fn name(&self, place: usize) -> Option<Text> {
        let at = self.of[place]?;
        let (name, side) = &self.names[place];
        let (x, y, anchor) = match *side {
            Side::Inside(size) => {
                let text = Text::new(at.x, at.y + 0.36 * size, size, name.as_str());
                return Some(text.anchor(Anchor::Middle));
            }
            Side::Before => (at.x - self.radius - 8.0, at.y + 5.0, Anchor::End),
            Side::Behind => (at.x + self.radius + 8.0, at.y + 5.0, Anchor::Start),
            Side::Above(Anchor::Start) => (EDGE, at.y - self.radius - 6.0, Anchor::Start),
            Side::Above(Anchor::End) => (self.width - EDGE, at.y - self.radius - 6.0, Anchor::End),
            Side::Above(Anchor::Middle) => (at.x, at.y - self.radius - 6.0, Anchor::Middle),
        };
        Some(Text::new(x, y, NAME_SIZE, name.as_str()).anchor(anchor).halo())
    }
}

#[cfg(test)]
mod tests {
    use super::common_column;

    #[test]
    fn a_column_of_all_outputs_is_told_once() {
        assert_eq!(common_column(&["kind=a", "kind=b=c"]), Some("kind"));
        assert_eq!(common_column(&["kind=a", "sort=b"]), None);
        assert_eq!(common_column(&["kind=a"]), None);
        assert_eq!(common_column(&[]), None);
    }
}
