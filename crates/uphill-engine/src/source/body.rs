//! The body of one function: a line for each value, loops where the program has them.
//!
//! A value has a name from the line that computes it to the end of the function. If it has a place in memory, it is
//! stored there too, and what is written by rule takes its name away.

use std::collections::{BTreeSet, HashMap};

use super::access::{Region, Touched, Unit, is_written_out};
use super::language::Language;
use super::memory::Memory;
use super::rule::{Lookup, Rule};
use crate::code::{Action, Block, Code, Outer};
use crate::error::Error;
use crate::program::Program;

/// What the functions of one program share.
pub(super) struct Shared<'p> {
    pub(super) language: Language,
    pub(super) program: &'p Program,
    pub(super) memory: Memory,
    /// Before each name that is not the function's own.
    pub(super) prefix: String,
    pub(super) tables: Vec<Vec<u32>>,
    numbers: HashMap<Vec<u32>, usize>,
    /// The kernels that were called.
    pub(super) needs: BTreeSet<&'static str>,
}

impl<'p> Shared<'p> {
    pub(super) fn new(
        language: Language,
        program: &'p Program,
        memory: Memory,
        name: &str,
    ) -> Shared<'p> {
        let prefix = match language {
            Language::Rust => String::new(),
            Language::C => format!("{name}_"),
        };
        Shared {
            language,
            program,
            memory,
            prefix,
            tables: Vec::new(),
            numbers: HashMap::new(),
            needs: BTreeSet::new(),
        }
    }

    /// The name of an array that the text brings along.
    pub(super) fn table_name(&self, number: usize) -> String {
        match self.language {
            Language::Rust => format!("TABLE_{number}"),
            Language::C => format!("{}table_{number}", self.prefix),
        }
    }

    pub(super) fn constants_name(&self) -> String {
        match self.language {
            Language::Rust => "CONSTANTS".into(),
            Language::C => format!("{}constants", self.prefix),
        }
    }

    /// Where a rule leads at an index, if a step to the next address is one of `scale` places.
    fn index(
        &mut self,
        rule: &Rule,
        index: &[(i64, &str)],
        scale: i64,
        at: &dyn Fn(&Shared<'_>, u32) -> u32,
    ) -> Index {
        match rule {
            &Rule::Even { first, step, .. } => {
                let terms = index.iter().map(|(own, name)| (scale * step * own, (*name).into()));
                Index { start: at(self, first), terms: terms.collect() }
            }
            &Rule::Grid { first, steps, .. } => {
                let terms = index.iter().zip(steps);
                let terms = terms.map(|((_, name), step)| (scale * step, (*name).into()));
                Index { start: at(self, first), terms: terms.collect() }
            }
            Rule::Table(table) => {
                let entries = table.iter().map(|&address| at(self, address)).collect();
                self.entry(entries, &affine(0, index, ""))
            }
            Rule::Lookup(Lookup { entries, start, rows }) => {
                let entries = entries.iter().map(|&address| at(self, address)).collect();
                self.entry(entries, &through(*start, rows))
            }
            Rule::Moved { base, by, tables, .. } => {
                let mut all = self.index(base, index, scale, at);
                let own = by.iter().enumerate().map(|(depth, by)| (scale * by, loop_index(depth)));
                all.terms.extend(own);
                for Lookup { entries, start, rows } in tables {
                    let entries = entries.iter().map(|&entry| entry * scale as u32).collect();
                    all.terms.extend(self.entry(entries, &through(*start, rows)).terms);
                }
                all
            }
        }
    }

    /// An entry of a table.
    fn entry(&mut self, entries: Vec<u32>, index: &str) -> Index {
        let table = self.table(entries);
        Index { start: 0, terms: vec![(1, self.language.entry(&table, index))] }
    }

    fn table(&mut self, entries: Vec<u32>) -> String {
        let next = self.tables.len();
        let number = *self.numbers.entry(entries).or_insert_with_key(|entries| {
            self.tables.push(entries.clone());
            next
        });
        self.table_name(number)
    }
}

/// A place in an array: `start` and multiples of names.
struct Index {
    start: u32,
    terms: Vec<(i64, String)>,
}

impl Index {
    fn text(&self, last: &str) -> String {
        let terms: Vec<(i64, &str)> =
            self.terms.iter().map(|(times, name)| (*times, name.as_str())).collect();
        affine(self.start, &terms, last)
    }
}

/// The index of the loop that so many loops are around.
pub(super) fn loop_index(depth: usize) -> String {
    if depth == 0 { "i".into() } else { format!("i{}", depth + 1) }
}

/// An index that goes on with the loops around.
fn through(start: u32, rows: &[i64]) -> String {
    let names = rows.iter().enumerate().map(|(depth, &by)| (by, loop_index(depth)));
    Index { start, terms: names.collect() }.text("")
}

/// Where a value is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Text(String),
    /// An entry of this array.
    Entry(&'static str, u32),
}

impl Found {
    pub(super) fn text(&self) -> String {
        match self {
            Found::Text(text) => text.clone(),
            Found::Entry(array, entry) => format!("{array}[{entry}]"),
        }
    }
}

/// One function's body as it is written.
pub(super) struct Body<'s, 'p> {
    pub(super) shared: &'s mut Shared<'p>,
    pub(super) code: &'p Code,
    pub(super) text: String,
    indent: usize,
    pub(super) names: usize,
    locals: HashMap<u32, String>,
}

impl<'s, 'p> Body<'s, 'p> {
    pub(super) fn new(shared: &'s mut Shared<'p>, code: &'p Code, indent: usize) -> Body<'s, 'p> {
        Body { shared, code, text: String::new(), indent, names: 0, locals: HashMap::new() }
    }

    pub(super) fn language(&self) -> Language {
        self.shared.language
    }

    pub(super) fn line(&mut self, line: &str) {
        self.text += &"    ".repeat(self.indent);
        self.text += line;
        self.text.push('\n');
    }

    pub(super) fn open(&mut self, index: &str, from: usize, to: usize) {
        let head = self.language().each(index, &from.to_string(), &to.to_string());
        self.line(&head);
        self.indent += 1;
    }

    pub(super) fn close(&mut self) {
        self.indent -= 1;
        self.line("}");
    }

    fn fresh(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    pub(super) fn bind(&mut self, value: &str) -> String {
        let name = self.fresh();
        let line = self.language().bind(&name, value);
        self.line(&line);
        name
    }

    pub(super) fn variable(&mut self, value: &str) -> String {
        let name = self.fresh();
        let line = self.language().variable(&name, value);
        self.line(&line);
        name
    }

    pub(super) fn call(&mut self, name: &'static str, operands: &[String]) -> String {
        self.shared.needs.extend(self.language().kernel(name));
        self.language().call(name, operands)
    }

    /// Where the value at an address is found.
    pub(super) fn read(&self, address: u32) -> Result<String, Error> {
        Ok(self.find(address)?.text())
    }

    /// The same, where entries of arrays are known as such.
    pub(super) fn find(&self, address: u32) -> Result<Found, Error> {
        if let Some(name) = self.locals.get(&address) {
            return Ok(Found::Text(name.clone()));
        }
        let layout = &self.shared.program.layout;
        if let Some(&number) = layout.constants.get(address as usize) {
            return Ok(Found::Text(self.language().number(number)));
        }
        let within = |start: u32, count: u32| {
            (start..start + count).contains(&address).then(|| address - start)
        };
        if let Some(input) = within(layout.shared, layout.shared_count) {
            return Ok(Found::Entry("inputs", input));
        }
        if let Some(column) = within(layout.per_call, layout.column_count) {
            return Ok(Found::Entry("row", column));
        }
        match self.shared.memory.place(address) {
            Some(place) => Ok(Found::Entry("m", place)),
            None => Err(Error::Invalid {
                what: format!("the program is broken: address {address} is read before written"),
            }),
        }
    }

    fn read_all(&self, addresses: &[u32]) -> Result<Vec<String>, Error> {
        addresses.iter().map(|&address| self.read(address)).collect()
    }

    fn write(&mut self, address: u32, value: &str) {
        let is_name = value.starts_with('v') && value[1..].bytes().all(|b| b.is_ascii_digit());
        let name = if is_name { value.into() } else { self.bind(value) };
        if let Some(place) = self.shared.memory.place(address) {
            self.line(&format!("m[{place}] = {name};"));
        }
        self.locals.insert(address, name);
    }

    /// The place that a rule gives at an index, which is a sum of multiples. A grid takes their names for row and column.
    pub(super) fn place(&mut self, rule: &Rule, index: &[(i64, &str)]) -> String {
        let layout = &self.shared.program.layout;
        let Some(span) = rule.span() else { return "0.0".into() };
        let region = Region::of(layout, span);
        let (array, start) = match region {
            Region::Constants => (self.shared.constants_name(), 0),
            Region::Inputs => ("inputs".into(), layout.shared),
            Region::Row => ("row".into(), layout.per_call),
            Region::Memory => ("m".into(), 0),
        };
        let layout_of = |shared: &Shared<'_>, address: u32| match region {
            Region::Memory => shared.memory.place(address).unwrap_or(0),
            Region::Constants | Region::Inputs | Region::Row => address - start,
        };
        let index = self.shared.index(rule, index, 1, &layout_of);
        format!("{array}[{}]", index.text(""))
    }

    /// The partial sum that a rule gives.
    pub(super) fn partial(&mut self, rule: &Rule, index: &[(i64, &str)]) -> String {
        let first_sum = self.shared.program.layout.sums;
        let at = |shared: &Shared<'_>, address: u32| {
            shared.memory.partials as u32 + 8 * (address - first_sum)
        };
        format!("m[{}]", self.shared.index(rule, index, 8, &at).text("lane"))
    }

    pub(super) fn unit(&mut self, unit: Unit<'p>) -> Result<(), Error> {
        let code = self.code;
        match unit {
            Unit::One(instruction) => match instruction.action {
                Action::Block => self.block(&code.blocks[instruction.x as usize])?,
                Action::OuterTotal => self.outer(&code.outers[instruction.x as usize])?,
                Action::Total => {
                    let partial = self.partial(&Rule::list(&[instruction.target]), &[]);
                    let value = self.read(instruction.x)?;
                    self.line(&format!("{partial} += {value};"));
                }
                Action::Op(_)
                | Action::Copy
                | Action::MultiplyAdd
                | Action::NegativeMultiplyAdd
                | Action::MultiplySubtract
                | Action::SigmoidSlope
                | Action::TanhSlope
                | Action::Dot
                | Action::Loop => {
                    let operands = self.read_all(&code.operands(instruction))?;
                    let value = self.value(instruction.action, &operands)?;
                    self.write(instruction.target, &value);
                }
            },
            Unit::Loop(position) => self.repeated(position)?,
        }
        // What was written by rule is in memory alone.
        for rule in Touched::by(code, unit).ruled_writes {
            self.forget(&rule);
        }
        Ok(())
    }

    fn forget(&mut self, rule: &Rule) {
        match (rule, rule.span()) {
            (_, None) => {}
            (Rule::Table(table) | Rule::Lookup(Lookup { entries: table, .. }), _) => {
                table.iter().for_each(|address| {
                    self.locals.remove(address);
                });
            }
            (Rule::Even { .. } | Rule::Grid { .. } | Rule::Moved { .. }, Some(span)) => {
                self.locals.retain(|address, _| *address < span.low || *address > span.high);
            }
        }
    }

    fn block(&mut self, block: &Block) -> Result<(), Error> {
        let (rows, count) = (block.targets.len(), block.inputs.len());
        if is_written_out(rows, count) {
            for (row, &target) in block.targets.iter().enumerate() {
                let mut pairs = Vec::with_capacity(2 * count);
                for (k, &input) in block.inputs.iter().enumerate() {
                    pairs.push(self.read(input)?);
                    pairs.push(self.read(block.weights.address(row, k, count))?);
                }
                let value = self.fused_dot(&pairs);
                self.write(target, &value);
            }
            return Ok(());
        }
        let rules = [Rule::list(&block.inputs), Rule::weights(block), Rule::list(&block.targets)];
        self.dense(block, &rules);
        Ok(())
    }

    /// A block by two loops; the rules are those of its inputs, weights and targets.
    pub(super) fn dense(&mut self, block: &Block, [inputs, weights, targets]: &[Rule; 3]) {
        let (rows, count) = (block.targets.len(), block.inputs.len());
        let weight = |k| [(count as i64, "r"), (1, k)];
        self.open("r", 0, rows);
        let (x, w) = (self.place(inputs, &[]), self.place(weights, &weight("0")));
        let sum = self.variable(&format!("{x} * {w}"));
        if count > 1 {
            self.open("k", 1, count);
            let (x, w) = (self.place(inputs, &[(1, "k")]), self.place(weights, &weight("k")));
            let next = self.add_product(&x, &w, &sum);
            self.line(&format!("{sum} = {next};"));
            self.close();
        }
        let target = self.place(targets, &[(1, "r")]);
        self.line(&format!("{target} = {sum};"));
        self.close();
    }

    fn outer(&mut self, outer: &Outer) -> Result<(), Error> {
        let (rows, columns) = (outer.rows.len(), outer.columns.len());
        if is_written_out(rows, columns) {
            let mut sums = outer.sums.iter();
            for &row in &outer.rows {
                for (&column, &sum) in outer.columns.iter().zip(&mut sums) {
                    let (x, y) = (self.read(row)?, self.read(column)?);
                    self.add_to(&x, &y, &Rule::list(&[sum]), &[]);
                }
            }
            return Ok(());
        }
        let (row, column) = (Rule::list(&outer.rows), Rule::list(&outer.columns));
        self.open("r", 0, rows);
        let x = self.place(&row, &[(1, "r")]);
        let x = self.bind(&x);
        self.open("k", 0, columns);
        let y = self.place(&column, &[(1, "k")]);
        let index = [(columns as i64, "r"), (1, "k")];
        self.add_to(&x, &y, &Rule::list(&outer.sums), &index);
        self.close();
        self.close();
        Ok(())
    }

    pub(super) fn add_to(&mut self, x: &str, y: &str, sums: &Rule, index: &[(i64, &str)]) {
        let partial = self.partial(sums, index);
        let sum = self.add_product(x, y, &partial);
        self.line(&format!("{partial} = {sum};"));
    }
}

/// `start + times·name + … + last`, what is subtracted behind what is added, so that no step is negative.
pub(super) fn affine(start: u32, terms: &[(i64, &str)], last: &str) -> String {
    let terms = || terms.iter().filter(|(_, name)| *name != "0");
    let mut text = String::new();
    if start > 0 {
        text = start.to_string();
    }
    let mut added: Vec<String> = Vec::new();
    for &(times, name) in terms().filter(|(times, _)| *times > 0) {
        added.push(if times == 1 { name.into() } else { format!("{times} * {name}") });
    }
    if !last.is_empty() {
        added.push(last.into());
    }
    for term in added {
        if !text.is_empty() {
            text += " + ";
        }
        text += &term;
    }
    if text.is_empty() {
        text.push('0');
    }
    for &(times, name) in terms().filter(|(times, _)| *times < 0) {
        text += &format!(" - {} * {name}", -times);
    }
    text
}
