//! The loop: evaluate, look at the stop rules, move uphill.
//!
//! A change is made at once when all that it needs has been computed, so a training that is interrupted, wherever it is,
//! stands where the last whole change left it.

use std::sync::Arc;

use super::diverged::{self, LastGood};
use super::history::{History, Row};
use super::method::Memory;
use super::order::{Batches, Order};
use super::outcome::{BestOnValidation, Change, Outcome};
use super::rate::Rate;
use super::state::{Settings, TrainingState};
use super::stop::{Best, Reason, Rule, Stop};
use super::{Callback, DEFAULT_LIMIT, Trainer};
use crate::error::Error;
use crate::problem::Problem;

/// What changes while training runs, and what the rules need.
struct Run<'a> {
    problem: Problem,
    validation_problem: Option<(Problem, usize)>,
    settings: Settings,
    rate: Rate,
    callback: Option<Callback<'a>>,
    history: History,
    /// How many changes lie between looks by default.
    usual: usize,
    changes: usize,
    weights: Vec<f64>,
    memory: Memory,
    progress: Vec<(Stop, Option<Best>)>,
    validation: Option<BestOnValidation>,
    /// What was found at these weights.
    look: Look,
    rows: Vec<Row>,
}

/// What a look at the whole data found, as far as it was needed.
#[derive(Default)]
struct Look {
    performance: Option<f64>,
    length: Option<f64>,
    validation: Option<f64>,
}

pub(super) fn train(trainer: Trainer<'_>) -> Result<Outcome, Error> {
    check(&trainer)?;
    let mut run = Run::begin(trainer)?;
    let reason = match run.climb() {
        Ok(reason) => reason,
        // Between changes all is whole, and a change is made at once, when all that it needs has been computed.
        Err(error) if error.is_interruption() => Reason::Interrupted,
        Err(error) => return Err(error),
    };
    run.outcome(reason)
}

fn check(trainer: &Trainer<'_>) -> Result<(), Error> {
    trainer.rate.check()?;
    trainer.order.check()?;
    trainer.method.check()?;
    trainer.stops.iter().try_for_each(Stop::check)?;
    let somebody_stops = trainer.callback.is_some() || trainer.interrupt.is_some();
    if trainer.stops.is_empty() && trainer.validation.is_none() && !somebody_stops {
        return Err(Error::setting(
            "nothing says when to stop; add a rule, such as `.stop(Stop::changes(1000))`",
        ));
    }
    if trainer.validation.as_ref().is_some_and(|(_, patience)| *patience == 0) {
        return Err(Error::setting("a patience of 0 changes on validation data; give at least 1"));
    }
    Ok(())
}

impl<'a> Run<'a> {
    fn begin(trainer: Trainer<'a>) -> Result<Run<'a>, Error> {
        let mut problem = trainer.task.problem()?;
        if let Some(ranks) = trainer.ranks {
            problem = problem.among(ranks)?;
        }
        if !problem.ranks().is_alone() && trainer.order != Order::FullBatch {
            return Err(Error::setting(
                "several ranks share the samples of a change, so each change looks at all of them; take the order of full \
                 batches, or one rank",
            ));
        }
        let mut validation_problem = match &trainer.validation {
            Some((samples, patience)) => Some((problem.with_samples(samples)?, *patience)),
            None => None,
        };
        let settings = Settings {
            performance: problem.performance_name(),
            samples: fingerprint(&problem)?,
            validation: validation_problem
                .as_ref()
                .map(|(problem, _)| fingerprint(problem))
                .transpose()?,
            order: trainer.order,
            method: trainer.method,
            convention: trainer.convention,
            seed: trainer.seed,
        };
        if let Some(flag) = trainer.interrupt {
            problem = problem.interrupted_by(Arc::clone(&flag));
            validation_problem = validation_problem
                .map(|(problem, patience)| (problem.interrupted_by(flag), patience));
        }
        let mut stops = trainer.stops;
        if !stops.iter().any(|stop| matches!(stop.rule(), Rule::Changes { .. })) {
            stops.push(Stop::changes(DEFAULT_LIMIT));
        }
        let usual = trainer.order.changes_per_pass(problem.ranks().all());
        let mut run = Run {
            validation_problem,
            settings,
            rate: trainer.rate,
            callback: trainer.callback,
            history: trainer.history,
            usual,
            changes: 0,
            weights: Vec::new(),
            memory: Memory::new(trainer.method, problem.network().weight_count()),
            progress: stops.into_iter().map(|stop| (stop, None)).collect(),
            validation: None,
            look: Look::default(),
            rows: Vec::new(),
            problem,
        };
        run.prepare()?;
        match trainer.resume {
            None => run.weights = trainer.start.weights(run.problem.network(), trainer.seed)?,
            Some(state) => {
                state.check(&run.settings, &run.problem)?;
                for (stop, best) in &mut run.progress {
                    let before = state.progress.iter().find(|(before, _)| before == stop);
                    *best = before.and_then(|(_, best)| *best);
                }
                run.changes = state.changes;
                run.weights = state.weights;
                run.memory = state.memory;
                run.validation = state.validation;
            }
        }
        Ok(run)
    }

    /// Compiles what the climb needs, so that nothing is compiled once it has begun.
    fn prepare(&self) -> Result<(), Error> {
        let by_parts = self.settings.order != Order::FullBatch;
        let looks = |stop: &Stop| match stop.rule() {
            Rule::Performance { .. } | Rule::NoProgress { .. } => by_parts,
            _ => false,
        };
        let performance =
            self.validation_problem.is_some() || self.progress.iter().any(|(stop, _)| looks(stop));
        let outputs = |stop: &Stop| matches!(stop.rule(), Rule::OutputsWithin { .. });
        self.problem.prepare(performance, self.progress.iter().any(|(stop, _)| outputs(stop)))
    }

    /// Changes weights until there is a reason to stop.
    fn climb(&mut self) -> Result<Reason, Error> {
        let (order, method) = (self.settings.order, self.settings.method);
        // Batches are of this rank's samples, passes go over those of all.
        let samples = self.problem.ranks().all();
        let mut batches = Batches::new(order, self.problem.samples().len(), self.settings.seed);
        let frozen: Vec<bool> =
            self.problem.network().weights().iter().map(|weight| weight.frozen).collect();
        let mut last_good = LastGood { weights: self.weights.clone(), change: self.changes };
        loop {
            let n = self.changes;
            self.look = Look::default();
            diverged::check(&self.problem, n, &self.weights, None, &last_good)?;
            let (performance, gradient) = self.problem.of_rows(&batches.rows(n), &self.weights)?;
            let found = Some((performance, gradient.as_slice()));
            diverged::check(&self.problem, n, &self.weights, found, &last_good)?;

            let keep = self.history.is_due(n, self.usual);
            if order == Order::FullBatch {
                self.look.performance = Some(performance);
                self.look.length = Some(length(&gradient));
            } else if keep
                || self.progress.iter().any(|(stop, _)| stop.needs_gradient(n, self.usual))
            {
                let (performance, gradient) = self.problem.with_gradient(&self.weights)?;
                let found = Some((performance, gradient.as_slice()));
                diverged::check(&self.problem, n, &self.weights, found, &last_good)?;
                self.look.performance = Some(performance);
                self.look.length = Some(length(&gradient));
            }
            last_good.weights.clone_from(&self.weights);
            last_good.change = n;

            let step = self.rate.at(n);
            let pass = n / order.changes_per_pass(samples);
            let stopped_by_caller = self.calls_back(step, pass, performance, &gradient)?;
            let reason = self.reason()?;
            if keep {
                self.keep_row(step, pass)?;
            }
            if let Some(reason) = reason.or(stopped_by_caller.then_some(Reason::Callback)) {
                return Ok(reason);
            }
            if self.problem.is_interrupted() {
                return Ok(Reason::Interrupted);
            }
            let scaled = step * self.settings.convention.factor();
            let is_frozen = |weight: usize| frozen[weight];
            self.memory.climb(method, &mut self.weights, &gradient, scaled, is_frozen);
            self.changes += 1;
        }
    }

    /// Whether the callback asks to stop, that of any rank.
    fn calls_back(
        &mut self,
        rate: f64,
        pass: usize,
        performance: f64,
        gradient: &[f64],
    ) -> Result<bool, Error> {
        let stops = self.asks_callback(rate, pass, performance, gradient);
        Ok(uphill_ranks::any(self.problem.ranks().communicator(), stops)?)
    }

    fn asks_callback(
        &mut self,
        rate: f64,
        pass: usize,
        performance: f64,
        gradient: &[f64],
    ) -> bool {
        let Some(mut callback) = self.callback.take() else { return false };
        let change = Change {
            number: self.changes,
            pass,
            rate,
            performance,
            gradient_length: length(gradient),
            gradient,
            weights: &self.weights,
            state: &|| Ok(self.state(Some(self.performance()?))),
        };
        let stops = callback(&change).is_break();
        self.callback = Some(callback);
        stops
    }

    fn keep_row(&mut self, rate: f64, pass: usize) -> Result<(), Error> {
        let Look { performance: Some(performance), length: Some(gradient_length), validation } =
            self.look
        else {
            return Ok(());
        };
        self.rows.push(Row {
            change: self.changes,
            pass,
            rate,
            performance,
            gradient_length,
            per_sample: self.problem.per_sample(performance, &self.weights)?,
            validation,
            weights: self.history.keeps_weights().then(|| self.weights.clone()),
        });
        Ok(())
    }

    /// P at these weights, over all samples.
    fn performance(&self) -> Result<f64, Error> {
        match self.look.performance {
            Some(performance) => Ok(performance),
            None => self.problem.performance(&self.weights),
        }
    }

    fn outcome(self, reason: Reason) -> Result<Outcome, Error> {
        // Who interrupts does not wait for P.
        let performance = match reason {
            Reason::Interrupted => self.look.performance,
            _ => match self.performance() {
                Err(error) if error.is_interruption() => None,
                performance => Some(performance?),
            },
        };
        let state = self.state(performance);
        Ok(Outcome {
            weights: self.weights,
            performance: performance.unwrap_or(f64::NAN),
            changes: self.changes,
            reason,
            history: self.rows,
            validation: self.validation,
            state,
        })
    }

    fn state(&self, performance: Option<f64>) -> TrainingState {
        TrainingState {
            changes: self.changes,
            weights: self.weights.clone(),
            performance,
            memory: self.memory.clone(),
            progress: self.progress.clone(),
            validation: self.validation.clone(),
            settings: self.settings.clone(),
        }
    }

    /// The first reason to stop now, if there is one. Every rule that is due takes note, whichever stops.
    fn reason(&mut self) -> Result<Option<Reason>, Error> {
        let (n, look) = (self.changes, &mut self.look);
        let mut reason = None;
        for (stop, best) in &mut self.progress {
            if !stop.is_due(n, self.usual) {
                continue;
            }
            let mut performance = || -> Result<f64, Error> {
                match look.performance {
                    Some(performance) => Ok(performance),
                    None => {
                        let performance = self.problem.performance(&self.weights)?;
                        look.performance = Some(performance);
                        Ok(performance)
                    }
                }
            };
            let holds = match stop.rule() {
                Rule::Performance { at_least } => performance()? >= at_least,
                Rule::OutputsWithin { tolerance } => {
                    self.problem.largest_error(&self.weights)? < tolerance
                }
                Rule::GradientShorterThan { length } => {
                    look.length.is_some_and(|found| found < length)
                }
                Rule::NoProgress { changes, least } => {
                    let now = Best { performance: performance()?, change: n };
                    Best::note(best, now, least) >= changes
                }
                Rule::Changes { at_most } => n >= at_most,
            };
            if holds && reason.is_none() {
                reason = Some(Reason::Rule(*stop));
            }
        }
        if let Some((problem, patience)) = &self.validation_problem
            && n.is_multiple_of(self.usual)
        {
            let performance = problem.performance_per_sample(&self.weights)?;
            look.validation = Some(performance);
            let best = self.validation.as_ref();
            if performance.is_finite() && best.is_none_or(|b| performance > b.performance) {
                let weights = self.weights.clone();
                self.validation = Some(BestOnValidation { performance, change: n, weights });
            }
            let best_change = self.validation.as_ref().map_or(0, |best| best.change);
            if n - best_change >= *patience && reason.is_none() {
                reason = Some(Reason::Validation { best_change });
            }
        }
        Ok(reason)
    }
}

impl Stop {
    fn needs_gradient(&self, changes: usize, usual: usize) -> bool {
        matches!(self.rule(), Rule::GradientShorterThan { .. }) && self.is_due(changes, usual)
    }
}

fn fingerprint(problem: &Problem) -> Result<String, Error> {
    Ok(format!("{:016x}", problem.samples().fingerprint(problem.ranks())?))
}

/// The Euclidean length, scaled so that squares don't overflow.
fn length(gradient: &[f64]) -> f64 {
    let largest = gradient.iter().fold(0.0, |largest: f64, entry| largest.max(entry.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    let squares = gradient.iter().map(|entry| (entry / largest) * (entry / largest));
    largest * squares.sum::<f64>().sqrt()
}
