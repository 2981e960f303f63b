//! One program as one function: its parts, the memory they share, and the way from samples to sums.

use super::access::{Unit, parts};
use super::body::{Body, Shared, affine};
use super::language::Language;
use super::memory::{Memory, Sections};
use crate::error::Error;
use crate::program::{Code, Place, Program};
use crate::run::LEAVES;

/// How many statements go into one function: compilers take more than twice as long for twice the length.
const LENGTH: usize = 600;
/// So many numbers are put on the stack; the caller gives more.
const ON_STACK: usize = 1024;
/// Fewer numbers than this are copied one by one.
const FEW: u32 = 4;

// The templates say so too.
const _: () = assert!(LEAVES == 64);

/// A function's text.
pub(super) struct Function {
    /// What comes with it in front: its documentation, its name and parameters.
    pub(super) head: String,
    /// What is put before the head in C, and at the start of the body in Rust: tables and functions for parts.
    pub(super) parts: String,
    pub(super) body: String,
    /// The constant with the size of the workspace, if it takes one.
    pub(super) workspace: Option<(String, usize)>,
}

/// A parameter: its name, and what stands in the list of parameters.
type Parameter = (&'static str, String);

/// Writes a program; the kernels that it calls are left in `shared.needs`.
pub(super) struct Writer<'p> {
    pub(super) shared: Shared<'p>,
    name: String,
    sections: Sections<'p>,
    functions: String,
}

impl<'p> Writer<'p> {
    pub(super) fn new(language: Language, program: &'p Program, name: &str) -> Writer<'p> {
        let sections = Sections {
            before: parts(&program.before, LENGTH),
            sample: parts(&program.sample, LENGTH),
            after: parts(&program.after, LENGTH),
        };
        let memory = Memory::new(program, &sections);
        Writer {
            shared: Shared::new(language, program, memory, name),
            name: name.into(),
            sections,
            functions: String::new(),
        }
    }

    pub(super) fn function(&mut self) -> Result<Function, Error> {
        let (language, program) = (self.shared.language, self.shared.program);
        let outputs = self.outputs(|place| place.per_call(), "outputs");
        let mut body = self.workspace_line();
        body += &self.copies_of_inputs()?;
        let parameters = self.parameters(&[Kind::Inputs, Kind::Memory]);
        if program.over_samples {
            let before = std::mem::take(&mut self.sections.before);
            body += &self.section("before", &program.before, &before, &parameters, &[])?;
            body += &self.samples()?;
            let after = std::mem::take(&mut self.sections.after);
            body += &self.section("after", &program.after, &after, &parameters, &outputs)?;
        } else {
            let before = std::mem::take(&mut self.sections.before);
            body += &self.section("part", &program.before, &before, &parameters, &outputs)?;
        }
        let mut tables = String::new();
        if self.shared.memory.constants_by_rule || self.constants_are_copied() {
            let numbers: Vec<String> =
                program.layout.constants.iter().map(|&number| language.number(number)).collect();
            tables += &language.table(&self.shared.constants_name(), false, &numbers);
            tables.push('\n');
        }
        for (number, table) in self.shared.tables.iter().enumerate() {
            let entries: Vec<String> = table.iter().map(u32::to_string).collect();
            tables += &language.table(&self.shared.table_name(number), true, &entries);
            tables.push('\n');
        }
        if !tables.is_empty() {
            tables.push('\n');
        }
        if language == Language::Rust {
            tables = indented(&tables);
        }
        Ok(Function {
            head: self.head(),
            parts: tables + &self.functions,
            body: self.unused(&body) + &body,
            workspace: self.takes_workspace().then(|| {
                (format!("{}_WORKSPACE", self.name.to_uppercase()), self.shared.memory.size)
            }),
        })
    }

    fn takes_workspace(&self) -> bool {
        self.shared.memory.size > ON_STACK
    }

    /// Where outputs are written, and the addresses that they come from.
    fn outputs(&self, at: fn(Place) -> Option<u32>, array: &str) -> Vec<(String, u32)> {
        let addresses = self.shared.program.outputs.iter().filter_map(|(_, place)| at(*place));
        addresses.enumerate().map(|(k, address)| (format!("{array}[{k}]"), address)).collect()
    }

    /// A piece of code: its lines, or calls of the functions that it is cut into. Then `ends` are assigned.
    fn section(
        &mut self,
        name: &str,
        code: &'p Code,
        parts: &[Vec<Unit<'p>>],
        parameters: &[Parameter],
        ends: &[(String, u32)],
    ) -> Result<String, Error> {
        let language = self.shared.language;
        if let [units] = parts {
            return self.lines(code, units, ends);
        }
        let mut calls = String::new();
        let arguments: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
        for (number, units) in parts.iter().enumerate() {
            let name = format!("{}{name}_{number}", self.shared.prefix);
            let text = self.lines(code, units, &[])?;
            let text = function_text(language, &name, parameters, &text);
            self.functions += &text;
            calls += &format!("    {name}({});\n", arguments.join(", "));
        }
        Ok(calls + &self.lines(code, &[], ends)?)
    }

    /// The lines of some units, as deep as a function of their own would have them.
    fn lines(
        &mut self,
        code: &'p Code,
        units: &[Unit<'p>],
        ends: &[(String, u32)],
    ) -> Result<String, Error> {
        let mut body = Body::new(&mut self.shared, code, 1);
        for &unit in units {
            body.unit(unit)?;
        }
        for (place, address) in ends {
            let value = body.read(*address)?;
            body.line(&format!("{place} = {value};"));
        }
        Ok(body.text)
    }

    /// The functions for samples, and the lines that run them over all samples.
    fn samples(&mut self) -> Result<String, Error> {
        let (language, program) = (self.shared.language, self.shared.program);
        let layout = &program.layout;
        let ends = self.outputs(|place| place.per_sample(), "each");
        let inner = self.parameters(&[Kind::Inputs, Kind::Row, Kind::Memory, Kind::Lane]);
        let whole =
            self.parameters(&[Kind::Inputs, Kind::Row, Kind::OneOfEach, Kind::Memory, Kind::Lane]);
        let mut text = self.copies("row", layout.per_call, layout.column_count);
        let parts = std::mem::take(&mut self.sections.sample);
        text += &self.section("sample", &program.sample, &parts, &inner, &ends)?;
        let name = format!("{}sample", self.shared.prefix);
        self.functions += &function_text(language, &name, &whole, &text);
        let (all, one) = self.sample_arguments();
        let count = match language {
            Language::Rust => "samples.len()",
            Language::C => "count",
        };
        let mut lines = Vec::new();
        let sums = layout.sum_count;
        if sums == 0 {
            lines.push(language.each("s", "0", count));
            lines.push(format!("    {name}({one}, 0);"));
            lines.push("}".into());
        } else {
            self.functions += &self.tree(&all, &one);
            let (levels, prefix) = (self.shared.memory.levels, &self.shared.prefix);
            let tile = program.tile;
            lines.push(language.each("k", "0", &sums.to_string()));
            lines.push(format!("    m[{levels} + k] = 0.0;"));
            lines.push("}".into());
            let call = format!("    {prefix}tree({all}, 0, ");
            lines.extend(match language {
                Language::Rust => [
                    format!("let tiles = samples.len().div_ceil({tile});"),
                    "if tiles > 0 {".into(),
                    call + "usize::min(tiles, 64), tiles, 0);",
                    "}".into(),
                ],
                Language::C => [
                    format!("const size_t tiles = count / {tile} + (count % {tile} != 0);"),
                    "if (tiles > 0) {".into(),
                    call + "tiles < 64 ? tiles : 64, tiles, 0);",
                    "}".into(),
                ],
            });
            let place = self.shared.memory.place(layout.sums).unwrap_or(0);
            lines.push(language.each("k", "0", &sums.to_string()));
            let at = affine(place, &[(1, "k")], "");
            lines.push(format!("    m[{at}] = m[{levels} + k];"));
            lines.push("}".into());
        }
        if let Some(place) = self.shared.memory.place(layout.sample_count) {
            lines.push(match language {
                Language::Rust => format!("m[{place}] = samples.len() as f64;"),
                Language::C => format!("m[{place}] = (double)count;"),
            });
        }
        Ok(lines.iter().map(|line| format!("    {line}\n")).collect())
    }

    /// The arguments for all samples, and those for sample `s`.
    fn sample_arguments(&self) -> (String, String) {
        let (width, outputs) = (self.shared.program.layout.column_count, self.per_sample());
        let (mut all, mut one) = (vec!["inputs".to_owned()], vec!["inputs".to_owned()]);
        match self.shared.language {
            Language::Rust => {
                all.push("samples".into());
                one.push("&samples[s]".into());
                if outputs > 0 {
                    all.push("each".into());
                    one.push("&mut each[s]".into());
                }
            }
            Language::C => {
                if width > 0 {
                    all.push("samples".into());
                    one.push(format!("samples + {width} * s"));
                }
                all.push("count".into());
                if outputs > 0 {
                    all.push("each".into());
                    one.push(format!("each + {outputs} * s"));
                }
            }
        }
        if self.shared.memory.size > 0 {
            all.push("m".into());
            one.push("m".into());
        }
        (all.join(", "), one.join(", "))
    }

    fn tree(&self, all: &str, one: &str) -> String {
        let memory = &self.shared.memory;
        let sums = self.shared.program.layout.sum_count;
        let template = match self.shared.language {
            Language::Rust => include_str!("text/samples.rs.in"),
            Language::C => include_str!("text/samples.c.in"),
        };
        let parameters = self.parameters(&[Kind::Inputs, Kind::Samples, Kind::Each, Kind::Memory]);
        let parameters: Vec<String> = parameters.into_iter().map(|(_, text)| text).collect();
        template
            .replace("NAME_", &self.shared.prefix)
            .replace("PARAMETERS", &parameters.join(", "))
            .replace("ARGUMENTS", all)
            .replace("SAMPLE", one)
            .replace("PARTIAL_SUMS", &(8 * sums).to_string())
            .replace("PARTIALS", &memory.partials.to_string())
            .replace("LEVELS", &memory.levels.to_string())
            .replace("SUMS", &sums.to_string())
            .replace("TILE", &self.shared.program.tile.to_string())
    }

    /// How many outputs there are of each sample.
    fn per_sample(&self) -> usize {
        self.shared.program.outputs.iter().filter(|(_, at)| at.per_sample().is_some()).count()
    }

    /// The parameters of these kinds, without those that there is nothing to give for.
    fn parameters(&self, kinds: &[Kind]) -> Vec<Parameter> {
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
                    let columns = layout.column_count;
                    if is_rust || columns > 0 {
                        let rust = format!("&[[f64; {columns}]]");
                        list.push(given("samples", "const double", rust));
                    }
                    if !is_rust {
                        list.push(("count", "size_t count".into()));
                    }
                }
                Kind::Row => {
                    let columns = layout.column_count;
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

    fn all_parameters(&self) -> Vec<Parameter> {
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
    fn head(&self) -> String {
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
        let list = |names: Vec<&String>| {
            const SHOWN: usize = 12;
            let mut list: Vec<String> = names.iter().take(SHOWN).map(|name| code(name)).collect();
            if names.len() > SHOWN {
                list.push(format!("… ({} in all)", names.len()));
            }
            if list.is_empty() { "none".into() } else { list.join(", ") }
        };
        let outputs = |per_sample: bool| {
            let outputs = program.outputs.iter();
            list(
                outputs
                    .filter(|(_, place)| place.per_sample().is_some() == per_sample)
                    .map(|(name, _)| name)
                    .collect(),
            )
        };
        let mut lines = vec![format!("{}.", code(&program.signature())), String::new()];
        lines.push(format!("{}: {}.", code("inputs"), list(program.names.shared.iter().collect())));
        if program.over_samples {
            let columns = list(program.names.columns.iter().collect());
            lines.push(format!("{}, a row for each: {columns}.", code("samples")));
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

    fn workspace_line(&self) -> String {
        let size = self.shared.memory.size;
        let line = match (self.shared.language, self.takes_workspace()) {
            _ if size == 0 => return String::new(),
            (Language::Rust, true) => "let m = workspace;".into(),
            (Language::Rust, false) => format!("let m = &mut [0.0_f64; {size}];"),
            (Language::C, true) => "double *const m = workspace;".into(),
            (Language::C, false) => format!("double m[{size}];"),
        };
        format!("    {line}\n")
    }

    /// Constants and inputs that a rule reads beside computed numbers.
    fn copies_of_inputs(&self) -> Result<String, Error> {
        let layout = &self.shared.program.layout;
        let mut text = String::new();
        let count = layout.constants.len() as u32;
        if self.constants_are_copied() {
            text += &self.copies(&self.shared.constants_name(), 0, count);
        } else {
            for (first, place, length) in self.shared.memory.runs(0, count) {
                for k in 0..length {
                    let number = layout.constants[(first + k) as usize];
                    let number = self.shared.language.number(number);
                    text += &format!("    m[{}] = {number};\n", place + k);
                }
            }
        }
        Ok(text + &self.copies("inputs", layout.shared, layout.shared_count))
    }

    /// Whether there are so many constants in memory that they come from a table.
    fn constants_are_copied(&self) -> bool {
        let count = self.shared.program.layout.constants.len() as u32;
        self.shared.memory.runs(0, count).iter().any(|(_, _, length)| *length >= FEW)
    }

    /// The lines that copy those entries of an array that have a place in memory.
    fn copies(&self, array: &str, start: u32, count: u32) -> String {
        let mut text = String::new();
        for (first, place, length) in self.shared.memory.runs(start, count) {
            let from = first - start;
            if length < FEW {
                for k in 0..length {
                    text += &format!("    m[{}] = {array}[{}];\n", place + k, from + k);
                }
            } else {
                let head = self.shared.language.each("k", "0", &length.to_string());
                let [to, from] = [place, from].map(|start| affine(start, &[(1, "k")], ""));
                let line = format!("m[{to}] = {array}[{from}];");
                text += &format!("    {head}\n        {line}\n    }}\n");
            }
        }
        text
    }

    /// In C, parameters that a body has no use for are named once.
    fn unused(&self, body: &str) -> String {
        unused(self.shared.language, &self.all_parameters(), body)
    }
}

/// What a parameter is.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Inputs,
    Samples,
    Row,
    Each,
    OneOfEach,
    Outputs,
    Memory,
    Workspace,
    Lane,
}

fn unused(language: Language, parameters: &[Parameter], body: &str) -> String {
    if language == Language::Rust {
        return String::new();
    }
    let is_used = |name: &str| {
        let mut words = body.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        words.any(|word| word == name)
    };
    let unused = parameters.iter().filter(|(name, _)| !is_used(name));
    unused.map(|(name, _)| format!("    (void){name};\n")).collect()
}

/// A function for a part of a program: inside of the whole one in Rust, before it in C.
fn function_text(language: Language, name: &str, parameters: &[Parameter], body: &str) -> String {
    let list: Vec<&str> = parameters.iter().map(|(_, text)| text.as_str()).collect();
    let list = list.join(", ");
    let body = unused(language, parameters, body) + body;
    match language {
        Language::Rust => indented(&format!("fn {name}({list}) {{\n{body}}}\n\n")),
        Language::C => format!("static void {name}({list}) {{\n{body}}}\n\n"),
    }
}

pub(super) fn indented(text: &str) -> String {
    let line = |line: &str| match line {
        "\n" => line.to_owned(),
        _ => format!("    {line}"),
    };
    text.split_inclusive('\n').map(line).collect()
}
