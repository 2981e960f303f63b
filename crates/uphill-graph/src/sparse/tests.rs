//! Colourings and plans without a graph: stars are looked for by brute force, and each plan is carried out on a matrix of
//! numbers whose sums tell which entries are in them.

use proptest::prelude::*;

use super::colour;
use super::pattern::Pattern;
use super::plan::{Direction, Plan};

fn pattern(width: usize, rows: &[Vec<u32>]) -> Pattern {
    let mut pattern = Pattern::new(width);
    for row in rows {
        let mut row = row.clone();
        row.sort_unstable();
        row.dedup();
        pattern.push_row(row).unwrap();
    }
    pattern
}

fn symmetric(rows: &[Vec<u32>]) -> Pattern {
    pattern(rows.len(), rows).symmetric().unwrap()
}

/// The first two neighbours of one colour, or four vertices in a row of two colours.
fn broken_star(pattern: &Pattern, of: &[u32]) -> Option<Vec<usize>> {
    let near = |v: usize| pattern.row(v).iter().map(|&w| w as usize).filter(move |&w| w != v);
    for b in 0..pattern.rows() {
        for c in near(b) {
            if of[b] == of[c] {
                return Some(vec![b, c]);
            }
            for (a, d) in near(b).flat_map(|a| near(c).map(move |d| (a, d))) {
                if a != c && d != b && a != d && of[a] == of[c] && of[b] == of[d] {
                    return Some(vec![a, b, c, d]);
                }
            }
        }
    }
    None
}

/// An entry as a number that no sum of others is.
fn entry(row: usize, column: usize, mirrored: bool) -> f64 {
    let (row, column) = if mirrored { (row.min(column), row.max(column)) } else { (row, column) };
    1.0 + ((row * 131 + column * 17) as f64 * 0.618_033_988_749_895).fract()
}

/// Entries that the plan gives wrong.
fn misread(pattern: &Pattern, plan: &Plan, mirrored: bool) -> Vec<(usize, usize)> {
    let in_pattern = |row: usize, column: u32| pattern.row(row).binary_search(&column).is_ok();
    let sum = |direction: Direction, seeds: &[u32], at: usize| -> f64 {
        let place = |seed: u32| match direction {
            Direction::Forward => (at, seed as usize),
            Direction::Reverse => (seed as usize, at),
        };
        let places = seeds.iter().map(|&seed| place(seed));
        let there = places.filter(|&(row, column)| in_pattern(row, column as u32));
        there.map(|(row, column)| entry(row, column, mirrored)).sum()
    };
    assert_eq!(plan.reads.len(), pattern.len());
    let read = pattern.entries().zip(&plan.reads);
    let wrong = read.filter(|&((row, column), read)| {
        let pass = &plan.passes[read.pass as usize];
        sum(pass.direction, &pass.seeds, read.at as usize) != entry(row, column, mirrored)
    });
    wrong.map(|(at, _)| at).collect()
}

/// Seeds of all sweeps that no entry is read from.
fn idle(plan: &Plan) -> usize {
    let read = |pass: usize| plan.reads.iter().any(|read| read.pass as usize == pass);
    (0..plan.passes.len()).filter(|&pass| plan.passes[pass].seeds.is_empty() || !read(pass)).count()
}

#[test]
fn colouring_is_linear() {
    // With anything quadratic this would not end while somebody waits.
    let n = 100_000_u32;
    let band: Vec<Vec<u32>> = (0..n).map(|k| (k..n.min(k + 3)).collect()).collect();
    let band = symmetric(&band);
    assert!(colour::star(&band).count <= 5);
    assert_eq!(Plan::rectangular(&band).passes.len(), 5);
    let arrow: Vec<Vec<u32>> =
        (0..n).map(|k| if k == 0 { (0..n).collect() } else { vec![k] }).collect();
    assert_eq!(Plan::symmetric(&symmetric(&arrow)).passes.len(), 2);
    assert_eq!(Plan::rectangular(&symmetric(&arrow)).passes.len(), 3);
    assert_eq!(Plan::rectangular(&pattern(n as usize, &arrow)).passes.len(), 2);
}

#[test]
fn the_mirror_image_is_added() {
    let p = symmetric(&[vec![1], vec![1, 2], vec![]]);
    assert_eq!(p, pattern(3, &[vec![1], vec![0, 1, 2], vec![1]]));
    assert_eq!(p.clone().symmetric().unwrap(), p);
    let (transposed, slots) = pattern(3, &[vec![0, 2], vec![2]]).transposed();
    assert_eq!(transposed, pattern(2, &[vec![0], vec![], vec![0, 1]]));
    assert_eq!(slots, [0, 1, 2]);
}

/// Rows of columns, of very different lengths.
fn rows(count: usize, width: usize) -> impl Strategy<Value = Vec<Vec<u32>>> {
    let row = prop_oneof![
        8 => prop::collection::vec(0..width as u32, 0..4),
        1 => prop::collection::vec(0..width as u32, 0..2 * width),
    ];
    prop::collection::vec(row, 0..count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn symmetric_plans_read_every_entry(rows in rows(30, 30)) {
        let n = rows.len() as u32;
        let inside = |row: &Vec<u32>| row.iter().copied().filter(|&c| c < n).collect();
        let pattern = symmetric(&rows.iter().map(inside).collect::<Vec<_>>());
        let colours = colour::star(&pattern);
        prop_assert_eq!(broken_star(&pattern, &colours.of), None, "{:?}", colours);
        let plan = Plan::symmetric(&pattern);
        prop_assert_eq!(misread(&pattern, &plan, true), []);
        prop_assert_eq!(idle(&plan), 0);
        let read = |row: usize, column: usize| {
            let place = pattern.row(row).binary_search(&(column as u32)).unwrap();
            plan.reads[pattern.slots(row).start + place]
        };
        for (row, column) in pattern.entries() {
            prop_assert_eq!(read(row, column), read(column, row), "two numbers for ({}, {})", row, column);
        }
        prop_assert!(plan.passes.len() <= colours.count as usize);
    }

    #[test]
    fn rectangular_plans_read_every_entry(rows in rows(30, 20)) {
        let pattern = pattern(20, &rows);
        let plan = Plan::rectangular(&pattern);
        prop_assert_eq!(misread(&pattern, &plan, false), []);
        prop_assert_eq!(idle(&plan), 0);
        let alone = colour::apart(&pattern, |_| true, colour::NONE).map_or(0, |c| c.count);
        prop_assert!(plan.passes.len() <= alone as usize);
    }
}
