//! One program as one function: its parts, and the memory they share.

use super::access::{Unit, parts};
use super::body::Body;
use super::ends::{Ends, FEW};
use super::language::Language;
use super::memory::{Memory, Sections};
use super::shared::{Shared, affine};
use super::signature::{Kind, Parameter};
use crate::code::{Code, Place};
use crate::error::Error;
use crate::program::Program;

/// How many statements go into one function: compilers take more than twice as long for twice the length.
const LENGTH: usize = 600;

/// Writes a program; the kernels that it calls are left in `shared.needs`.
pub(super) struct Writer<'p> {
    pub(super) shared: Shared<'p>,
    pub(super) sections: Sections<'p>,
    pub(super) functions: String,
}

impl<'p> Writer<'p> {
    pub(super) fn new(
        language: Language,
        program: &'p Program,
        name: &str,
        is_single: bool,
    ) -> Writer<'p> {
        let sections = Sections {
            before: parts(&program.before, LENGTH),
            sample: parts(&program.sample, LENGTH),
            after: parts(&program.after, LENGTH),
        };
        let memory = Memory::new(program, &sections, is_single);
        let shared = Shared::new(language, program, memory, name, is_single);
        Writer { shared, sections, functions: String::new() }
    }

    /// The whole function, with what it brings along.
    pub(super) fn text(&mut self) -> Result<String, Error> {
        let (language, program) = (self.shared.language, self.shared.program);
        let outputs = self.outputs(|place| place.per_call(), "outputs");
        let mut body = self.workspace_line();
        body += &self.copies_of_inputs()?;
        let parameters = self.shared.parameters(&[Kind::Inputs, Kind::Memory]);
        // What comes before the samples and what comes after them can stand in one function: names go on.
        let names = &mut 0;
        if program.over_samples {
            let before = std::mem::take(&mut self.sections.before);
            body += &self.section(
                "before",
                &program.before,
                &before,
                &parameters,
                &Ends::default(),
                names,
            )?;
            body += &self.samples()?;
            let after = std::mem::take(&mut self.sections.after);
            body += &self.section("after", &program.after, &after, &parameters, &outputs, names)?;
        } else {
            let before = std::mem::take(&mut self.sections.before);
            body +=
                &self.section("part", &program.before, &before, &parameters, &outputs, names)?;
        }
        let (mut tables, call) = (String::new(), self.shared.of_call());
        if self.shared.memory.constants_by_rule || self.constants_are_copied() {
            let numbers: Vec<String> =
                program.layout.constants.iter().map(|&x| language.number(x, call)).collect();
            let name = self.shared.constants_name();
            tables += &language.table(&name, language.type_of(call), &numbers);
            tables.push('\n');
        }
        for (number, table) in self.shared.tables.iter().enumerate() {
            let entries: Vec<String> = table.iter().map(u32::to_string).collect();
            let of = if language == Language::Rust { "u32" } else { "uint32_t" };
            tables += &language.table(&self.shared.table_name(number), of, &entries);
            tables.push('\n');
        }
        if !tables.is_empty() {
            tables.push('\n');
        }
        if language == Language::Rust {
            tables = indented(&tables);
        }
        let sizes = self.shared.workspaces().into_iter().map(|(name, size)| {
            let what = language.comment(&["How many numbers the function below works in.".into()]);
            match language {
                Language::Rust => format!("{what}pub const {name}: usize = {size};\n\n"),
                Language::C => format!("{what}#define {name} {size}\n\n"),
            }
        });
        let sizes: String = sizes.collect();
        let (head, parts) = (self.shared.head(), tables + &self.functions);
        let body = self.unused(&body) + &body;
        // What comes along stands before the function in C, and in it in Rust.
        Ok(match language {
            Language::Rust => format!("{sizes}{head} {{\n{parts}{body}}}\n"),
            Language::C => format!("{sizes}{parts}{head} {{\n{body}}}\n"),
        })
    }

    /// The array that outputs are written to, and the addresses that they come from.
    pub(super) fn outputs(&self, at: fn(Place) -> Option<u32>, array: &'static str) -> Ends {
        let runs = self.shared.program.outputs.runs().iter();
        let addresses = runs.flat_map(|run| (0..run.count).map(|k| run.place.behind(k)));
        Ends::of(array, addresses.filter_map(at).collect())
    }

    /// A piece of code: its lines, or calls of the functions that it is cut into. Then `ends` are assigned. `names` counts
    /// those that the function has for values already.
    pub(super) fn section(
        &mut self,
        name: &str,
        code: &'p Code,
        parts: &[Vec<Unit<'p>>],
        parameters: &[Parameter],
        ends: &Ends,
        names: &mut usize,
    ) -> Result<String, Error> {
        let language = self.shared.language;
        if let [units] = parts {
            return self.lines(code, units, ends, names);
        }
        let mut calls = String::new();
        let arguments: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
        for (number, units) in parts.iter().enumerate() {
            let name = format!("{}{name}_{number}", self.shared.prefix);
            let text = self.lines(code, units, &Ends::default(), &mut 0)?;
            let text = function_text(language, &name, parameters, &text);
            self.functions += &text;
            calls += &format!("    {name}({});\n", arguments.join(", "));
        }
        Ok(calls + &self.lines(code, &[], ends, names)?)
    }

    /// The lines of some units, as deep as a function of their own would have them.
    fn lines(
        &mut self,
        code: &'p Code,
        units: &[Unit<'p>],
        ends: &Ends,
        names: &mut usize,
    ) -> Result<String, Error> {
        let mut body = Body::new(&mut self.shared, code, 1);
        body.names = *names;
        for &unit in units {
            body.unit(unit)?;
        }
        ends.write(&mut body)?;
        *names = body.names;
        Ok(body.text)
    }

    /// The arrays to work in: those that the caller gives, or own ones.
    fn workspace_line(&self) -> String {
        let (language, memory) = (self.shared.language, &self.shared.memory);
        let is_given = !self.shared.workspaces().is_empty();
        let all = [
            ("m", self.shared.of_call(), memory.size),
            ("singles", self.shared.of_sample(), memory.singles),
        ];
        let mut lines = String::new();
        for (name, precision, size) in all.into_iter().filter(|(.., size)| *size > 0) {
            let of = language.type_of(precision);
            let line = match (language, is_given) {
                (_, true) if name == "singles" => continue,
                (Language::Rust, true) => format!("let {name} = workspace;"),
                (Language::Rust, false) => format!("let {name} = &mut [0.0_{of}; {size}];"),
                (Language::C, true) => format!("{of} *const {name} = workspace;"),
                (Language::C, false) => format!("{of} {name}[{size}];"),
            };
            lines += &format!("    {line}\n");
        }
        lines
    }

    /// Constants and inputs that a rule reads beside computed numbers.
    pub(super) fn copies_of_inputs(&self) -> Result<String, Error> {
        let layout = &self.shared.program.layout;
        let mut text = String::new();
        let count = layout.constants.len() as u32;
        if self.constants_are_copied() {
            text += &self.copies("m", &self.shared.constants_name(), 0, count);
        } else {
            for (first, place, length) in self.shared.memory.runs(0, count) {
                for k in 0..length {
                    let number = layout.constants[(first + k) as usize];
                    let number = self.shared.language.number(number, self.shared.of_call());
                    text += &format!("    m[{}] = {number};\n", place + k);
                }
            }
        }
        Ok(text + &self.copies("m", "inputs", layout.shared, layout.shared_count))
    }

    /// Whether there are so many constants in memory that they come from a table.
    fn constants_are_copied(&self) -> bool {
        let count = self.shared.program.layout.constants.len() as u32;
        self.shared.memory.runs(0, count).iter().any(|(_, _, length)| *length as usize >= FEW)
    }

    /// The lines that copy those entries of an array that have a place in memory.
    pub(super) fn copies(&self, to: &str, array: &str, start: u32, count: u32) -> String {
        let mut text = String::new();
        for (first, place, length) in self.shared.memory.runs(start, count) {
            let from = first - start;
            if (length as usize) < FEW {
                for k in 0..length {
                    text += &format!("    {to}[{}] = {array}[{}];\n", place + k, from + k);
                }
            } else {
                let head = self.shared.language.each("k", "0", &length.to_string());
                let [at, from] = [place, from].map(|start| affine(start, &[(1, "k")], ""));
                let line = format!("{to}[{at}] = {array}[{from}];");
                text += &format!("    {head}\n        {line}\n    }}\n");
            }
        }
        text
    }

    /// In C, parameters that a body has no use for are named once.
    fn unused(&self, body: &str) -> String {
        unused(self.shared.language, &self.shared.all_parameters(), body)
    }
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
pub(super) fn function_text(
    language: Language,
    name: &str,
    parameters: &[Parameter],
    body: &str,
) -> String {
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
