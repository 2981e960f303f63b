//! Sums over samples within a strip: terms come from registers, partial sums stay in one cache line each.
//!
//! The order of additions is that of `outer`: sample `s` of the tile adds to partial sum `s mod LINE`, and in the end the
//! upper half of these is added to the lower half, and so on.

use super::super::vector::{Element, Vector};
use super::registers::{RunStrip, Value, load};
use super::step::Step;

impl<E: Element> RunStrip<'_, E> {
    /// The registers of a cache line of partial sums; of one, twice.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`].
    #[inline(always)]
    unsafe fn partials<V: Vector<Element = E>>(&self, total: u32) -> (*mut E, [V; 2]) {
        // SAFETY: the caller vouches for the partials.
        unsafe {
            let line = self.partials.add(total as usize * E::LINE);
            (line, [V::load(line), V::load(line.add(E::LINE - V::LANES))])
        }
    }

    /// Adds the value to the partial sums, or its product with `x`.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant.
    #[inline(always)]
    pub(super) unsafe fn total<
        V: Vector<Element = E>,
        const W: usize,
        const TAIL: bool,
        const PRODUCT: bool,
    >(
        &self,
        value: &Value<V, W>,
        step: &Step,
        lane: usize,
    ) {
        // SAFETY: the caller vouches for everything.
        unsafe {
            let (line, mut sums) = self.partials::<V>(step.target);
            let value = self.samples_alone::<V, W, TAIL>(*value, lane);
            let mut x = value;
            if PRODUCT {
                load(&mut x, self.vector(step.x, lane));
                x = self.samples_alone::<V, W, TAIL>(x, lane);
            }
            for w in 0..W {
                let part = w % (E::LINE / V::LANES);
                sums[part] = match PRODUCT {
                    true => value[w].fused(x[w], sums[part]),
                    false => sums[part].add(value[w]),
                };
            }
            sums[0].store(line);
            if V::LANES < E::LINE {
                sums[1].store(line.add(V::LANES));
            }
        }
    }

    /// Zero in lanes beyond the samples: they must add nothing to a sum.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`], of whose lanes those from `lane` on are meant.
    #[inline(always)]
    unsafe fn samples_alone<V: Vector<Element = E>, const W: usize, const TAIL: bool>(
        &self,
        mut value: Value<V, W>,
        lane: usize,
    ) -> Value<V, W> {
        let rest = self.samples - lane;
        if TAIL && rest < W * V::LANES {
            for w in 0..W {
                // SAFETY: there is room for the lanes of a register, none of which has more than 16.
                unsafe {
                    let mut lanes = [E::ZERO; 16];
                    value[w].store(lanes.as_mut_ptr());
                    for lane in rest.saturating_sub(w * V::LANES)..V::LANES {
                        lanes[lane] = E::ZERO;
                    }
                    value[w] = V::load(lanes.as_ptr());
                }
            }
        }
        value
    }

    /// Adds the totals of the tile to the running sums, eight together.
    ///
    /// # Safety
    ///
    /// As for [`RunStrip`].
    #[inline(always)]
    pub(super) unsafe fn add_totals<V: Vector<Element = E>>(self) {
        for (eight, sums) in self.part.sums.chunks(8).enumerate() {
            // SAFETY: the caller vouches for the partials.
            let totals = unsafe {
                let mut lines = [V::splat(E::ZERO); 8];
                for k in 0..sums.len() {
                    let (_, [lower, upper]) = self.partials::<V>((eight * 8 + k) as u32);
                    lines[k] = if V::LANES == E::LINE { lower } else { lower.add(upper) };
                }
                V::totals(lines)
            };
            for (&sum, total) in sums.iter().zip(totals) {
                self.totals[sum as usize] += total;
            }
        }
    }
}
