//! What a loop carries along or keeps: one scalar, or arrays, vectors and tuples of them.

use crate::scalar::Scalar;

/// One scalar, or arrays, vectors and tuples of them: what [`loops`](crate::loops) carry from iteration to iteration, and
/// what they keep of each.
///
/// Vectors must have the same length in all iterations.
pub trait Values<S>: Clone {
    /// Gives each scalar, in order.
    fn each(&self, give: &mut dyn FnMut(S));

    /// The same shape with other scalars, taken in order.
    #[must_use]
    fn like(&self, take: &mut dyn FnMut() -> S) -> Self;
}

impl<S: Scalar> Values<S> for S {
    fn each(&self, give: &mut dyn FnMut(S)) {
        give(*self);
    }
    fn like(&self, take: &mut dyn FnMut() -> S) -> S {
        take()
    }
}

impl<S: Scalar> Values<S> for () {
    fn each(&self, _: &mut dyn FnMut(S)) {}
    fn like(&self, _: &mut dyn FnMut() -> S) {}
}

impl<S: Scalar, V: Values<S>> Values<S> for Vec<V> {
    fn each(&self, give: &mut dyn FnMut(S)) {
        self.iter().for_each(|values| values.each(give));
    }
    fn like(&self, take: &mut dyn FnMut() -> S) -> Vec<V> {
        self.iter().map(|values| values.like(take)).collect()
    }
}

impl<S: Scalar, V: Values<S>, const COUNT: usize> Values<S> for [V; COUNT] {
    fn each(&self, give: &mut dyn FnMut(S)) {
        self.iter().for_each(|values| values.each(give));
    }
    fn like(&self, take: &mut dyn FnMut() -> S) -> [V; COUNT] {
        std::array::from_fn(|k| self[k].like(take))
    }
}

macro_rules! tuples {
    ($(($($V:ident $place:tt),+))+) => {
        $(
            impl<S: Scalar, $($V: Values<S>),+> Values<S> for ($($V,)+) {
                fn each(&self, give: &mut dyn FnMut(S)) {
                    $(self.$place.each(give);)+
                }
                fn like(&self, take: &mut dyn FnMut() -> S) -> Self {
                    ($(self.$place.like(take),)+)
                }
            }
        )+
    };
}

tuples! { (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) }

/// All scalars, in order.
pub(crate) fn list<S: Scalar, V: Values<S>>(values: &V) -> Vec<S> {
    let mut list = Vec::new();
    values.each(&mut |value| list.push(value));
    list
}

/// The same shape with the scalars of a list, from `start` on.
pub(crate) fn with<S: Scalar, V: Values<S>>(shape: &V, scalars: &[S]) -> V {
    let mut scalars = scalars.iter().copied();
    shape.like(&mut || scalars.next().unwrap_or(S::constant(f64::NAN)))
}
