//! `w[2*i + 1]` in a loop: which vector it is an entry of, and where.
//!
//! A vector is put together of inputs and definitions by their names. One subscript that moves evenly goes along a vector of
//! all entries of this step, which others with the same name and step share; declared vectors are there already. Any other
//! subscripts are computed for all iterations, as a table.

use std::collections::HashMap;

use crate::counter::{Even, each};
use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::members::Known;
use crate::names;
use crate::syntax::Expression;
use crate::tape::{Entry, Spot, Value, Vector};

impl<'p> Evaluation<'p> {
    /// An entry whose place moves with open loops.
    pub(crate) fn subscript(
        &mut self,
        base: &'p str,
        values: &[Value],
        indices: &[Expression],
        x: &'p Expression,
    ) -> Result<Value, Error> {
        let counters = self.tape.counters();
        if let [Value::Counted(even)] = *values
            && let Some((low, high)) = even.span(&counters)
        {
            if low < 0 {
                return Err(self.not_constant(base, &indices[0]));
            }
            if let Some(value) = self.member_entry(base, even, (low, high))? {
                return Ok(value);
            }
            if let Some(value) = self.declared_entry(base, even, high) {
                return Ok(value);
            }
            if let (Some((depth, factor)), 1) = (even.terms().next(), even.terms().count()) {
                let step = factor.abs();
                let count = counters[depth].count as i64;
                let known = self.vector(base, step, low, count, x)?;
                let place = even.plus(Even::number(known.origin), -1);
                let place = place.and_then(|place| place.divided(step));
                let Some(place) = place else { return Err(self.not_constant(base, &indices[0])) };
                return Ok(self.tape.read(known.vector, Spot::Even(place)));
            }
        }
        self.tabulated(base, values, indices, x)
    }

    fn not_constant(&self, base: &str, index: &Expression) -> Error {
        let what = format!("an index of `{base}`");
        let (got, place) =
            ("this depends on inputs".into(), self.program.source.place(&index.span, ""));
        Error::NotConstant { what, expected: "a whole number", got, place }
    }

    /// The length of a vector of this name that is declared.
    fn declared_length(&self, base: &str) -> Option<i64> {
        let groups = self.declared?.groups();
        let group = groups.iter().find(|group| group.name == base)?;
        group.length.map(i64::from)
    }

    fn declared_entry(&mut self, base: &'p str, even: Even, high: i64) -> Option<Value> {
        if high >= self.declared_length(base)? {
            return None;
        }
        let vector = self.declared_vector(base);
        Some(self.tape.read(vector, Spot::Even(even)))
    }

    fn declared_vector(&mut self, base: &'p str) -> usize {
        let known = self.vectors.entry((base, 0)).or_default();
        if let Some(known) = known.first() {
            return known.vector;
        }
        self.tape.vectors.push(Vector::Declared(base.to_owned()));
        let vector = self.tape.vectors.len() - 1;
        known.push(Known { vector, origin: 0, first: 0, count: 0 });
        vector
    }

    /// The vector that holds these entries. Inputs are added to one that is there; a definition may need the very loop that
    /// reads that one.
    fn vector(
        &mut self,
        base: &'p str,
        step: i64,
        first: i64,
        count: i64,
        x: &'p Expression,
    ) -> Result<Known, Error> {
        let end = first + step * count;
        let same = |known: &Known| (known.first - first) % step == 0;
        let holds = |known: &Known| {
            same(known) && known.first <= first && known.first + step * known.count >= end
        };
        let all = self.vectors.entry((base, step)).or_default();
        if let Some(known) = all.iter().find(|known| holds(known)) {
            return Ok(*known);
        }
        let touches = |known: &Known| {
            same(known) && known.first <= end && first <= known.first + step * known.count
        };
        let touched = all.iter().position(touches);
        self.charge_once(count as usize, x)?;
        let mut values = Vec::with_capacity(count as usize);
        for place in 0..count {
            let index = (first + step * place) as u64;
            values.push(self.global(&names::entry_name(base, &[index]), x)?);
        }
        let all = self.vectors.entry((base, step)).or_default();
        let entries = &self.tape.entries;
        let is_input = |value: &Value| match value {
            Value::Entry(entry) => matches!(entries[*entry], Entry::Input),
            Value::Known(_) | Value::Counted(_) => true,
            Value::Kept(..) => false,
        };
        if let Some(known) = touched.map(|position| &mut all[position])
            && let Vector::Values(old, before) = &mut self.tape.vectors[known.vector]
            && old.iter().chain(&values).all(is_input)
        {
            let more = (known.first - first) / step;
            let behind = (known.first + step * known.count - first) / step;
            if more > 0 {
                old.splice(0..0, values[..more as usize].iter().copied());
                *before += more as usize;
                known.first = first;
            }
            old.extend(values.iter().skip(behind as usize));
            known.count = old.len() as i64;
            return Ok(*known);
        }
        self.tape.vectors.push(Vector::Values(values, 0));
        let known = Known { vector: self.tape.vectors.len() - 1, origin: first, first, count };
        all.push(known);
        Ok(known)
    }

    /// The place of each iteration, computed as the text is read.
    fn tabulated(
        &mut self,
        base: &'p str,
        values: &[Value],
        indices: &[Expression],
        x: &'p Expression,
    ) -> Result<Value, Error> {
        let counters = self.tape.counters();
        let mut depths = Vec::new();
        let mut steps = Vec::new();
        for (value, index) in values.iter().zip(indices) {
            let Some(found) = self.tape.steps(*value) else {
                return Err(self.not_constant(base, index));
            };
            steps.push(found);
            depths.extend(self.tape.reach(*value).depths());
        }
        depths.sort_unstable();
        depths.dedup();
        let often = depths.iter().map(|&depth| counters[depth].count);
        let count = often.fold(1, usize::saturating_mul);
        let work: usize = steps.iter().map(Vec::len).sum::<usize>() + values.len();
        self.charge_once(count.saturating_mul(work), x)?;
        // The place among all iterations: the innermost loop moves it by one.
        let mut row = Some(Even::number(0));
        let mut stride = 1_i64;
        for &depth in depths.iter().rev() {
            let from = counters[depth].from;
            row = row
                .and_then(|row| row.plus(Even::counter(depth), stride))
                .and_then(|row| row.plus(Even::number(from.checked_mul(stride)?), -1));
            stride = stride.saturating_mul(counters[depth].count as i64);
        }
        let Some(row) = row else { return Err(self.not_constant(base, &indices[0])) };
        let mut all: Vec<Vec<f64>> = Vec::with_capacity(count);
        let mut results = HashMap::new();
        each(&counters, &depths, |now| {
            let places = values.iter().zip(&steps);
            let places =
                places.map(|(value, steps)| self.tape.number(*value, steps, now, &mut results));
            all.push(places.collect());
        });
        let is_place = |place: &f64| {
            *place >= 0.0 && place.fract() == 0.0 && *place <= crate::functions::LARGEST_WHOLE
        };
        if !all.iter().flatten().all(is_place) {
            return Err(self.not_constant(base, &indices[0]));
        }
        if let (1, Some(length)) = (values.len(), self.declared_length(base)) {
            if all.iter().any(|places| places[0] >= length as f64) {
                return Err(self.not_constant(base, &indices[0]));
            }
            let vector = self.declared_vector(base);
            self.tape.tables.push(all.iter().map(|places| places[0] as u32).collect());
            let spot = Spot::LookedUp(self.tape.tables.len() - 1, row);
            return Ok(self.tape.read(vector, spot));
        }
        let mut vector: Vec<Value> = Vec::new();
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut table: Vec<u32> = Vec::with_capacity(count);
        for places in all {
            let places: Vec<u64> = places.into_iter().map(|place| place as u64).collect();
            let name = names::entry_name(base, &places);
            let place = match known.get(&name) {
                Some(&place) => place,
                None => {
                    vector.push(self.global(&name, x)?);
                    let place = vector.len() as u32 - 1;
                    known.insert(name, place);
                    place
                }
            };
            table.push(place);
        }
        let is_even = table.iter().enumerate().all(|(k, place)| *place as usize == k);
        self.tape.vectors.push(Vector::Values(vector, 0));
        let vector = self.tape.vectors.len() - 1;
        let spot = match is_even {
            true => Spot::Even(row),
            false => {
                self.tape.tables.push(table);
                Spot::LookedUp(self.tape.tables.len() - 1, row)
            }
        };
        Ok(self.tape.read(vector, spot))
    }
}
