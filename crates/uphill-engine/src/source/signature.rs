//! Parameters of functions, and the documentation of the whole one.

use super::function::{Parameter, Writer};
use super::language::Language;

/// What a parameter is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Inputs,
    Samples,
    /// The columns of a sample, as they are given.
    Given,
    /// The same, with what is gathered behind them.
    Row,
    Each,
    OneOfEach,
    Outputs,
    Memory,
    Workspace,
    Lane,
}

impl Writer<'_> {
    /// How many outputs there are of each sample.
    pub(super) fn per_sample(&self) -> usize {
        self.shared.program.outputs.per_sample()
    }

    /// The parameters of these kinds, without those that there is nothing to give for.
    pub(super) fn parameters(&self, kinds: &[Kind]) -> Vec<Parameter> {
        let program = self.shared.program;
        let layout = &program.layout;
        let (each, size) = (self.per_sample(), self.shared.memory.size);
        let per_call = program.outputs.len() - each;
        let is_rust = self.shared.language == Language::Rust;
        let given = |name: &'static str, array: &str, rust: String| {
            (name, if is_rust { format!("{name}: {rust}") } else { format!("{array} {name}[]") })
        };
        let mut list = Vec::new();
        for kind in kinds {
            match kind {
                Kind::Inputs => {
                    let inputs = layout.shared_count;
                    list.push(given("inputs", "const double", format!("&[f64; {inputs}]")));
                }
                Kind::Samples => {
                    let columns = program.gathering.given;
                    if is_rust || columns > 0 {
                        let rust = format!("&[[f64; {columns}]]");
                        list.push(given("samples", "const double", rust));
                    }
                    if !is_rust {
                        list.push(("count", "size_t count".into()));
                    }
                }
                Kind::Given | Kind::Row => {
                    let columns = match kind {
                        Kind::Given => program.gathering.given,
                        _ => layout.column_count,
                    };
                    if is_rust || columns > 0 {
                        list.push(given("row", "const double", format!("&[f64; {columns}]")));
                    }
                }
                Kind::Each if each > 0 => {
                    list.push(given("each", "double", format!("&mut [[f64; {each}]]")));
                }
                Kind::OneOfEach if each > 0 => {
                    list.push(given("each", "double", format!("&mut [f64; {each}]")));
                }
                Kind::Outputs if per_call > 0 || !program.over_samples => {
                    list.push(given("outputs", "double", format!("&mut [f64; {per_call}]")));
                }
                Kind::Memory if size > 0 => {
                    list.push(given("m", "double", format!("&mut [f64; {size}]")));
                }
                Kind::Workspace if self.takes_workspace() => {
                    let size = format!("{}_WORKSPACE", self.name.to_uppercase());
                    list.push(given("workspace", "double", format!("&mut [f64; {size}]")));
                }
                Kind::Lane => {
                    let text = if is_rust { "lane: usize" } else { "size_t lane" };
                    list.push(("lane", text.into()));
                }
                Kind::Each | Kind::OneOfEach | Kind::Outputs | Kind::Memory | Kind::Workspace => {}
            }
        }
        list
    }

    pub(super) fn all_parameters(&self) -> Vec<Parameter> {
        match self.shared.program.over_samples {
            true => self.parameters(&[
                Kind::Inputs,
                Kind::Samples,
                Kind::Each,
                Kind::Outputs,
                Kind::Workspace,
            ]),
            false => self.parameters(&[Kind::Inputs, Kind::Outputs, Kind::Workspace]),
        }
    }

    /// Documentation, name and parameters.
    pub(super) fn head(&self) -> String {
        let language = self.shared.language;
        let comment = language.comment(&self.documentation());
        let parameters: Vec<String> =
            self.all_parameters().into_iter().map(|(_, text)| text).collect();
        let parameters = parameters.join(", ");
        match language {
            Language::Rust => {
                let allow = "#[allow(clippy::all, invalid_nan_comparisons, unused_variables)]";
                format!("{comment}{allow}\npub fn {}({parameters})", self.name)
            }
            Language::C => format!("{comment}void {}({parameters})", self.name),
        }
    }

    fn documentation(&self) -> Vec<String> {
        let program = self.shared.program;
        let is_rust = self.shared.language == Language::Rust;
        let code = |text: &str| if is_rust { format!("`{text}`") } else { text.to_owned() };
        let list = |names: &mut dyn Iterator<Item = String>, count: usize| {
            const SHOWN: usize = 12;
            let mut list: Vec<String> = names.take(SHOWN).map(|name| code(&name)).collect();
            if count > SHOWN {
                list.push(format!("… ({count} in all)"));
            }
            if list.is_empty() { "none".into() } else { list.join(", ") }
        };
        let outputs = |per_sample: bool| {
            let of_kind = program.outputs.list().iter();
            let of_kind = of_kind.filter(|each| each.place.per_sample().is_some() == per_sample);
            let count = match per_sample {
                true => program.outputs.per_sample(),
                false => program.outputs.per_call(),
            };
            list(&mut of_kind.flat_map(|each| each.names()), count)
        };
        let mut lines = vec![format!("{}.", code(&program.signature())), String::new()];
        let inputs = &program.names.shared;
        let inputs = list(&mut inputs.names(), inputs.len());
        lines.push(format!("{}: {inputs}.", code("inputs")));
        if program.over_samples {
            let columns = program.given_columns();
            let columns = list(&mut columns.iter().cloned(), columns.len());
            lines.push(format!("{}, a row for each: {columns}.", code("samples")));
            for index in &program.gathering.indices {
                let column = code(&program.names.columns[index.column as usize]);
                let (rows, of) = (index.rows, code(&index.of));
                lines.push(format!(
                    "{column} is the number of a row of {of}, less than {rows}: the caller has checked it."
                ));
            }
        }
        if self.per_sample() > 0 {
            lines.push(format!("{}, a row for each sample: {}.", code("each"), outputs(true)));
        }
        if self.per_sample() < program.outputs.len() || !program.over_samples {
            lines.push(format!("{}: {}.", code("outputs"), outputs(false)));
        }
        if self.takes_workspace() {
            let what = "numbers to work in; what they are before makes no difference";
            lines.push(format!("{}: {what}.", code("workspace")));
        }
        if is_rust && self.per_sample() > 0 {
            lines.extend([String::new(), "# Panics".into(), String::new()]);
            lines.push("If `each` has fewer rows than `samples`.".into());
        }
        lines
    }
}
