//! Parameters of functions, and the documentation of the whole one.

use super::language::Language;
use super::memory::Memory;
use super::shared::Shared;

/// So many numbers are put on the stack; the caller gives more.
const ON_STACK: usize = 1024;

/// A parameter: its name, and what stands in the list of parameters.
pub(super) type Parameter = (&'static str, String);

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

impl Shared<'_> {
    /// The names of the constants that say how many numbers a caller gives to work in, and how many these are.
    pub(super) fn workspaces(&self) -> Vec<(String, usize)> {
        let Memory { size, singles, .. } = self.memory;
        if size + singles <= ON_STACK {
            return Vec::new();
        }
        let name = self.name.to_uppercase();
        let own = (singles > 0).then(|| (format!("{name}_SINGLES"), singles));
        [(format!("{name}_WORKSPACE"), size)].into_iter().chain(own).collect()
    }

    /// How many outputs there are of each sample.
    pub(super) fn per_sample(&self) -> usize {
        self.program.outputs.per_sample()
    }

    /// The parameters of these kinds, without those that there is nothing to give for.
    pub(super) fn parameters(&self, kinds: &[Kind]) -> Vec<Parameter> {
        let program = self.program;
        let layout = &program.layout;
        let each = self.per_sample();
        let per_call = program.outputs.len() - each;
        let is_rust = self.language == Language::Rust;
        let [call, sample] = [self.of_call(), self.of_sample()].map(|p| self.language.type_of(p));
        // An array, in Rust with how many there are, of rows where it has two lengths.
        let array =
            |name: &'static str, of: &str, is_changed: bool, length: &str, of_rows: bool| {
                let list = format!("[{of}; {length}]");
                let list = if of_rows { format!("[{list}]") } else { list };
                let text = match (is_rust, is_changed) {
                    (true, true) => format!("{name}: &mut {list}"),
                    (true, false) => format!("{name}: &{list}"),
                    (false, true) => format!("{of} {name}[]"),
                    (false, false) => format!("const {of} {name}[]"),
                };
                (name, text)
            };
        let given = |name, of, length: u32| array(name, of, false, &length.to_string(), false);
        let changed = |name, of, length: usize| array(name, of, true, &length.to_string(), false);
        let mut list = Vec::new();
        for kind in kinds {
            match kind {
                Kind::Inputs => list.push(given("inputs", call, layout.shared_count)),
                Kind::Samples => {
                    let columns = program.gathering.given;
                    if is_rust || columns > 0 {
                        list.push(array("samples", sample, false, &columns.to_string(), true));
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
                        list.push(given("row", sample, columns));
                    }
                }
                Kind::Each if each > 0 => {
                    list.push(array("each", sample, true, &each.to_string(), true));
                }
                Kind::OneOfEach if each > 0 => list.push(changed("each", sample, each)),
                Kind::Outputs if per_call > 0 || !program.over_samples => {
                    list.push(changed("outputs", call, per_call));
                }
                Kind::Memory => {
                    let memories =
                        [("m", call, self.memory.size), ("singles", sample, self.memory.singles)];
                    let memories = memories.into_iter().filter(|(.., size)| *size > 0);
                    list.extend(memories.map(|(name, of, size)| changed(name, of, size)));
                }
                Kind::Workspace => {
                    let sizes = self.workspaces();
                    let ofs = [("workspace", call), ("singles", sample)];
                    for ((name, of), (size, _)) in ofs.into_iter().zip(&sizes) {
                        list.push(array(name, of, true, size, false));
                    }
                }
                Kind::Lane => {
                    let text = if is_rust { "lane: usize" } else { "size_t lane" };
                    list.push(("lane", text.into()));
                }
                Kind::Each | Kind::OneOfEach | Kind::Outputs => {}
            }
        }
        list
    }

    pub(super) fn all_parameters(&self) -> Vec<Parameter> {
        match self.program.over_samples {
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
        let language = self.language;
        let comment = language.comment(&self.documentation());
        let parameters: Vec<String> =
            self.all_parameters().into_iter().map(|(_, text)| text).collect();
        let parameters = parameters.join(", ");
        match language {
            Language::Rust => {
                let parens = if self.is_single { ", unused_parens" } else { "" };
                let allow =
                    format!("clippy::all, invalid_nan_comparisons, unused_variables{parens}");
                format!("{comment}#[allow({allow})]\npub fn {}({parameters})", self.name)
            }
            Language::C => format!("{comment}void {}({parameters})", self.name),
        }
    }

    fn documentation(&self) -> Vec<String> {
        let program = self.program;
        let is_rust = self.language == Language::Rust;
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
        let spaces = ["workspace", "singles"].into_iter().zip(self.workspaces());
        for (name, _) in spaces {
            let what = "numbers to work in; what they are before makes no difference";
            lines.push(format!("{}: {what}.", code(name)));
        }
        if self.is_single {
            let what =
                "Single precision; elementary functions are those of double precision, rounded";
            lines.extend([String::new(), format!("{what}.")]);
        }
        if is_rust && self.per_sample() > 0 {
            lines.extend([String::new(), "# Panics".into(), String::new()]);
            lines.push("If `each` has fewer rows than `samples`.".into());
        }
        lines
    }
}
