//! The body of one function: a line for each value, loops where the program has them.
//!
//! A value has a name from the line that computes it to the end of the function. If it has a place in memory, it is
//! stored there too, and what is written by rule takes its name away.

use std::collections::HashMap;

use super::access::{Region, Touched, Unit, is_written_out};
use super::language::{Language, Precision};
use super::rule::{Lookup, Rule};
use super::shared::Shared;
use crate::code::{Action, Block, Code, Outer};
use crate::error::Error;

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
    pub(super) precision: Precision,
    /// The array that values with a place are stored in.
    memory: &'static str,
    indent: usize,
    pub(super) names: usize,
    locals: HashMap<u32, String>,
}

impl<'s, 'p> Body<'s, 'p> {
    pub(super) fn new(shared: &'s mut Shared<'p>, code: &'p Code, indent: usize) -> Body<'s, 'p> {
        let precision = shared.precision(code);
        let memory = if precision == shared.of_call() { "m" } else { "singles" };
        let (text, locals) = (String::new(), HashMap::new());
        Body { shared, code, text, precision, memory, indent, names: 0, locals }
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
        let line = self.language().bind(&name, value, self.precision);
        self.line(&line);
        name
    }

    pub(super) fn variable(&mut self, value: &str) -> String {
        let name = self.fresh();
        let line = self.language().variable(&name, value, self.precision);
        self.line(&line);
        name
    }

    /// A function of numbers of this code. In single precision it is that of doubles, rounded; few are its own.
    pub(super) fn call(&mut self, name: &'static str, operands: &[String]) -> String {
        let own = match (self.precision, name) {
            (Precision::Single, "abs") => Some("abs_f32"),
            (Precision::Single, "mul_add") => Some("mul_add_f32"),
            (Precision::Single, "sqrt") => Some("sqrt_f32"),
            _ => None,
        };
        if let Some(name) = own {
            self.shared.needs.extend(self.language().kernel(name));
            return self.language().call(name, operands);
        }
        let operands: Vec<String> = operands.iter().map(|x| self.widened(x)).collect();
        self.kernel(name, &operands)
    }

    /// A kernel of operands that are as it takes them.
    pub(super) fn kernel(&mut self, name: &'static str, operands: &[String]) -> String {
        self.shared.needs.extend(self.language().kernel(name));
        let value = self.language().call(name, operands);
        match self.precision {
            Precision::Double => value,
            Precision::Single => self.language().rounded(&value),
        }
    }

    /// A number of this code as a double.
    pub(super) fn widened(&self, x: &str) -> String {
        match self.precision {
            Precision::Double => x.into(),
            Precision::Single => self.language().widened(x),
        }
    }

    pub(super) fn number(&self, x: f64) -> String {
        self.language().number(x, self.precision)
    }

    /// What is given for a call, as this code has it.
    fn of_call(&self, found: Found) -> Found {
        match self.precision == self.shared.of_call() {
            true => found,
            false => Found::Text(self.language().rounded(&found.text())),
        }
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
            return Ok(Found::Text(self.number(number)));
        }
        let within = |start: u32, count: u32| {
            (start..start + count).contains(&address).then(|| address - start)
        };
        if let Some(input) = within(layout.shared, layout.shared_count) {
            return Ok(self.of_call(Found::Entry("inputs", input)));
        }
        if let Some(column) = within(layout.per_call, layout.column_count) {
            return Ok(Found::Entry("row", column));
        }
        match self.shared.memory.place(address) {
            Some(place) => Ok(Found::Entry(self.memory, place)),
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
            self.line(&format!("{}[{place}] = {name};", self.memory));
        }
        self.locals.insert(address, name);
    }

    /// The place that a rule gives at an index, which is a sum of multiples. A grid takes their names for row and column.
    pub(super) fn place(&mut self, rule: &Rule, index: &[(i64, &str)]) -> String {
        let layout = &self.shared.program.layout;
        let Some(span) = rule.span() else { return self.number(0.0) };
        let region = Region::of(layout, span);
        let (array, start) = match region {
            Region::Constants => (self.shared.constants_name(), 0),
            Region::Inputs => ("inputs".into(), layout.shared),
            Region::Row => ("row".into(), layout.per_call),
            Region::Memory => (self.memory.into(), 0),
        };
        let layout_of = |shared: &Shared<'_>, address: u32| match region {
            Region::Memory => shared.memory.place(address).unwrap_or(0),
            Region::Constants | Region::Inputs | Region::Row => address - start,
        };
        let index = self.shared.index(rule, index, 1, &layout_of);
        let entry = format!("{array}[{}]", index.text(""));
        let is_of_call = matches!(region, Region::Constants | Region::Inputs);
        if is_of_call { self.of_call(Found::Text(entry)).text() } else { entry }
    }

    /// The partial sum that a rule gives.
    pub(super) fn partial(&mut self, rule: &Rule, index: &[(i64, &str)]) -> String {
        let first_sum = self.shared.program.layout.sums;
        let lanes = self.shared.memory.lanes;
        let at = |shared: &Shared<'_>, address: u32| {
            shared.memory.partials as u32 + lanes as u32 * (address - first_sum)
        };
        let index = self.shared.index(rule, index, lanes as i64, &at).text("lane");
        format!("{}[{index}]", self.memory)
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
