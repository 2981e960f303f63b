//! Runs a strip over a tile: all steps for a few registers of lanes, then for the next few.

use super::super::element::Element;
use super::super::elementary::{self as curve, apply, apply_bounded};
use super::super::pointwise as point;
use super::super::set::{Set, Task};
use super::super::vector::Vector;
use super::steps::{load, one, with_x};
use super::{Operation, Part, form};

/// How many totals a strip has at most.
pub(in super::super) const MOST_SUMS: usize = 24;

/// Runs one strip.
///
/// Safety of the task: the steps are planned for a program to which vectors, numbers and totals belong. Vectors are good
/// for reading and writing `lanes` numbers, a multiple of [`Element::LINE`] and the end of the cache line that the last
/// of the samples is in; partials for a cache line for each sum.
pub(in super::super) struct RunStrip<'a, E: Element> {
    pub(in super::super) part: Part<'a>,
    /// Lane 0 of the first vector.
    pub(in super::super) first: *mut E,
    /// The distance from one vector to the next.
    pub(in super::super) stride: usize,
    pub(in super::super) numbers: *const E,
    pub(in super::super) partials: *mut E,
    pub(in super::super) totals: &'a mut [f64],
    pub(in super::super) samples: usize,
    pub(in super::super) lanes: usize,
}

impl<E: Element> Task for RunStrip<'_, E> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        let width = E::Vector::<S>::LANES;
        // SAFETY: the caller vouches for everything, here and below.
        unsafe {
            let zero = E::Vector::<S>::splat(E::ZERO);
            for part in 0..self.part.sums.len() * (E::LINE / width) {
                zero.store(self.partials.add(part * width));
            }
            let mut lane = 0;
            if width == E::LINE {
                // 32 registers.
                lane = self.groups::<S, E::Vector<S>, 6>(lane);
            } else {
                // 16 of them.
                lane = self.groups::<S, E::Vector<S>, 4>(lane);
            }
            while lane < self.lanes {
                if width == E::LINE {
                    self.group::<S, E::Vector<S>, 1, true>(lane);
                } else {
                    self.group::<S, E::Vector<S>, 2, true>(lane);
                }
                lane += E::LINE;
            }
            self.add_totals::<E::Vector<S>>();
        }
    }
}

impl<E: Element> RunStrip<'_, E> {
    /// Runs all groups of `W` registers from `lane` on; returns the lane behind them. `W` is large enough to hide the
    /// latency of most operations, and small enough for values and operands to stay in registers.
    ///
    /// # Safety
    ///
    /// As for the task.
    #[inline(always)]
    unsafe fn groups<S: Set, V: Vector<Element = E>, const W: usize>(
        &self,
        mut lane: usize,
    ) -> usize {
        while lane + W * V::LANES <= self.samples {
            // SAFETY: the caller vouches for everything.
            unsafe { self.group::<S, V, W, false>(lane) };
            lane += W * V::LANES;
        }
        lane
    }

    /// # Safety
    ///
    /// As for the task; `W` registers of lanes from `lane` on exist, and all are of samples unless this is the `TAIL`.
    #[inline(always)]
    unsafe fn group<S: Set, V: Vector<Element = E>, const W: usize, const TAIL: bool>(
        &self,
        lane: usize,
    ) {
        // SAFETY: the caller vouches for everything.
        unsafe {
            let mut value = [V::splat(E::ZERO); W];
            for step in self.part.steps {
                let v = &mut value;
                if step.form & form::LOAD != 0 {
                    load(v, self.vector(step.y, lane));
                }
                match step.operation {
                    Operation::Load => with_x!(self, V, step, lane, |x| load(v, x)),
                    Operation::Neg => one::<V, point::Neg, W>(v),
                    Operation::Recip => one::<V, point::Recip, W>(v),
                    Operation::Square => one::<V, point::Square, W>(v),
                    Operation::Sqrt => one::<V, point::Sqrt, W>(v),
                    Operation::Relu => one::<V, point::Relu, W>(v),
                    Operation::Abs => one::<V, point::Abs, W>(v),
                    Operation::Sign => one::<V, point::Sign, W>(v),
                    Operation::Add => self.two::<V, point::Add, W>(v, step, lane),
                    Operation::Sub => self.two::<V, point::Sub, W>(v, step, lane),
                    Operation::Mul => self.two::<V, point::Mul, W>(v, step, lane),
                    Operation::Div => self.two::<V, point::Div, W>(v, step, lane),
                    Operation::Min => self.two::<V, point::Min, W>(v, step, lane),
                    Operation::Max => self.two::<V, point::Max, W>(v, step, lane),
                    Operation::Less => self.two::<V, point::Less, W>(v, step, lane),
                    Operation::LessEqual => self.two::<V, point::LessEqual, W>(v, step, lane),
                    Operation::Greater => self.two::<V, point::Greater, W>(v, step, lane),
                    Operation::GreaterEqual => self.two::<V, point::GreaterEqual, W>(v, step, lane),
                    Operation::Equal => self.two::<V, point::Equal, W>(v, step, lane),
                    Operation::NotEqual => self.two::<V, point::NotEqual, W>(v, step, lane),
                    Operation::SigmoidSlope => self.two::<V, point::SigmoidSlope, W>(v, step, lane),
                    Operation::TanhSlope => self.two::<V, point::TanhSlope, W>(v, step, lane),
                    Operation::Clamp => self.three::<V, point::Clamp, W>(v, step, lane),
                    Operation::Select => self.three::<V, point::Select, W>(v, step, lane),
                    Operation::MultiplyAdd => self.multiply_add(v, step, lane),
                    Operation::NegativeMultiplyAdd => {
                        self.three::<V, point::NegativeMultiplyAdd, W>(v, step, lane);
                    }
                    Operation::MultiplySubtract => {
                        self.three::<V, point::MultiplySubtract, W>(v, step, lane);
                    }
                    Operation::Exp => self.curve::<V, W>(v, step, lane, apply::<S, curve::Exp>),
                    Operation::Exp2 => self.curve::<V, W>(v, step, lane, apply::<S, curve::Exp2>),
                    Operation::Expm1 => self.curve::<V, W>(v, step, lane, apply::<S, curve::Expm1>),
                    Operation::Ln => self.curve::<V, W>(v, step, lane, apply::<S, curve::Ln>),
                    Operation::Log2 => self.curve::<V, W>(v, step, lane, apply::<S, curve::Log2>),
                    Operation::Log10 => self.curve::<V, W>(v, step, lane, apply::<S, curve::Log10>),
                    Operation::Log1p => self.curve::<V, W>(v, step, lane, apply::<S, curve::Log1p>),
                    Operation::Atan => self.curve::<V, W>(v, step, lane, apply::<S, curve::Atan>),
                    Operation::Sinh => self.curve::<V, W>(v, step, lane, apply::<S, curve::Sinh>),
                    Operation::Cosh => self.curve::<V, W>(v, step, lane, apply::<S, curve::Cosh>),
                    Operation::Tanh => self.curve::<V, W>(v, step, lane, apply::<S, curve::Tanh>),
                    Operation::Sigmoid => {
                        self.curve::<V, W>(v, step, lane, apply::<S, curve::Sigmoid>);
                    }
                    Operation::Softplus => {
                        self.curve::<V, W>(v, step, lane, apply::<S, curve::Softplus>);
                    }
                    Operation::Sin => {
                        self.curve::<V, W>(
                            v,
                            step,
                            lane,
                            apply_bounded::<S, curve::BoundedSin, curve::Sin>,
                        );
                    }
                    Operation::Cos => {
                        self.curve::<V, W>(
                            v,
                            step,
                            lane,
                            apply_bounded::<S, curve::BoundedCos, curve::Cos>,
                        );
                    }
                    Operation::Tan => {
                        self.curve::<V, W>(
                            v,
                            step,
                            lane,
                            apply_bounded::<S, curve::BoundedTan, curve::Tan>,
                        );
                    }
                    Operation::Total => self.total::<V, W, TAIL>(&value, step, lane),
                    Operation::TotalProduct => {
                        self.total_product::<V, W, TAIL>(&value, step, lane);
                    }
                }
                if step.form & form::NEGATIVE != 0 {
                    one::<V, point::Neg, W>(&mut value);
                }
                if step.keep {
                    let target = self.first.add(step.target as usize * self.stride + lane);
                    for w in 0..W {
                        value[w].store(target.add(w * V::LANES));
                    }
                }
            }
        }
    }
}
