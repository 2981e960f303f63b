//! The loop: evaluate, look at the stop rules, move uphill.

use super::diverged::{self, LastGood};
use super::history::Row;
use super::method::Memory;
use super::order::{Batches, Order};
use super::outcome::{BestOnValidation, Change, Outcome};
use super::state::{Settings, TrainingState};
use super::stop::{Best, Reason, Rule, Stop};
use super::{DEFAULT_LIMIT, Trainer};
use crate::error::Error;
use crate::problem::Problem;
use crate::samples::Samples;

/// What changes while training runs, and what the rules need.
struct Run {
    problem: Problem,
    validation_problem: Option<(Problem, usize)>,
    settings: Settings,
    /// How many changes lie between looks by default.
    usual: usize,
    changes: usize,
    weights: Vec<f64>,
    memory: Memory,
    progress: Vec<(Stop, Option<Best>)>,
    validation: Option<BestOnValidation>,
}

pub(super) fn train(mut trainer: Trainer<'_>) -> Result<Outcome, Error> {
    let mut callback = trainer.callback.take();
    check(&trainer, callback.is_some())?;
    let (rate, convention, history) = (trainer.rate, trainer.convention, trainer.history);
    let (order, method) = (trainer.order, trainer.method);
    let mut run = Run::begin(trainer)?;
    let samples = run.problem.samples().len();
    let mut batches = Batches::new(order, samples, run.settings.seed);
    let frozen: Vec<bool> =
        run.problem.network().weights().iter().map(|weight| weight.frozen).collect();
    let mut rows = Vec::new();
    let mut last_good = LastGood { weights: run.weights.clone(), change: run.changes };
    loop {
        let n = run.changes;
        diverged::check(&run.problem, n, &run.weights, None, &last_good)?;
        let (performance, gradient) = run.problem.of_rows(&batches.rows(n), &run.weights)?;
        let found = Some((performance, gradient.as_slice()));
        diverged::check(&run.problem, n, &run.weights, found, &last_good)?;

        let keep = history.is_due(n, run.usual);
        let mut look = Look { performance: None, length: None, validation: None };
        if order == Order::FullBatch {
            look.performance = Some(performance);
            look.length = Some(length(&gradient));
        } else if keep || run.progress.iter().any(|(stop, _)| stop.needs_gradient(n, run.usual)) {
            let (performance, gradient) = run.problem.with_gradient(&run.weights)?;
            let found = Some((performance, gradient.as_slice()));
            diverged::check(&run.problem, n, &run.weights, found, &last_good)?;
            look.performance = Some(performance);
            look.length = Some(length(&gradient));
        }
        last_good.weights.clone_from(&run.weights);
        last_good.change = n;

        let step = rate.at(n);
        let pass = n / order.changes_per_pass(samples);
        let stopped_by_caller = callback.as_mut().is_some_and(|callback| {
            let change = Change {
                number: n,
                pass,
                rate: step,
                performance,
                gradient_length: length(&gradient),
                gradient: &gradient,
                weights: &run.weights,
                state: &|| run.state(look.performance),
            };
            callback(&change).is_break()
        });
        let reason = run.reason(&mut look)?;
        if keep && let (Some(performance), Some(gradient_length)) = (look.performance, look.length)
        {
            let weights = history.keeps_weights().then(|| run.weights.clone());
            let validation = look.validation;
            rows.push(Row {
                change: n,
                pass,
                rate: step,
                performance,
                gradient_length,
                per_sample: run.problem.per_sample(performance, &run.weights)?,
                validation,
                weights,
            });
        }
        if let Some(reason) = reason.or(stopped_by_caller.then_some(Reason::Callback)) {
            let state = run.state(look.performance)?;
            return Ok(Outcome {
                performance: state.performance,
                weights: run.weights,
                changes: n,
                reason,
                history: rows,
                validation: run.validation,
                state,
            });
        }
        let scaled = step * convention.factor();
        run.memory.climb(method, &mut run.weights, &gradient, scaled, |weight| frozen[weight]);
        run.changes += 1;
    }
}

/// What a look at the whole data found, as far as it was needed.
struct Look {
    performance: Option<f64>,
    length: Option<f64>,
    validation: Option<f64>,
}

fn check(trainer: &Trainer<'_>, has_callback: bool) -> Result<(), Error> {
    trainer.rate.check()?;
    trainer.order.check()?;
    trainer.method.check()?;
    trainer.stops.iter().try_for_each(Stop::check)?;
    if trainer.stops.is_empty() && trainer.validation.is_none() && !has_callback {
        return Err(Error::setting(
            "nothing says when to stop; add a rule, such as `.stop(Stop::changes(1000))`",
        ));
    }
    if trainer.validation.as_ref().is_some_and(|(_, patience)| *patience == 0) {
        return Err(Error::setting("a patience of 0 changes on validation data; give at least 1"));
    }
    Ok(())
}

impl Run {
    fn begin(trainer: Trainer<'_>) -> Result<Run, Error> {
        let settings = Settings {
            performance: trainer.performance.name(),
            samples: fingerprint(&trainer.samples)?,
            validation: match &trainer.validation {
                Some((samples, _)) => Some(fingerprint(samples)?),
                None => None,
            },
            order: trainer.order,
            method: trainer.method,
            convention: trainer.convention,
            seed: trainer.seed,
        };
        let problem = Problem::from_erased(trainer.network, trainer.performance, trainer.samples)?;
        let validation_problem = match &trainer.validation {
            Some((samples, patience)) => Some((problem.with_samples(samples)?, *patience)),
            None => None,
        };
        let mut stops = trainer.stops;
        if !stops.iter().any(|stop| matches!(stop.rule(), Rule::Changes { .. })) {
            stops.push(Stop::changes(DEFAULT_LIMIT));
        }
        let usual = trainer.order.changes_per_pass(problem.samples().len());
        let mut run = Run {
            validation_problem,
            settings,
            usual,
            changes: 0,
            weights: Vec::new(),
            memory: Memory::new(trainer.method, problem.network().weight_count()),
            progress: stops.into_iter().map(|stop| (stop, None)).collect(),
            validation: None,
            problem,
        };
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

    fn state(&self, performance: Option<f64>) -> Result<TrainingState, Error> {
        let performance = match performance {
            Some(performance) => performance,
            None => self.problem.performance(&self.weights)?,
        };
        Ok(TrainingState {
            changes: self.changes,
            weights: self.weights.clone(),
            performance,
            memory: self.memory.clone(),
            progress: self.progress.clone(),
            validation: self.validation.clone(),
            settings: self.settings.clone(),
        })
    }

    /// The first reason to stop now, if there is one. Every rule that is due takes note, whichever stops.
    fn reason(&mut self, look: &mut Look) -> Result<Option<Reason>, Error> {
        let n = self.changes;
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

fn fingerprint(samples: &Samples) -> Result<String, Error> {
    Ok(format!("{:016x}", samples.fingerprint()?))
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
