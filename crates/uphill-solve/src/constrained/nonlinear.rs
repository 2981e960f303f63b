//! What the method asks of a problem: minimise f(z), where c(z) = 0 and z lies within bounds.

/// A problem in the form that the method solves. Numbers that aren't finite say that a point is outside of the domain.
pub(crate) trait Nonlinear {
    /// How many numbers are looked for.
    fn variables(&self) -> usize {
        self.bounds().0.len()
    }

    /// How many equations hold.
    fn equations(&self) -> usize;

    /// The lowest and the highest number for each variable; lower is less than upper.
    fn bounds(&self) -> (&[f64], &[f64]);

    /// Where the Jacobian of c has entries: equation and variable.
    fn jacobian_places(&self) -> &[(usize, usize)];

    /// Where the Hessian has entries, each pair of variables once.
    fn hessian_places(&self) -> &[(usize, usize)];

    /// f, and c.
    fn values(&mut self, z: &[f64], c: &mut [f64]) -> f64;

    /// The gradient of f, and the entries of the Jacobian of c.
    fn slopes(&mut self, z: &[f64], gradient: &mut [f64], jacobian: &mut [f64]);

    /// The entries of the Hessian of σ·f + Σ λ·c.
    fn hessian(&mut self, z: &[f64], sigma: f64, lambda: &[f64], entries: &mut [f64]);

    /// Whether the method may leave off at this point, which is not optimal: all that was asked for is there.
    fn is_enough(&mut self, _z: &[f64]) -> bool {
        false
    }

    /// Whether there is a point to look for that only holds the equations better.
    fn can_be_restored(&self) -> bool {
        true
    }
}
