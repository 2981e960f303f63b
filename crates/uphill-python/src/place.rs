//! Places in vectors, as the body of a loop computes them: whole numbers that move with counters.
//!
//! A place is `offset + Σ coefficient·counter`, and may go through a table. All that a recording needs to know of it is
//! known when Python writes it down, the lowest and highest number it becomes among it: so a place outside of a vector is an
//! error where it is written.

use std::sync::Arc;

use smallvec::SmallVec;

/// How many open loops a place may move with: as many as the graph's own places do.
const TERMS: usize = 4;

/// A counter of an open loop in a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    /// Which loop's.
    pub(crate) body: u32,
    pub(crate) coefficient: i64,
    /// The counter goes from 0 up to this.
    pub(crate) last: i64,
}

/// `offset + Σ coefficient·counter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Even {
    pub(crate) offset: i64,
    pub(crate) terms: SmallVec<[Term; 1]>,
}

/// `scale·table[position]`.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    pub(crate) table: Arc<[u32]>,
    pub(crate) position: Even,
    pub(crate) scale: i64,
}

/// A place in a vector.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) even: Even,
    pub(crate) lookup: Option<Lookup>,
}

/// Why a place can't be computed, and what to do.
pub(crate) const TOO_MANY: &str = "a place moves with more than 4 loops: look it up in a table";
pub(crate) const TOO_LARGE: &str = "a place is beyond the whole numbers of 64 bits";
const TWO_TABLES: &str =
    "a place is looked up in two tables: make one table of the sums, or pick in two steps";
const FALLING: &str =
    "what a table holds can't be multiplied by a negative number: put the products into the table";

impl Even {
    pub(crate) fn counter(body: u32, last: i64) -> Even {
        let terms = SmallVec::from_buf([Term { body, coefficient: 1, last }]);
        Even { offset: 0, terms }
    }

    fn plus(&self, other: &Even, sign: i64) -> Result<Even, &'static str> {
        let mut sum = self.clone();
        let offset = other.offset.checked_mul(sign).and_then(|o| sum.offset.checked_add(o));
        sum.offset = offset.ok_or(TOO_LARGE)?;
        for term in &other.terms {
            let more = term.coefficient.checked_mul(sign).ok_or(TOO_LARGE)?;
            match sum.terms.iter_mut().find(|own| own.body == term.body) {
                Some(own) => {
                    own.coefficient = own.coefficient.checked_add(more).ok_or(TOO_LARGE)?;
                }
                None => sum.terms.push(Term { coefficient: more, ..*term }),
            }
        }
        sum.terms.retain(|term| term.coefficient != 0);
        if sum.terms.len() > TERMS {
            return Err(TOO_MANY);
        }
        Ok(sum)
    }

    fn times(&self, factor: i64) -> Result<Even, &'static str> {
        let mut product = self.clone();
        product.offset = product.offset.checked_mul(factor).ok_or(TOO_LARGE)?;
        for term in &mut product.terms {
            term.coefficient = term.coefficient.checked_mul(factor).ok_or(TOO_LARGE)?;
        }
        product.terms.retain(|term| term.coefficient != 0);
        Ok(product)
    }

    /// The lowest and the highest number.
    pub(crate) fn range(&self) -> Result<(i64, i64), &'static str> {
        let (mut low, mut high) = (self.offset, self.offset);
        for term in &self.terms {
            let end = term.coefficient.checked_mul(term.last).ok_or(TOO_LARGE)?;
            low = low.checked_add(end.min(0)).ok_or(TOO_LARGE)?;
            high = high.checked_add(end.max(0)).ok_or(TOO_LARGE)?;
        }
        Ok((low, high))
    }
}

impl Place {
    pub(crate) fn number(offset: i64) -> Place {
        Place { even: Even { offset, terms: SmallVec::new() }, lookup: None }
    }

    pub(crate) fn counter(body: u32, last: i64) -> Place {
        Place { even: Even::counter(body, last), lookup: None }
    }

    /// The number, if no loop moves it.
    pub(crate) fn known(&self) -> Option<i64> {
        (self.lookup.is_none() && self.even.terms.is_empty()).then_some(self.even.offset)
    }

    /// The bodies with which it moves.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = u32> {
        let looked_up = self.lookup.iter().flat_map(|lookup| &lookup.position.terms);
        self.even.terms.iter().chain(looked_up).map(|term| term.body)
    }

    pub(crate) fn plus(&self, other: &Place, sign: i64) -> Result<Place, &'static str> {
        let lookup = match (&self.lookup, &other.lookup) {
            (Some(_), Some(_)) => return Err(TWO_TABLES),
            (_, Some(_)) if sign < 0 => return Err(FALLING),
            (own, None) => own.clone(),
            (None, other) => other.clone(),
        };
        Ok(Place { even: self.even.plus(&other.even, sign)?, lookup })
    }

    pub(crate) fn times(&self, factor: i64) -> Result<Place, &'static str> {
        let lookup = match &self.lookup {
            None => None,
            Some(_) if factor == 0 => None,
            Some(_) if factor < 0 => return Err(FALLING),
            Some(lookup) => {
                let scale = lookup.scale.checked_mul(factor).ok_or(TOO_LARGE)?;
                Some(Lookup { scale, ..lookup.clone() })
            }
        };
        Ok(Place { even: self.even.times(factor)?, lookup })
    }

    /// The lowest and the highest number.
    pub(crate) fn range(&self) -> Result<(i64, i64), &'static str> {
        let (mut low, mut high) = self.even.range()?;
        if let Some(Lookup { table, position, scale }) = &self.lookup {
            let (from, to) = position.range()?;
            // The position was checked when it was looked up.
            let held = &table[from as usize..=to as usize];
            let least = i64::from(held.iter().copied().min().unwrap_or(0));
            let most = i64::from(held.iter().copied().max().unwrap_or(0));
            low = least.checked_mul(*scale).and_then(|x| low.checked_add(x)).ok_or(TOO_LARGE)?;
            high = most.checked_mul(*scale).and_then(|x| high.checked_add(x)).ok_or(TOO_LARGE)?;
        }
        Ok((low, high))
    }
}
