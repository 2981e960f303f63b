//! Runs a strip over a tile: all steps for a few registers of lanes, then for the next few.

use super::super::pointwise as point;
use super::super::vector::{Element, Set, Task, Vector};
use super::registers::{RunStrip, load, one, with_x};
use super::step::{Operation, form};

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
                lane = self.groups::<E::Vector<S>, 6>(lane);
            } else {
                // 16 of them.
                lane = self.groups::<E::Vector<S>, 4>(lane);
            }
            while lane < self.lanes {
                if width == E::LINE {
                    self.group::<E::Vector<S>, 1, true>(lane);
                } else {
                    self.group::<E::Vector<S>, 2, true>(lane);
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
    unsafe fn groups<V: Vector<Element = E>, const W: usize>(&self, mut lane: usize) -> usize {
        while lane + W * V::LANES <= self.samples {
            // SAFETY: the caller vouches for everything.
            unsafe { self.group::<V, W, false>(lane) };
            lane += W * V::LANES;
        }
        lane
    }

    /// # Safety
    ///
    /// As for the task; `W` registers of lanes from `lane` on exist, and all are of samples unless this is the `TAIL`.
    #[inline(always)]
    unsafe fn group<V: Vector<Element = E>, const W: usize, const TAIL: bool>(&self, lane: usize) {
        // SAFETY: the caller vouches for everything.
        unsafe {
            let mut value = [V::splat(E::ZERO); W];
            let mut rest = self.part.steps.iter();
            while let Some(mut step) = rest.next() {
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
                    Operation::MultiplyAdd => step = self.multiply_add(v, step, &mut rest, lane),
                    Operation::NegativeMultiplyAdd => {
                        self.three::<V, point::NegativeMultiplyAdd, W>(v, step, lane);
                    }
                    Operation::MultiplySubtract => {
                        self.three::<V, point::MultiplySubtract, W>(v, step, lane);
                    }
                    Operation::AddProduct => self.three::<V, point::AddProduct, W>(v, step, lane),
                    Operation::Share => {
                        let count = V::splat(E::from_f64(f64::from(step.y)));
                        for w in 0..W {
                            value[w] = value[w].divide(count);
                        }
                    }
                    Operation::Curve | Operation::Curves | Operation::Surface => {
                        self.curve(v, step, lane);
                    }
                    Operation::Total => self.total::<V, W, TAIL, false>(&value, step, lane),
                    Operation::TotalProduct => {
                        self.total::<V, W, TAIL, true>(&value, step, lane);
                    }
                }
                if step.form & form::NEGATIVE != 0 {
                    one::<V, point::Neg, W>(&mut value);
                }
                if step.keep && step.operation != Operation::Curves {
                    self.store(&value, step.target, lane);
                }
            }
        }
    }
}
