//! The steps of a strip: functions of some registers of lanes and of operands that lie elsewhere.
//!
//! Each mixture of vectors and numbers of the call has a loop of its own, in which the numbers stay in a register.

use std::slice::Iter;

use super::super::pointwise::Pointwise;
use super::super::vector::{Curve, Element, Vector};
use super::step::{Operation, Part, Step, form};

/// An operand of some registers of lanes.
pub(super) trait Operand<V: Vector>: Copy {
    /// That of a step, from some lane on.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], to whose kind of operands the index belongs.
    unsafe fn of(strip: &RunStrip<'_, V::Element>, index: u32, lane: usize) -> Self;

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
    unsafe fn of(strip: &RunStrip<'_, V::Element>, index: u32, lane: usize) -> Self {
        // SAFETY: the caller vouches for the vector and the lane.
        unsafe { strip.vector(index, lane) }
    }
    #[inline(always)]
    unsafe fn register(self, w: usize) -> V {
        // SAFETY: the caller vouches for the lanes.
        unsafe { V::load(self.0.add(w * V::LANES)) }
    }
}

impl<V: Vector> Operand<V> for Number<V> {
    #[inline(always)]
    unsafe fn of(strip: &RunStrip<'_, V::Element>, index: u32, _: usize) -> Self {
        // SAFETY: the caller vouches for the number.
        unsafe { strip.number(index) }
    }
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

    /// Adds products to the value, step after step as long as these are alike: a list is a loop, which need not find out
    /// for each term what to do. Returns the last of the steps.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant; the kinds of operands are those of the step.
    #[inline(always)]
    unsafe fn products<'s, V: Vector<Element = E>, X: Operand<V>, Y: Operand<V>, const W: usize>(
        &self,
        value: &mut Value<V, W>,
        mut step: &'s Step,
        rest: &mut Iter<'s, Step>,
        lane: usize,
    ) -> &'s Step {
        let first = step;
        loop {
            // SAFETY: the caller vouches for everything.
            unsafe {
                let (x, y) = (X::of(self, step.x, lane), Y::of(self, step.y, lane));
                for w in 0..W {
                    value[w] = x.register(w).fused(y.register(w), value[w]);
                }
            }
            match rest.as_slice().first() {
                Some(next) if !step.keep && next.is_like(first) => step = next,
                _ => return step,
            }
            rest.next();
        }
    }

    /// The most frequent function of three numbers has all its loops. Returns the last step that is done.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant.
    #[inline(always)]
    pub(super) unsafe fn multiply_add<'s, V: Vector<Element = E>, const W: usize>(
        &self,
        v: &mut Value<V, W>,
        step: &'s Step,
        rest: &mut Iter<'s, Step>,
        lane: usize,
    ) -> &'s Step {
        const NUMBERS: u8 = form::X | form::Y;
        // SAFETY: the caller vouches for everything.
        unsafe {
            if step.form & form::LAST != 0 {
                return match step.form & NUMBERS {
                    0 => self.products::<V, Lanes<E>, Lanes<E>, W>(v, step, rest, lane),
                    form::X => self.products::<V, Number<V>, Lanes<E>, W>(v, step, rest, lane),
                    form::Y => self.products::<V, Lanes<E>, Number<V>, W>(v, step, rest, lane),
                    _ => self.products::<V, Number<V>, Number<V>, W>(v, step, rest, lane),
                };
            }
            with_x!(self, V, step, lane, |x| if step.form & form::Y == 0 {
                let y = self.vector(step.y, lane);
                for w in 0..W {
                    v[w] = v[w].fused(x.register(w), y.register(w));
                }
            } else {
                let y = self.number::<V>(step.y);
                for w in 0..W {
                    v[w] = v[w].fused(x.register(w), y.register(w));
                }
            });
            step
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
