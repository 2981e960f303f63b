//! Trained networks that are nearly equal: `approx`'s traits on models.
//!
//! Two models are close if their networks are the same, down to the names, and each weight of the one is close to that of
//! the other. Where a training stands is left aside.

use approx::{AbsDiffEq, RelativeEq, UlpsEq};

use crate::save::Model;

fn all_close(one: &Model, other: &Model, close: impl Fn(&f64, &f64) -> bool) -> bool {
    one.network() == other.network()
        && one.weights().iter().zip(other.weights()).all(|(a, b)| close(a, b))
}

/// ```
/// use approx::assert_relative_eq;
/// use uphill_nn::{Model, Network};
///
/// let network = Network::layered(&[1, 1]).build()?;
/// let one = Model::new(&network, &[0.3, 1.0])?;
/// let other = Model::new(&network, &[0.1 + 0.2, 1.0])?;
/// assert_relative_eq!(one, other, max_relative = 1e-15);
/// # Ok::<(), uphill_nn::Error>(())
/// ```
impl AbsDiffEq for Model {
    type Epsilon = f64;

    fn default_epsilon() -> f64 {
        f64::default_epsilon()
    }

    fn abs_diff_eq(&self, other: &Model, epsilon: f64) -> bool {
        all_close(self, other, |a, b| a.abs_diff_eq(b, epsilon))
    }
}

impl RelativeEq for Model {
    fn default_max_relative() -> f64 {
        f64::default_max_relative()
    }

    fn relative_eq(&self, other: &Model, epsilon: f64, max_relative: f64) -> bool {
        all_close(self, other, |a, b| a.relative_eq(b, epsilon, max_relative))
    }
}

impl UlpsEq for Model {
    fn default_max_ulps() -> u32 {
        f64::default_max_ulps()
    }

    fn ulps_eq(&self, other: &Model, epsilon: f64, max_ulps: u32) -> bool {
        all_close(self, other, |a, b| a.ulps_eq(b, epsilon, max_ulps))
    }
}

#[cfg(test)]
mod tests {
    use approx::{assert_abs_diff_eq, assert_relative_ne, assert_ulps_eq, assert_ulps_ne};

    use crate::{Model, Network};

    #[test]
    fn models_are_compared_by_network_and_weights() {
        let network = Network::layered(&[2, 1]).build().unwrap();
        let model = |weights: [f64; 3]| Model::new(&network, &weights).unwrap();
        let one = model([0.1, -2.0, 3e8]);
        let next = 3e8_f64.next_up();
        assert_ulps_eq!(one, model([0.1, -2.0, next]), max_ulps = 1);
        assert_ulps_ne!(one, model([0.1, -2.0, next.next_up()]), max_ulps = 1);
        assert_abs_diff_eq!(one, model([0.1 + 1e-9, -2.0, 3e8]), epsilon = 1e-8);
        assert_relative_ne!(one, model([0.1, 2.0, 3e8]));
        // The same weights in another wiring are another network.
        let other = Network::layered(&[2, 1]).bias().build().unwrap();
        assert_relative_ne!(one, Model::new(&other, &[0.1, -2.0, 3e8]).unwrap());
    }
}
