//! Further starts, drawn from a seed: the same ones on every machine.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uphill_graph::Scalar;

use crate::climb::Space;

/// So many starts besides the given one: within bounds where there are both; else between a tenth and ten times the given
/// number, one time in four with the other sign, and within ±1 of a 0.
pub(crate) fn drawn(space: &Space, count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut number = |place: usize| {
        // Three draws for each, so that none depends on what the others are.
        let draws: [f64; 3] = std::array::from_fn(|_| random.random());
        one(space, place, draws)
    };
    (0..count).map(|_| (0..space.start.len()).map(&mut number).collect()).collect()
}

/// The number of a parameter, from three numbers between 0 and 1.
fn one(space: &Space, place: usize, draws: [f64; 3]) -> f64 {
    // The kernel of formulas rather than the system's: the same bits everywhere.
    let power = |base: f64, exponent: f64| Scalar::pow(base, exponent);
    let (low, high) = space.bounds[place];
    let given = space.start[place];
    if space.fixed[place] {
        return given;
    }
    if (high - low).is_finite() {
        // Over several powers of ten each is as likely.
        let is_wide = low > 0.0 && high > 100.0 * low;
        let drawn = match is_wide {
            true => low * power(high / low, draws[0]),
            false => low + (high - low) * draws[0],
        };
        return space.within(place, drawn);
    }
    let sign = if draws[1] < 0.25 { -1.0 } else { 1.0 };
    let drawn = match given == 0.0 {
        true => 2.0 * draws[0] - 1.0,
        false => sign * given * power(10.0, 2.0 * draws[0] - 1.0),
    };
    if (low..=high).contains(&drawn) {
        drawn
    } else {
        space.within(place, drawn.abs() * (1.0 + draws[2]))
    }
}

#[cfg(test)]
mod tests {
    use super::drawn;
    use crate::climb::Space;

    const INFINITE: f64 = f64::INFINITY;

    fn space() -> Space {
        Space {
            start: vec![2.0, 0.0, 5.0, 1e-3, 7.0, -4.0, 3.0],
            bounds: vec![
                (-INFINITE, INFINITE),
                (-INFINITE, INFINITE),
                (4.0, 6.0),
                (1e-6, 1e3),
                (-INFINITE, INFINITE),
                (-INFINITE, -3.0),
                (2.5, INFINITE),
            ],
            fixed: vec![false, false, false, false, true, false, false],
        }
    }

    #[test]
    fn starts_keep_to_bounds_and_to_what_is_said_of_them() {
        let space = space();
        let all = drawn(&space, 2000, 7);
        for start in &all {
            for (number, (low, high)) in start.iter().zip(&space.bounds) {
                assert!(low <= number && number <= high, "{start:?}");
            }
            assert!((0.2..=20.0).contains(&start[0].abs()), "{start:?}");
            assert!(start[1].abs() <= 1.0, "{start:?}");
            assert_eq!(start[4], 7.0);
        }
        let part = |is: fn(&Vec<f64>) -> bool| all.iter().filter(|start| is(start)).count();
        // One in four has the other sign; powers of ten are as likely.
        assert!((400..600).contains(&part(|start| start[0] < 0.0)));
        assert!((900..1100).contains(&part(|start| start[2] < 5.0)));
        assert!((900..1100).contains(&part(|start| start[3] < 10.0_f64.powf(-1.5))));
    }

    #[test]
    fn a_seed_gives_the_same_starts_everywhere_and_another_seed_others() {
        let space = space();
        let ours = drawn(&space, 3, 7);
        assert_eq!(ours, drawn(&space, 3, 7));
        // More starts begin with the same ones.
        assert_eq!(ours[..], drawn(&space, 5, 7)[..3]);
        let others = drawn(&space, 3, 8);
        assert!(
            ours.iter().flatten().zip(others.iter().flatten()).any(|(one, other)| one != other)
        );
        assert_eq!(
            format!("{:?}", ours[0]),
            "[-0.41363967640785987, 0.4534825934265301, 4.16611905360689, 812.366816964355, 7.0, -4.519969078785477, 2.5]"
        );
    }
}
