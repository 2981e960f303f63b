//! The steps of a strip: functions of some registers of lanes and of operands that lie elsewhere.
//!
//! Each mixture of vectors and numbers of the call has a loop of its own, in which the numbers stay in a register.

use super::super::pointwise::Pointwise;
use super::super::vector::{Curve, Element, Vector};
use super::step::{Operation, Part, Step, form};

/// An operand of some registers of lanes.
pub(super) trait Operand<V>: Copy {
    /// Register `w` of it.
    ///
    /// # Safety
    ///
    /// It must have that many.
    unsafe fn register(self, w: usize) -> V;
}

/// A vector, from some lane on.
#[derive(Clone, Copy)]
pub(super) struct Lanes<E>(*const E);

/// One number for all lanes.
#[derive(Clone, Copy)]
pub(super) struct Number<V>(V);

impl<V: Vector> Operand<V> for Lanes<V::Element> {
    #[inline(always)]
    unsafe fn register(self, w: usize) -> V {
        // SAFETY: the caller vouches for the lanes.
        unsafe { V::load(self.0.add(w * V::LANES)) }
    }
}

impl<V: Vector> Operand<V> for Number<V> {
    #[inline(always)]
    unsafe fn register(self, _: usize) -> V {
        self.0
    }
}

/// `W` registers: the value that a strip passes along.
pub(super) type Value<V, const W: usize> = [V; W];

/// Calls a function generic over operands with one of a step's.
macro_rules! with_x {
    ($self:ident, $V:ident, $step:ident, $lane:ident, |$x:ident| $call:expr) => {
        if $step.form & form::X == 0 {
            let $x = $self.vector($step.x, $lane);
            $call
        } else {
            let $x = $self.number::<$V>($step.x);
            $call
        }
    };
}

pub(super) use with_x;

/// Runs one strip.
///
/// Safety of the task: the steps are planned for a program to which vectors, numbers and totals belong. Vectors are good
/// for reading and writing `lanes` numbers, a multiple of [`Element::LINE`] and the end of the cache line that the last
/// of the samples is in; `wide` for three times as many; partials for a cache line for each sum.
pub(in super::super) struct RunStrip<'a, E: Element> {
    pub(in super::super) part: Part<'a>,
    /// Lane 0 of each vector.
    pub(in super::super) places: *const *mut E,
    pub(in super::super) numbers: *const E,
    pub(in super::super) partials: *mut E,
    /// For functions, which are those of `f64`.
    pub(in super::super) wide: *mut f64,
    pub(in super::super) totals: &'a mut [f64],
    pub(in super::super) samples: usize,
    pub(in super::super) lanes: usize,
}

impl<E: Element> RunStrip<'_, E> {
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant.
    #[inline(always)]
    pub(super) unsafe fn vector(&self, index: u32, lane: usize) -> Lanes<E> {
        // SAFETY: the caller vouches for the vector and the lane.
        Lanes(unsafe { self.target(index, lane) })
    }

    /// The same to be written.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant.
    #[inline(always)]
    pub(super) unsafe fn target(&self, index: u32, lane: usize) -> *mut E {
        // SAFETY: the caller vouches for the vector and the lane.
        unsafe { (*self.places.add(index as usize)).add(lane) }
    }

    /// # Safety
    ///
    /// As for [`RunStrip`].
    #[inline(always)]
    pub(super) unsafe fn number<V: Vector<Element = E>>(&self, index: u32) -> Number<V> {
        // SAFETY: the caller vouches for instructions and the number.
        Number(unsafe { V::splat(*self.numbers.add(index as usize)) })
    }

    /// A function of the value and `x`.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant.
    #[inline(always)]
    pub(super) unsafe fn two<V: Vector<Element = E>, F: Pointwise<2>, const W: usize>(
        &self,
        value: &mut Value<V, W>,
        step: &Step,
        lane: usize,
    ) {
        // SAFETY: the caller vouches for everything.
        unsafe {
            with_x!(self, V, step, lane, |x| if step.form & form::LAST == 0 {
                for w in 0..W {
                    value[w] = F::apply([value[w], x.register(w)]);
                }
            } else {
                for w in 0..W {
                    value[w] = F::apply([x.register(w), value[w]]);
                }
            });
        }
    }

    /// A function of the value, `x` and `y`.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant.
    #[inline(always)]
    pub(super) unsafe fn three<V: Vector<Element = E>, F: Pointwise<3>, const W: usize>(
        &self,
        value: &mut Value<V, W>,
        step: &Step,
        lane: usize,
    ) {
        // Numbers are spread over registers here, so that there are not four loops.
        // SAFETY: the caller vouches for everything.
        unsafe {
            let (mut x, mut y) = ([V::splat(E::ZERO); W], [V::splat(E::ZERO); W]);
            with_x!(self, V, step, lane, |operand| load(&mut x, operand));
            if step.form & form::Y == 0 {
                load(&mut y, self.vector(step.y, lane));
            } else {
                load(&mut y, self.number::<V>(step.y));
            }
            if step.form & form::LAST == 0 {
                for w in 0..W {
                    value[w] = F::apply([value[w], x[w], y[w]]);
                }
            } else {
                for w in 0..W {
                    value[w] = F::apply([x[w], y[w], value[w]]);
                }
            }
        }
    }

    /// The most frequent function of three numbers has all its loops.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant.
    #[inline(always)]
    pub(super) unsafe fn multiply_add<V: Vector<Element = E>, const W: usize>(
        &self,
        value: &mut Value<V, W>,
        step: &Step,
        lane: usize,
    ) {
        // SAFETY: the caller vouches for everything.
        unsafe {
            with_x!(self, V, step, lane, |x| if step.form & form::LAST == 0 {
                if step.form & form::Y == 0 {
                    let y = self.vector(step.y, lane);
                    for w in 0..W {
                        value[w] = value[w].fused(x.register(w), y.register(w));
                    }
                } else {
                    let y = self.number::<V>(step.y);
                    for w in 0..W {
                        value[w] = value[w].fused(x.register(w), y.register(w));
                    }
                }
            } else if step.form & form::Y == 0 {
                let y: Lanes<E> = self.vector(step.y, lane);
                for w in 0..W {
                    value[w] = V::fused(y.register(w), x.register(w), value[w]);
                }
            } else {
                let y = self.number::<V>(step.y);
                for w in 0..W {
                    value[w] = V::fused(x.register(w), y.register(w), value[w]);
                }
            });
        }
    }

    /// A function of the value, or of the value and `x`, on its way through memory; or two, of which the first goes to the
    /// target and the other one to `y` and becomes the value.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant.
    #[inline(always)]
    pub(super) unsafe fn curve<V: Vector<Element = E>, const W: usize>(
        &self,
        value: &mut Value<V, W>,
        step: &Step,
        lane: usize,
    ) {
        let lanes = W * V::LANES;
        // SAFETY: the caller vouches for everything; there are no more registers than a tile has lanes.
        unsafe {
            let (one, other) = (self.wide, self.wide.add(self.lanes));
            spill(value, one);
            match step.operation {
                Operation::Surface => {
                    let mut operand = *value;
                    with_x!(self, V, step, lane, |x| load(&mut operand, x));
                    spill(&operand, other);
                    let (x, y) =
                        if step.form & form::LAST == 0 { (one, other) } else { (other, one) };
                    let result = self.wide.add(2 * self.lanes);
                    self.function(step.y)(x, result, y, lanes);
                    fill(value, result);
                }
                Operation::Curves => {
                    self.function(step.x)(one, one, other, lanes);
                    if step.keep {
                        fill(value, one);
                        self.store(value, step.target, lane);
                    }
                    fill(value, other);
                    if step.keep {
                        self.store(value, step.y, lane);
                    }
                }
                _ => {
                    self.function(step.x)(one, one, one, lanes);
                    fill(value, one);
                }
            }
        }
    }

    /// # Safety
    ///
    /// As for [`RunStrip`].
    #[inline(always)]
    unsafe fn function(&self, number: u32) -> Curve {
        // SAFETY: the caller vouches for the steps.
        unsafe { *self.part.curves.get_unchecked(number as usize) }
    }

    /// The value goes to a vector.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant.
    #[inline(always)]
    pub(super) unsafe fn store<V: Vector<Element = E>, const W: usize>(
        &self,
        value: &Value<V, W>,
        vector: u32,
        lane: usize,
    ) {
        // SAFETY: the caller vouches for everything.
        unsafe {
            let target = self.target(vector, lane);
            for w in 0..W {
                value[w].store(target.add(w * V::LANES));
            }
        }
    }
}

/// The most lanes that a value has.
const MOST: usize = 96;

/// Writes a value as `f64`.
///
/// # Safety
///
/// `to` must be good for writing so many numbers.
#[inline(always)]
unsafe fn spill<V: Vector, const W: usize>(value: &Value<V, W>, to: *mut f64) {
    // SAFETY: the caller vouches for the room; where the elements are `f64`, so is the pointer's type.
    unsafe {
        if V::Element::DOUBLE {
            for w in 0..W {
                value[w].store(to.cast::<V::Element>().add(w * V::LANES));
            }
            return;
        }
        let mut own = [V::Element::ZERO; MOST];
        for w in 0..W {
            value[w].store(own.as_mut_ptr().add(w * V::LANES));
        }
        for lane in 0..W * V::LANES {
            *to.add(lane) = own[lane].to_f64();
        }
    }
}

/// Reads a value that is there as `f64`, and rounds it.
///
/// # Safety
///
/// `from` must be good for reading so many numbers.
#[inline(always)]
unsafe fn fill<V: Vector, const W: usize>(value: &mut Value<V, W>, from: *const f64) {
    // SAFETY: as for `spill`.
    unsafe {
        if V::Element::DOUBLE {
            load(value, Lanes(from.cast::<V::Element>()));
            return;
        }
        let mut own = [V::Element::ZERO; MOST];
        for lane in 0..W * V::LANES {
            own[lane] = V::Element::from_f64(*from.add(lane));
        }
        load(value, Lanes(own.as_ptr()));
    }
}

/// Reads an operand.
///
/// # Safety
///
/// As for [`RunStrip`].
#[inline(always)]
pub(super) unsafe fn load<V: Vector, const W: usize>(value: &mut Value<V, W>, x: impl Operand<V>) {
    for w in 0..W {
        // SAFETY: the caller vouches for the operand.
        value[w] = unsafe { x.register(w) };
    }
}

/// A function of the value alone.
#[inline(always)]
pub(super) fn one<V: Vector, F: Pointwise<1>, const W: usize>(value: &mut Value<V, W>) {
    for w in 0..W {
        value[w] = F::apply([value[w]]);
    }
}
