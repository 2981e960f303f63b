//! Operations that are computed in `f64` whatever the lanes hold: elementary functions, powers, logarithms of sums, and
//! any other operation, one lane at a time. Where lanes are `f64` the functions run on the vectors themselves.

use std::marker::PhantomData;

use smallvec::SmallVec;
use uphill_graph::{Op, row};

use super::elementary::{Narrow, Widen, apply, curve, surface};
use super::memory::WIDE;
use super::pointwise::{self as point, Map, Operand, Pointwise, Powi};
use super::space::Source;
use super::tile::Tile;
use super::vector::{Element, Set};

impl<S: Set, E: Element> Tile<'_, S, E> {
    /// The wide vectors.
    fn wide(&self) -> [*mut f64; WIDE] {
        std::array::from_fn(|k| self.wide.wrapping_add(k * self.lanes))
    }

    /// # Safety
    ///
    /// As for [`super::tile::run`].
    pub(super) unsafe fn powi(&mut self, target: u32, x: u32, n: u32) {
        // SAFETY: the caller vouches for everything.
        unsafe {
            if let Source::Number(n) = self.space.source(n) {
                let exponent = n.to_f64() as i32;
                self.in_f64(target, x, |x, target, lanes| {
                    S::enter(Powi { target, x, exponent, lanes });
                });
            } else {
                self.row(Op::Powi, target, &[x, n]);
            }
        }
    }

    /// Any operation with a fixed number of operands, by its row.
    ///
    /// # Safety
    ///
    /// As for [`super::tile::run`].
    pub(super) unsafe fn row(&mut self, op: Op, target: u32, addresses: &[u32]) {
        // SAFETY: the caller vouches for everything; these are vectors of the space, or lines of `spread`.
        unsafe {
            if let &[x] = addresses
                && let Some(curve) = curve::<S>(op)
            {
                self.in_f64(target, x, |x, target, lanes| curve(x, target, target, lanes));
            } else if let &[x, y] = addresses
                && let Some(surface) = surface::<S, E>(op)
            {
                let operands = [self.operand(0, x), self.operand(1, y)];
                surface(operands, self.space.vector(target), self.lanes);
            } else {
                self.lane_by_lane(op, target, addresses);
            }
        }
    }

    /// Runs a function of `f64` lanes: on the vectors themselves, or on widened copies.
    ///
    /// # Safety
    ///
    /// As for [`super::tile::run`].
    #[inline(always)]
    unsafe fn in_f64(
        &mut self,
        target: u32,
        x: u32,
        function: impl FnOnce(*const f64, *mut f64, usize),
    ) {
        let (x, target, lanes) = (self.operand(0, x), self.space.vector(target), self.lanes);
        if E::DOUBLE && x.step == 1 {
            function(x.first.cast(), target.cast(), lanes);
            return;
        }
        let wide = self.wide;
        // SAFETY: a wide vector has room for all lanes and overlaps nothing else.
        unsafe {
            S::enter(Widen { target: wide, x, lanes });
            function(wide, wide, lanes);
            S::enter(Narrow { target, x: wide, lanes });
        }
    }

    /// # Safety
    ///
    /// As for [`super::tile::run`].
    pub(super) unsafe fn xlogy(&mut self, target: u32, x: u32, y: u32) {
        let (x, y) = (self.operand(0, x), self.operand(1, y));
        let (target, lanes) = (self.space.vector(target), self.lanes);
        let [first, second, third, _] = self.wide();
        // SAFETY: wide vectors have room for all lanes and overlap nothing else.
        unsafe {
            S::enter(Widen { target: first, x, lanes });
            S::enter(Widen { target: second, x: y, lanes });
            apply::<S, row::Ln, 1>(second, third, lanes);
            map_wide::<S, point::Xlogy, 3>(first, [first, second, third], lanes);
            S::enter(Narrow { target, x: first, lanes });
        }
    }

    /// The largest operand is taken out first, in `f64` throughout.
    ///
    /// # Safety
    ///
    /// As for [`super::tile::run`].
    pub(super) unsafe fn log_sum_exp(&mut self, target: u32, addresses: &[u32]) {
        let (target, lanes) = (self.space.vector(target), self.lanes);
        let [largest, total, term, lost] = self.wide();
        // SAFETY: these are wide vectors, which overlap nothing else.
        unsafe {
            let fill = |target, number| std::slice::from_raw_parts_mut(target, lanes).fill(number);
            fill(largest, f64::NEG_INFINITY);
            fill(lost, 0.0);
            for (k, &address) in addresses.iter().enumerate() {
                let x = self.operand(0, address);
                let start = if k == 0 { largest } else { term };
                S::enter(Widen { target: start, x, lanes });
                if k > 0 {
                    map_wide::<S, point::Max, 2>(largest, [largest, term], lanes);
                }
            }
            for (k, &address) in addresses.iter().enumerate() {
                let x = self.operand(0, address);
                let sum = if k == 0 { total } else { term };
                S::enter(Widen { target: sum, x, lanes });
                map_wide::<S, point::Sub, 2>(sum, [sum, largest], lanes);
                apply::<S, row::Exp, 1>(sum, sum, lanes);
                if k > 0 {
                    map_wide::<S, point::AddLost, 3>(lost, [lost, total, term], lanes);
                    map_wide::<S, point::Add, 2>(total, [total, term], lanes);
                }
            }
            if !addresses.is_empty() {
                map_wide::<S, point::Div, 2>(lost, [lost, total], lanes);
                apply::<S, row::Ln, 1>(total, total, lanes);
                map_wide::<S, point::LogSumExp, 3>(largest, [largest, total, lost], lanes);
            }
            S::enter(Narrow { target, x: largest, lanes });
        }
    }

    /// Any operation, one lane at a time.
    ///
    /// # Safety
    ///
    /// As for [`super::tile::run`].
    pub(super) unsafe fn lane_by_lane(&mut self, op: Op, target: u32, addresses: &[u32]) {
        let target = self.space.vector(target);
        let mut operands: SmallVec<[f64; 8]> = SmallVec::from_elem(0.0, addresses.len());
        for lane in 0..self.lanes {
            for (operand, &address) in operands.iter_mut().zip(addresses) {
                *operand = match self.space.source(address) {
                    Source::Number(number) => number.to_f64(),
                    // SAFETY: the vector has all lanes.
                    Source::Lanes(first) => unsafe { *first.add(lane) }.to_f64(),
                };
            }
            // SAFETY: as above.
            unsafe { *target.add(lane) = E::from_f64(op.value(&operands)) };
        }
    }
}

/// # Safety
///
/// As for [`Map`].
#[inline(always)]
unsafe fn map_wide<S: Set, F: Pointwise<N>, const N: usize>(
    target: *mut f64,
    vectors: [*mut f64; N],
    lanes: usize,
) {
    let operands = vectors.map(|first| Operand { first: first.cast_const(), step: 1 });
    // SAFETY: the caller vouches for everything.
    unsafe { S::enter(Map { target, operands, lanes, function: PhantomData::<F> }) }
}
