//! The body of one function: a line for each value, loops where the program has them.
//!
//! A value has a name from the line that computes it to the end of the function. If it has a place in memory, it is
//! stored there too, and what is written by rule takes its name away.

use std::collections::{BTreeSet, HashMap};

use super::access::{Region, Rule, Touched, Unit, is_written_out};
use super::language::Language;
use super::memory::Memory;
use crate::error::Error;
use crate::program::{Action, Block, Code, Instruction, Outer, Program};

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

    fn table(&mut self, entries: Vec<u32>) -> String {
        let next = self.tables.len();
        let number = *self.numbers.entry(entries).or_insert_with_key(|entries| {
            self.tables.push(entries.clone());
            next
        });
        self.table_name(number)
    }
}

/// One function's body as it is written.
pub(super) struct Body<'s, 'p> {
    shared: &'s mut Shared<'p>,
    code: &'p Code,
    pub(super) text: String,
    indent: usize,
    names: usize,
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

    fn open(&mut self, index: &str, from: usize, to: usize) {
        let head = self.language().each(index, &from.to_string(), &to.to_string());
        self.line(&head);
        self.indent += 1;
    }

    fn close(&mut self) {
        self.indent -= 1;
        self.line("}");
    }

    fn fresh(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    fn bind(&mut self, value: &str) -> String {
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
        if let Some(name) = self.locals.get(&address) {
            return Ok(name.clone());
        }
        let layout = &self.shared.program.layout;
        if let Some(&number) = layout.constants.get(address as usize) {
            return Ok(self.language().number(number));
        }
        let within = |start: u32, count: u32| {
            (start..start + count).contains(&address).then(|| address - start)
        };
        if let Some(input) = within(layout.shared, layout.shared_count) {
            return Ok(format!("inputs[{input}]"));
        }
        if let Some(column) = within(layout.per_call, layout.column_count) {
            return Ok(format!("row[{column}]"));
        }
        match self.shared.memory.place(address) {
            Some(place) => Ok(format!("m[{place}]")),
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
    fn place(&mut self, rule: &Rule, index: &[(i64, &str)]) -> String {
        let layout = &self.shared.program.layout;
        let Some(span) = rule.span() else { return "0.0".into() };
        let region = Region::of(layout, span);
        let (array, start) = match region {
            Region::Constants => (self.shared.constants_name(), 0),
            Region::Inputs => ("inputs".into(), layout.shared),
            Region::Row => ("row".into(), layout.per_call),
            Region::Memory => ("m".into(), 0),
        };
        let memory = &self.shared.memory;
        let at = |address: u32| match region {
            Region::Memory => memory.place(address).unwrap_or(0),
            Region::Constants | Region::Inputs | Region::Row => address - start,
        };
        let index = match rule {
            &Rule::Even { first, step, .. } => affine(at(first), &times(step, index), ""),
            &Rule::Grid { first, steps, .. } => {
                let terms = index.iter().zip(steps).map(|((_, name), step)| (step, *name));
                affine(at(first), &terms.collect::<Vec<_>>(), "")
            }
            Rule::Table(table) => {
                let table = table.iter().map(|&address| at(address)).collect();
                let table = self.shared.table(table);
                self.language().entry(&table, &affine(0, index, ""))
            }
        };
        format!("{array}[{index}]")
    }

    /// The partial sum that a rule gives.
    fn partial(&mut self, rule: &Rule, index: &[(i64, &str)]) -> String {
        let first_sum = self.shared.program.layout.sums;
        let partials = self.shared.memory.partials as u32;
        let at = |address: u32| partials + 8 * (address - first_sum);
        let index = match rule {
            &Rule::Even { first, step, .. } => affine(at(first), &times(8 * step, index), "lane"),
            // Sums lie in no grid.
            Rule::Grid { .. } => affine(partials, &[], "lane"),
            Rule::Table(table) => {
                let table = table.iter().map(|&address| at(address)).collect();
                let table = self.shared.table(table);
                let entry = self.language().entry(&table, &affine(0, index, ""));
                format!("{entry} + lane")
            }
        };
        format!("m[{index}]")
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
            Unit::Loop(number, body) => self.repeated(number, body)?,
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
            (Rule::Table(table), _) => table.iter().for_each(|address| {
                self.locals.remove(address);
            }),
            (Rule::Even { .. } | Rule::Grid { .. }, Some(span)) => {
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
        let (inputs, targets) = (Rule::list(&block.inputs), Rule::list(&block.targets));
        let weights = Rule::weights(block);
        let weight = |k| [(count as i64, "r"), (1, k)];
        self.open("r", 0, rows);
        let (x, w) = (self.place(&inputs, &[]), self.place(&weights, &weight("0")));
        let sum = self.variable(&format!("{x} * {w}"));
        if count > 1 {
            self.open("k", 1, count);
            let (x, w) = (self.place(&inputs, &[(1, "k")]), self.place(&weights, &weight("k")));
            let next = self.add_product(&x, &w, &sum);
            self.line(&format!("{sum} = {next};"));
            self.close();
        }
        let target = self.place(&targets, &[(1, "r")]);
        self.line(&format!("{target} = {sum};"));
        self.close();
        Ok(())
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

    fn add_to(&mut self, x: &str, y: &str, sums: &Rule, index: &[(i64, &str)]) {
        let partial = self.partial(sums, index);
        let sum = self.add_product(x, y, &partial);
        self.line(&format!("{partial} = {sum};"));
    }

    fn repeated(&mut self, number: u32, body: &'p [Instruction]) -> Result<(), Error> {
        let code = self.code;
        let repeat = code.loops[number as usize];
        let written = Touched::by(code, Unit::Loop(number, body)).ruled_writes;
        let mut steps = code.steps[repeat.first_step as usize..].iter();
        let mut rule = |address: u32| match steps.next() {
            Some(&step) => Rule::step(code, address, step, repeat.iterations),
            None => Rule::Even { first: address, step: 0, count: 1 },
        };
        // What this iteration has written, by its rule.
        let mut known: Vec<(Rule, String)> = Vec::new();
        self.open("i", 0, repeat.iterations as usize);
        for instruction in body {
            let target = rule(instruction.target);
            let mut operands = Vec::new();
            for address in code.operands(instruction) {
                let rule = rule(address);
                let stays = matches!(rule, Rule::Even { step: 0, .. })
                    && !written.iter().any(|written| written.has(address));
                operands.push(match known.iter().find(|(known, _)| *known == rule) {
                    Some((_, name)) => name.clone(),
                    None if stays => self.read(address)?,
                    None => self.place(&rule, &[(1, "i")]),
                });
            }
            if instruction.action == Action::Total {
                let partial = self.partial(&target, &[(1, "i")]);
                self.line(&format!("{partial} += {};", operands[0]));
                continue;
            }
            let value = self.value(instruction.action, &operands)?;
            let name = self.bind(&value);
            let place = self.place(&target, &[(1, "i")]);
            self.line(&format!("{place} = {name};"));
            known.retain(|(other, _)| !target.may_meet(other));
            known.push((target, name));
        }
        self.close();
        Ok(())
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

/// A sum of multiples, many times.
fn times<'n>(times: i64, index: &[(i64, &'n str)]) -> Vec<(i64, &'n str)> {
    index.iter().map(|&(own, name)| (times * own, name)).collect()
}
