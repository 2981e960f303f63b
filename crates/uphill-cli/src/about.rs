//! Which file an error is about: each command's files, and the kinds of errors that come of what is in them.

use crate::command::Command;
use crate::error::Error;
use crate::file::Input;
use crate::{formula, plot};

/// The files of a command whose contents can be wrong in ways that their readers don't see.
#[derive(Debug, Default)]
pub(crate) struct Files {
    formula: Option<String>,
    model: Option<String>,
    history: Option<String>,
}

impl Files {
    /// The files of a command.
    pub(crate) fn of(command: &Command) -> Files {
        let formula = |given: &str| formula::file(given).map(str::to_owned);
        let mut files = Files::default();
        match command {
            Command::Grad(arguments) => files.formula = formula(&arguments.formula),
            Command::Fit(arguments) => files.formula = formula(&arguments.task.model),
            Command::Solve(arguments) => files.formula = formula(&arguments.problem),
            Command::Train(arguments) => files.model.clone_from(&arguments.resume),
            Command::Predict(arguments) => files.model = Some(arguments.model.clone()),
            Command::Evaluate(arguments) => files.model = Some(arguments.model.clone()),
            Command::Check(arguments) => {
                files.formula = arguments.formula.as_deref().and_then(formula);
                files.model.clone_from(&arguments.model);
            }
            Command::Export(arguments) => {
                files.formula = arguments.formula.as_deref().and_then(formula);
                files.model.clone_from(&arguments.model);
            }
            Command::View(arguments) => {
                files.formula = arguments.formula.as_deref().and_then(formula);
                files.model.clone_from(&arguments.model);
                files.history.clone_from(&arguments.history);
            }
            Command::Plot(arguments) => match &arguments.kind {
                plot::Kind::Surface(arguments) => {
                    files.formula = arguments.formula.as_deref().and_then(formula);
                    files.model.clone_from(&arguments.model);
                    files.history.clone_from(&arguments.history);
                }
                plot::Kind::Learning(arguments) => files.history = Some(arguments.history.clone()),
                plot::Kind::Graph(arguments) => files.formula = formula(&arguments.formula),
                plot::Kind::Network(arguments) => files.model = Some(arguments.model.clone()),
                plot::Kind::Fit(arguments) => files.formula = formula(&arguments.task.model),
                plot::Kind::Regions(arguments) => files.model = Some(arguments.model.clone()),
            },
            _ => {}
        }
        files
    }

    /// An error with the name of the file that it is about, unless it has that.
    pub(crate) fn name(&self, error: Error) -> Error {
        let file = match &error {
            Error::Formula(_) | Error::Problem(_) | Error::Solve(_) | Error::Outside(_) => {
                &self.formula
            }
            Error::Graph(_)
            | Error::Engine(_)
            | Error::Check(_)
            | Error::Network(_)
            | Error::Onnx(_) => {
                if self.formula.is_some() {
                    &self.formula
                } else {
                    &self.model
                }
            }
            Error::Picture(_) if self.history.is_some() => &self.history,
            Error::Picture(_) if self.model.is_some() => &self.model,
            Error::Picture(_) => &self.formula,
            // What is asked of a file that it doesn't have.
            Error::Use(_) | Error::UnknownName { .. } => {
                let text = error.to_string();
                let speaks_of = |words: &[&str]| words.iter().any(|words| text.contains(words));
                match &self.formula {
                    Some(_) if speaks_of(&["the formula", "the model", "the problem"]) => {
                        &self.formula
                    }
                    None if speaks_of(&["in the model", "(the model"]) => &self.model,
                    _ => &None,
                }
            }
            _ => &None,
        };
        match file {
            Some(file) => named(error, file),
            None => error,
        }
    }
}

/// An error with the name of the file that it is about, unless its text has that already.
fn named(error: Error, file: &str) -> Error {
    let (about, text) = (Input::from(file).to_string(), error.to_string());
    if text.contains(&about)
        || text.starts_with(&format!("{file}:"))
        || text.starts_with(&format!("{file},"))
    {
        return error;
    }
    Error::About { about, source: Box::new(error) }
}
