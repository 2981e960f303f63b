//! Which part of the ground is seen: the ranges that were given, else such that the way lies well inside.

use super::ground::{AROUND, Side};

/// The room around what is seen, as a part of its larger side.
const ROOM: f64 = 0.18;
/// Ranges that differ by a larger factor are not drawn with equal units.
const UNEQUAL: f64 = 4.0;

/// The ranges of both axes, and whether a unit is as long on both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) ranges: [[f64; 2]; 2],
    pub(super) has_equal_units: bool,
}

impl Window {
    /// A window that holds all that is to be seen, in a frame whose width is `shape` times its height.
    pub(super) fn new(
        axes: &[Side; 2],
        seen: impl Iterator<Item = [f64; 2]>,
        equal: Option<bool>,
        shape: f64,
    ) -> Window {
        let given = axes.each_ref().map(|side| side.range);
        let centres = axes.each_ref().map(|side| side.centre);
        let seen: Vec<[f64; 2]> = seen.collect();
        around(given, centres, &seen, equal, shape)
    }
}

fn span([low, high]: [f64; 2]) -> f64 {
    high - low
}

/// The same range with another span, around its middle.
fn widened([low, high]: [f64; 2], span: f64) -> [f64; 2] {
    let middle = low / 2.0 + high / 2.0;
    [middle - span / 2.0, middle + span / 2.0]
}

fn around(
    given: [Option<[f64; 2]>; 2],
    centres: [f64; 2],
    seen: &[[f64; 2]],
    equal: Option<bool>,
    shape: f64,
) -> Window {
    let shapes = [shape, 1.0];
    let box_of = |k: usize| {
        let all = || seen.iter().map(|point| point[k]);
        let low = all().fold(f64::INFINITY, f64::min);
        let high = all().fold(f64::NEG_INFINITY, f64::max);
        if low <= high { [low, high] } else { [centres[k]; 2] }
    };
    let boxes = [box_of(0), box_of(1)];
    // One point alone has no size: as much as is seen without any.
    let least =
        |k: usize| 2.0 * AROUND.max(boxes[k][0].abs()) * f64::from(u8::from(seen.len() < 2));
    let has_equal_units = equal.unwrap_or_else(|| match given {
        [Some(x), Some(y)] => {
            let ratio = span(x) / span(y) / shape;
            (1.0 / UNEQUAL..=UNEQUAL).contains(&ratio)
        }
        _ => true,
    });
    let widest = span(boxes[0]).max(span(boxes[1]));
    let wanted = |k: usize| {
        let (own, other) = (span(boxes[k]), if has_equal_units { widest } else { 0.0 });
        let around = own + 2.0 * ROOM * own.max(other);
        let tiny = 1e-9 * boxes[k][0].abs().max(boxes[k][1].abs()).max(1e-280);
        around.max(least(k)).max(tiny)
    };
    let mut ranges = [0, 1].map(|k| given[k].unwrap_or_else(|| widened(boxes[k], wanted(k))));
    if has_equal_units {
        // What nobody gave is made to fill the frame.
        let unit = |k: usize| span(ranges[k]) / shapes[k];
        let units = [unit(0), unit(1)];
        for k in 0..2 {
            if given[k].is_none() && units[k] < units[1 - k] {
                ranges[k] = widened(ranges[k], units[1 - k] * shapes[k]);
            }
        }
    }
    Window { ranges, has_equal_units }
}

#[cfg(test)]
mod tests {
    use super::{around, span};

    #[test]
    fn what_is_seen_lies_well_inside() {
        let way = [[1.5, 1.0], [0.0, 0.0]];
        let window = around([None, None], [0.0; 2], &way, None, 1.25);
        assert!(window.has_equal_units);
        let [x, y] = window.ranges;
        assert!((span(x) / span(y) - 1.25).abs() < 1e-12);
        for point in way {
            for (at, [low, high]) in point.into_iter().zip(window.ranges) {
                let part = (at - low) / (high - low);
                assert!((0.1..=0.9).contains(&part), "{at} in {low} to {high}");
            }
        }
    }

    #[test]
    fn given_ranges_stay() {
        let window = around([Some([0.0, 1.0]), None], [0.0; 2], &[], None, 1.0);
        assert_eq!(window.ranges, [[0.0, 1.0], [-2.0, 2.0]]);
        let window = around([Some([0.0, 8.0]), None], [0.0, 1.0], &[], None, 1.0);
        assert_eq!(window.ranges, [[0.0, 8.0], [-3.0, 5.0]]);
        let far = [Some([0.0, 1.0]), Some([0.0, 100.0])];
        assert!(!around(far, [0.0; 2], &[], None, 1.0).has_equal_units);
        assert!(around(far, [0.0; 2], &[], Some(true), 1.0).has_equal_units);
        let own = around([None, None], [0.0; 2], &[[0.0, 0.0], [1.0, 100.0]], Some(false), 1.0);
        assert!((span(own.ranges[0]) - 1.36).abs() < 1e-12, "{own:?}");
    }
}
