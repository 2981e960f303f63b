//! What a program gives: vectors and single numbers, with names that are made when they are asked for.
//!
//! A vector of a million entries is kept like a single number: its name, where it lies, and how long it is.

use std::ops::Range;

/// Where an output is found after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// One number a call, at this address.
    PerCall(u32),
    /// One number a sample, at this per-sample address.
    PerSample(u32),
}

impl Place {
    pub(crate) fn per_call(self) -> Option<u32> {
        match self {
            Place::PerCall(address) => Some(address),
            Place::PerSample(_) => None,
        }
    }

    pub(crate) fn per_sample(self) -> Option<u32> {
        match self {
            Place::PerCall(_) => None,
            Place::PerSample(address) => Some(address),
        }
    }

    /// The place so many addresses further on.
    pub(crate) fn behind(self, entries: u32) -> Place {
        match self {
            Place::PerCall(address) => Place::PerCall(address.wrapping_add(entries)),
            Place::PerSample(address) => Place::PerSample(address.wrapping_add(entries)),
        }
    }
}

/// The outputs of a program, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Outputs {
    list: Vec<Output>,
    /// The same for a run, which needs no names: what lies one after the other is one, whatever it is called.
    runs: Vec<Run>,
    count: usize,
    per_sample: usize,
}

/// A single output, or entries of a vector that lie one after the other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Output {
    /// The name, or that of the vector.
    name: String,
    /// Which entry of the vector the first one is.
    first: Option<u32>,
    pub(crate) place: Place,
    pub(crate) count: u32,
}

/// So many outputs that lie one after the other, from the first one's place on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) place: Place,
    pub(crate) count: u32,
}

impl Output {
    /// The name of one of its numbers.
    fn name(&self, number: u32) -> String {
        match self.first {
            None => self.name.clone(),
            Some(first) => format!("{}[{}]", self.name, first + number),
        }
    }

    /// `P`, or `g[0..100]`.
    pub(crate) fn all(&self) -> String {
        match self.first {
            Some(first) if self.count > 1 => {
                format!("{}[{first}..{}]", self.name, first + self.count)
            }
            _ => self.name(0),
        }
    }

    /// The names of its numbers, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        (0..self.count).map(|number| self.name(number))
    }
}

impl Outputs {
    pub(crate) fn with_capacity(outputs: usize) -> Outputs {
        let (list, runs) = (Vec::with_capacity(outputs), Vec::with_capacity(outputs));
        Outputs { list, runs, ..Outputs::default() }
    }

    /// Adds a single output; or, from its entry `first` on, so many entries of a vector of this name.
    pub(crate) fn push(&mut self, name: String, first: Option<u32>, place: Place, count: u32) {
        if count == 0 {
            return;
        }
        self.count += count as usize;
        if place.per_sample().is_some() {
            self.per_sample += count as usize;
        }
        match self.runs.last_mut() {
            Some(run) if run.place.behind(run.count) == place => run.count += count,
            _ => self.runs.push(Run { place, count }),
        }
        if let (Some(last), Some(first)) = (self.list.last_mut(), first)
            && last.first.is_some_and(|start| start + last.count == first)
            && last.place.behind(last.count) == place
            && last.name == name
        {
            last.count += count;
            return;
        }
        self.list.push(Output { name, first, place, count });
    }

    /// How many there are, each entry of a vector counted.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// How many of them are one number a sample.
    pub(crate) fn per_sample(&self) -> usize {
        self.per_sample
    }

    /// How many of them are one number a call.
    pub(crate) fn per_call(&self) -> usize {
        self.count - self.per_sample
    }

    /// Vectors as one, as far as they lie in one piece.
    pub(crate) fn list(&self) -> &[Output] {
        &self.list
    }

    /// Whether the number at this address is an output once a call. Vectors are told as one.
    pub(crate) fn has(&self, address: u32) -> bool {
        self.runs().iter().any(|run| match run.place {
            Place::PerCall(first) => (first..first + run.count).contains(&address),
            Place::PerSample(_) => false,
        })
    }

    pub(crate) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The names of all, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        self.list.iter().flat_map(Output::names)
    }

    /// The name of the one with this number.
    pub(crate) fn name(&self, number: usize) -> Option<String> {
        let mut number = u32::try_from(number).ok()?;
        for output in &self.list {
            match number.checked_sub(output.count) {
                None => return Some(output.name(number)),
                Some(behind) => number = behind,
            }
        }
        None
    }

    /// The addresses of those that are one number a sample.
    pub(crate) fn sample_addresses(&self) -> impl Iterator<Item = u32> {
        self.runs.iter().flat_map(|run| {
            let first = run.place.per_sample();
            first.into_iter().flat_map(|first| first..first + run.count)
        })
    }

    /// The addresses of those that are one number a call.
    pub(crate) fn call_addresses(&self) -> impl Iterator<Item = u32> {
        self.runs.iter().flat_map(|run| {
            let first = run.place.per_call();
            first.into_iter().flat_map(|first| first..first + run.count)
        })
    }

    /// The addresses of runs that are one number a call, and how many outputs come before each; of programs without samples.
    pub(crate) fn call_runs(&self) -> impl Iterator<Item = (usize, Range<u32>)> {
        let mut at = 0;
        self.runs.iter().filter_map(move |run| {
            let before = at;
            at += run.count as usize;
            run.place.per_call().map(|first| (before, first..first + run.count))
        })
    }

    /// Copies those that are one number a call out of memory, over so many samples.
    #[inline]
    pub(crate) fn copy(&self, memory: &[f64], samples: usize, outputs: &mut [f64]) {
        self.copy_but(memory, samples, outputs, &|_| false);
    }

    /// The same, but for runs that are there already, told by how many outputs come before them.
    #[inline]
    pub(crate) fn copy_but(
        &self,
        memory: &[f64],
        samples: usize,
        outputs: &mut [f64],
        is_there: &dyn Fn(usize) -> bool,
    ) {
        let mut at = 0;
        for run in &self.runs {
            let count = run.count as usize;
            match run.place {
                Place::PerSample(_) => at += count * samples,
                Place::PerCall(address) if count == 1 => {
                    outputs[at] = memory[address as usize];
                    at += 1;
                }
                Place::PerCall(address) => {
                    if !is_there(at) {
                        outputs[at..at + count]
                            .copy_from_slice(&memory[address as usize..address as usize + count]);
                    }
                    at += count;
                }
            }
        }
    }
}

impl FromIterator<(String, Place)> for Outputs {
    fn from_iter<I: IntoIterator<Item = (String, Place)>>(singles: I) -> Outputs {
        let mut outputs = Outputs::default();
        singles.into_iter().for_each(|(name, place)| outputs.push(name, None, place, 1));
        outputs
    }
}
