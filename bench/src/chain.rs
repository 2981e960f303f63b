//! W1: one long chain of scalar operations, and where it is differentiated.

use uphill_graph::Scalar;

/// Operations in one link.
pub const LINK: usize = 8;
pub const ABC: [f64; 3] = [1.3, 0.4, 0.3];

/// `y = 0.5; repeat: y = sin(y)*a + b*y - y*y*c; P += y`, on any scalar.
pub fn chain<S: Scalar>(abc: &[S], links: usize) -> S {
    let (mut y, mut performance) = (S::constant(0.5), S::constant(0.0));
    for _ in 0..links {
        y = y.sin() * abc[0] + abc[1] * y - y * y * abc[2];
        performance += y;
    }
    performance
}
