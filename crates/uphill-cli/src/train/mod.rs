//! `uphill train`: a network of sigmoid nodes from a table, by climbing a performance.
//!
//! The table is read and split ([`data`], `columns`), the network wired with the names of the columns (`network`), then
//! `uphill-nn` trains while somebody may watch (`progress`) or press Ctrl-C; the report says how good it is on rows
//! that it has not seen.

pub mod arguments;
pub mod choices;
mod columns;
pub mod data;
mod limits;
mod network;
mod progress;
mod report;
pub mod stopping;

use std::ops::ControlFlow;
use std::sync::Arc;

use uphill_learn::{Score, Settings, TableModel};
use uphill_nn::{
    History, Model, Network, Outcome, Performance, Problem, Reason, Rule, Trainer, TrainingState,
};
use uphill_pictures::Learning;
use uphill_ranks::agree;
use uphill_table::scaling::Scaling;

pub use arguments::Arguments;

use crate::drawing::Target;
use crate::error::Error;
use crate::file::{Destination, Input};
use crate::output::Output;
use crate::ranks::Ranks;
use crate::{history, interrupt, model, roles};
use data::Data;

/// What is to be trained: from scratch, or from where a saved model stands.
struct Plan {
    data: Data,
    network: Network,
    settings: Settings,
    resume: Option<TrainingState>,
}

/// Trains.
///
/// # Errors
///
/// Those of reading the table, of settings that can't be followed, of training and of saving.
pub fn run(arguments: Arguments, output: &Output) -> Result<(), Error> {
    let ranks = Ranks::begin(arguments.patience);
    let done = run_among(&arguments, &ranks, &ranks.output(output));
    ranks.ended(done, output)
}

fn run_among(arguments: &Arguments, ranks: &Ranks, output: &Output) -> Result<(), Error> {
    if arguments.history_every == Some(0) {
        return Err(Error::Use("--history-every 0: give at least 1 change".into()));
    }
    let save = destination(arguments);
    let history = arguments.history.as_ref().map(|h| Destination::new(h, arguments.force));
    let drawn = arguments.picture.as_ref().map(|p| Destination::new(p, arguments.force));
    ranks.first_does(|| {
        tell_apart(arguments, save.as_ref(), history.as_ref(), drawn.as_ref())?;
        save.iter().chain(&history).try_for_each(Destination::check)
    })?;
    let picture = arguments.picture.as_ref().map(|file| Target::of(file, arguments.force));
    let picture = picture.transpose()?;
    let files = save.iter().chain(&history).chain(picture.as_ref().map(Target::destination));
    let beside = Destination::any_is_standard(files, arguments.json)?;
    let plan = match &arguments.resume {
        Some(file) => {
            crate::trained::both(file, &arguments.table)?;
            resumed(arguments, file, ranks, output)?
        }
        None => begun(arguments, ranks, output)?,
    };
    let training = &plan.data.parts.training;
    let problem = Problem::new(&plan.network, plan.settings.performance.clone(), training);
    let problem = agree(ranks.communicator(), problem)?.among(ranks.shared())?;
    let keeps_history = history.is_some() || picture.is_some();
    let outcome = climb(&plan, &problem, arguments, keeps_history, output)?;
    // Where validation rows said when to stop, the weights that were best on them are the result.
    let weights = outcome.validation.as_ref().map_or(&outcome.weights, |best| &best.weights);
    let network = Model::new(&plan.network, weights)?.with_training(outcome.state.clone());
    let recipe = plan.data.parts.recipe.as_ref().clone();
    let saved = TableModel { recipe, settings: plan.settings.clone(), model: network };
    let rows = uphill_learn::history::by_row(&outcome);
    // First the work is made safe, then it is told.
    ranks.first_does(|| {
        if let Some(to) = &save {
            model::write(&saved, to)?;
        }
        if let Some(to) = &history {
            history::write(to, &plan.network, &rows)?;
        }
        if let Some(to) = &picture {
            to.write(&Learning::of(&rows)?.named(history::PERFORMANCE).picture())?;
        }
        Ok(())
    })?;
    if outcome.reason == Reason::Interrupted && save.is_some() && is_long(&plan) {
        output.remark("saved; how good it is takes a while, and Ctrl-C again leaves that out");
    }
    let mut report =
        report(&plan, &problem, &outcome, &saved, save.as_ref(), arguments.scale.into())?;
    report.picture = picture.as_ref().map(ToString::to_string);
    output.report(&if arguments.json { report.json() } else { report.text() }, beside)
}

/// Whether it takes so long to compute all outputs of all rows that somebody who pressed Ctrl-C would wonder.
fn is_long(plan: &Plan) -> bool {
    const MANY_STEPS: usize = 100_000_000;
    let weights = plan.network.weight_count();
    weights > network::MANY_WEIGHTS || weights.saturating_mul(plan.data.rows) > MANY_STEPS
}

/// Where the model goes: the name given, else the file that training goes on from.
fn destination(arguments: &Arguments) -> Option<Destination> {
    match (&arguments.save, &arguments.resume) {
        (Some(file), _) => Some(Destination::new(file, arguments.force)),
        (None, Some(file)) if file != "-" => Some(Destination::new(file, true)),
        _ => None,
    }
}

/// No file may have two roles, but for the model that training goes on from, which the new one may replace.
fn tell_apart(
    arguments: &Arguments,
    save: Option<&Destination>,
    history: Option<&Destination>,
    picture: Option<&Destination>,
) -> Result<(), Error> {
    let table = ("the table", Some(arguments.table.as_str()));
    let resume = ("the model", arguments.resume.as_deref());
    let saved = if arguments.save.is_some() { "--save" } else { "the model of --resume" };
    let (history, picture) = (("--history", history), ("--picture", picture));
    roles::tell_apart(&[table], &[(saved, save), history, picture])?;
    roles::tell_apart(&[resume], &[history, picture])
}

fn begun(arguments: &Arguments, ranks: &Ranks, output: &Output) -> Result<Plan, Error> {
    limits::check(arguments)?;
    let data = data::read(arguments, ranks.communicator())?;
    data.remarks.iter().for_each(|remark| output.remark(remark));
    let network = network::build(&data.parts.recipe, arguments, output)?;
    let count = ranks.communicator().count();
    let settings = limits::settings(arguments, &data.parts, data.rows, count)?;
    Ok(Plan { data, network, settings, resume: None })
}

fn resumed(
    arguments: &Arguments,
    file: &str,
    ranks: &Ranks,
    output: &Output,
) -> Result<Plan, Error> {
    let saved = model::read_among(&Input::from(file), ranks.communicator())?;
    let Some(state) = saved.model.training().cloned() else {
        return Err(Error::Model {
            file: Input::from(file).to_string(),
            what: "it doesn't say where its training stands, so training can't go on".into(),
        });
    };
    let mut settings = saved.settings;
    if let Some(rate) = arguments.rate {
        settings.rate = rate.0;
    }
    let mut recipe = saved.recipe;
    arguments.table_options.written.change(&mut recipe, arguments.filling.fill)?;
    let data = data::read_by(arguments, Arc::new(recipe), &settings, ranks.communicator())?;
    data.remarks.iter().for_each(|remark| output.remark(remark));
    let network = saved.model.network().clone();
    Ok(Plan { data, network, settings, resume: Some(state) })
}

fn climb(
    plan: &Plan,
    problem: &Problem,
    arguments: &Arguments,
    keep_history: bool,
    output: &Output,
) -> Result<Outcome, Error> {
    let Plan { data, network, settings, resume } = plan;
    let parts = &data.parts;
    let rows = data.rows;
    let before = resume.as_ref().map_or(0, TrainingState::changes);
    let (stops, limit) = limits::stops(arguments, settings.order, rows, before);
    let remark = format!(
        "training on {}, at most {}; Ctrl-C stops{}",
        crate::numbers::counted(rows, "row"),
        crate::numbers::counted(limit, "change"),
        if destination(arguments).is_some() { " and saves" } else { "" }
    );
    let bar = progress::Progress::begin(output, remark, network.weight_count(), before, limit);
    // What a row adds to P, as in the report.
    let seen = rows / settings.order.changes_per_pass(rows);
    let by_row = |performance: f64, weights: &[f64]| {
        let chosen = &settings.performance;
        let own = chosen.regularise(weights) * chosen.share(seen, rows);
        (performance - own) / if chosen.is_mean() { 1.0 } else { seen.max(1) as f64 }
    };
    let mut trainer = Trainer::of(problem)
        .interrupted_by(interrupt::flag())
        .start(settings.start.clone())
        .seed(settings.seed)
        .rate(settings.rate)
        .order(settings.order)
        .method(settings.method)
        .convention(settings.convention)
        .history(kept(keep_history, arguments))
        .on_change(|change| {
            // Until here, where a large network was compiled and evaluated for the first time, there is nothing to stop
            // at or to save: Ctrl-C ends the program at once.
            interrupt::watch();
            bar.show(change, by_row(change.performance, change.weights));
            ControlFlow::Continue(())
        });
    for stop in stops {
        trainer = trainer.stop(stop);
    }
    if let Some(validation) = &parts.validation {
        let patience = settings.patience.unwrap_or(usize::MAX);
        trainer = trainer.validation(validation, patience);
    }
    if let Some(state) = resume {
        trainer = trainer.resume(state.clone());
    }
    let outcome = trainer.train();
    bar.end();
    Ok(outcome?)
}

/// How often a row is kept, and what is in it.
fn kept(keep_history: bool, arguments: &Arguments) -> History {
    let history = match (keep_history, arguments.history_every) {
        (false, _) => History::none(),
        (true, None) => History::default(),
        (true, Some(changes)) => History::every(changes),
    };
    if arguments.history_weights { history.with_weights() } else { history }
}

/// Whether a limit of changes ended it.
fn is_limit(reason: Reason) -> bool {
    matches!(reason, Reason::Rule(stop) if matches!(stop.rule(), Rule::Changes { .. }))
}

fn report<'p>(
    plan: &'p Plan,
    problem: &Problem,
    outcome: &Outcome,
    saved: &TableModel,
    save: Option<&Destination>,
    scaling: Scaling,
) -> Result<report::Report<'p>, Error> {
    let weights = saved.model.weights();
    let parts = &plan.data.parts;
    let before = plan.resume.as_ref().map(TrainingState::changes);
    let score = |samples| Score::of(problem, samples, &parts.recipe, weights).map_err(Error::from);
    Ok(report::Report {
        recipe: &parts.recipe,
        in_file: parts.in_file,
        tally: &plan.data.tally,
        scaling: plan.resume.is_none().then_some(scaling),
        network: &plan.network,
        settings: &plan.settings,
        changes: outcome.changes,
        stopped: match outcome.reason {
            Reason::Interrupted => "somebody asked to, by Ctrl-C".into(),
            _ if before == Some(outcome.changes) && is_limit(outcome.reason) => {
                "so many were made before; --changes and --passes count from the first one".into()
            }
            reason => reason.to_string(),
        },
        interrupted: outcome.reason == Reason::Interrupted,
        best_change: outcome.validation.as_ref().map(|best| best.change),
        training: score(&parts.training)?,
        validation: parts.validation.as_ref().map(score).transpose()?,
        test: parts.test.as_ref().map(score).transpose()?,
        saved: save.map(ToString::to_string),
        picture: None,
    })
}
