//! Operators for a scalar type from its `apply`: both orders with `f64`, assignment, sums and products.
//!
//! Every non-primitive scalar needs the same forty impls; they are written once, here.

/// Implements every operator that [`Scalar`](crate::Scalar) asks for, by way of its `apply` and `constant`.
///
/// For a scalar type of your own. The generic parameters stand in brackets, empty for none; then comes the type. The
/// macro may be used where the orphan rule allows these impls: beside the type.
///
/// ```
/// use uphill_graph::{Op, Scalar, scalar_operators};
///
/// /// A number that tells each operation.
/// #[derive(Debug, Clone, Copy)]
/// struct Loud(f64);
///
/// scalar_operators!([] Loud);
///
/// impl Scalar for Loud {
///     fn constant(value: f64) -> Loud {
///         Loud(value)
///     }
///     fn apply(op: Op, x: &[Loud]) -> Loud {
///         let x: Vec<f64> = x.iter().map(|x| x.0).collect();
///         println!("{}{x:?}", op.name());
///         Loud(op.value(&x))
///     }
/// }
///
/// assert_eq!((3.0 * Loud(2.0) - 1.0).0, 5.0); // mul[3.0, 2.0], sub[6.0, 1.0]
/// ```
#[macro_export]
macro_rules! scalar_operators {
    ([$($generics:tt)*] $Type:ty) => {
        $crate::scalar_operators!(@binary [$($generics)*] $Type, Add add AddAssign add_assign);
        $crate::scalar_operators!(@binary [$($generics)*] $Type, Sub sub SubAssign sub_assign);
        $crate::scalar_operators!(@binary [$($generics)*] $Type, Mul mul MulAssign mul_assign);
        $crate::scalar_operators!(@binary [$($generics)*] $Type, Div div DivAssign div_assign);

        impl<$($generics)*> std::ops::Neg for $Type {
            type Output = Self;
            #[track_caller]
            #[inline]
            fn neg(self) -> Self {
                <$crate::row::Neg as $crate::Row<1>>::of([self])
            }
        }

        impl<$($generics)*> From<f64> for $Type {
            fn from(value: f64) -> Self {
                <Self as $crate::Scalar>::constant(value)
            }
        }

        // Like the sum of `f64`, an empty one is -0: the number that changes no other by being added.
        impl<$($generics)*> std::iter::Sum for $Type {
            #[track_caller]
            fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
                terms.reduce(|a, b| a + b).unwrap_or(<Self as $crate::Scalar>::constant(-0.0))
            }
        }

        impl<$($generics)*> std::iter::Product for $Type {
            #[track_caller]
            fn product<I: Iterator<Item = Self>>(factors: I) -> Self {
                factors.reduce(|a, b| a * b).unwrap_or(<Self as $crate::Scalar>::constant(1.0))
            }
        }
    };
    (@binary [$($generics:tt)*] $Type:ty, $Trait:ident $method:ident $Assign:ident $assign:ident) => {
        impl<$($generics)*> std::ops::$Trait for $Type {
            type Output = Self;
            #[track_caller]
            #[inline]
            fn $method(self, other: Self) -> Self {
                <$crate::row::$Trait as $crate::Row<2>>::of([self, other])
            }
        }

        impl<$($generics)*> std::ops::$Trait<f64> for $Type {
            type Output = Self;
            #[track_caller]
            #[inline]
            fn $method(self, other: f64) -> Self {
                std::ops::$Trait::$method(self, <Self as $crate::Scalar>::constant(other))
            }
        }

        impl<$($generics)*> std::ops::$Trait<$Type> for f64 {
            type Output = $Type;
            #[track_caller]
            #[inline]
            fn $method(self, other: $Type) -> $Type {
                std::ops::$Trait::$method(<$Type as $crate::Scalar>::constant(self), other)
            }
        }

        impl<$($generics)*> std::ops::$Assign for $Type {
            #[track_caller]
            #[inline]
            fn $assign(&mut self, other: Self) {
                *self = std::ops::$Trait::$method(*self, other);
            }
        }

        impl<$($generics)*> std::ops::$Assign<f64> for $Type {
            #[track_caller]
            #[inline]
            fn $assign(&mut self, other: f64) {
                *self = std::ops::$Trait::$method(*self, other);
            }
        }
    };
}
