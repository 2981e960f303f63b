//! What differs between Rust and C99: how a number, a binding, a loop or a table is written.

use std::fmt::Write as _;

/// The language of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    C,
}

use Language::{C, Rust};

impl Language {
    /// A number that reads back to its bits.
    pub(super) fn number(self, x: f64) -> String {
        match self {
            Rust if x.is_nan() => "f64::NAN".into(),
            Rust if x == f64::INFINITY => "f64::INFINITY".into(),
            Rust if x == f64::NEG_INFINITY => "f64::NEG_INFINITY".into(),
            C if x.is_nan() => "(double)NAN".into(),
            C if x == f64::INFINITY => "(double)INFINITY".into(),
            C if x == f64::NEG_INFINITY => "-(double)INFINITY".into(),
            Rust | C => format!("{x:?}"),
        }
    }

    /// A new name for a value.
    pub(super) fn bind(self, name: &str, value: &str) -> String {
        match self {
            Rust => format!("let {name} = {value};"),
            C => format!("const double {name} = {value};"),
        }
    }

    /// A new name for a number that changes.
    pub(super) fn variable(self, name: &str, value: &str) -> String {
        match self {
            Rust => format!("let mut {name} = {value};"),
            C => format!("double {name} = {value};"),
        }
    }

    /// The head of a loop.
    pub(super) fn each(self, index: &str, from: &str, to: &str) -> String {
        match self {
            Rust => format!("for {index} in {from}..{to} {{"),
            C => format!("for (size_t {index} = {from}; {index} < {to}; ++{index}) {{"),
        }
    }

    /// One of two values.
    pub(super) fn choice(self, condition: &str, yes: &str, no: &str) -> String {
        match self {
            Rust => format!("if {condition} {{ {yes} }} else {{ {no} }}"),
            C => format!("{condition} ? {yes} : {no}"),
        }
    }

    /// A call of a kernel. C has the operations that it rounds correctly itself.
    pub(super) fn call(self, name: &str, operands: &[String]) -> String {
        let operands = operands.join(", ");
        match (self, name) {
            (Rust, "abs") => format!("f64::abs({operands})"),
            (Rust, _) => format!("kernel::{name}({operands})"),
            (C, "abs") => format!("fabs({operands})"),
            (C, "mul_add") => format!("fma({operands})"),
            (C, "sqrt") => format!("sqrt({operands})"),
            (C, _) => format!("uphill_{name}({operands})"),
        }
    }

    /// The kernel behind a call; `None` if the language brings it along.
    pub(super) fn kernel(self, name: &'static str) -> Option<&'static str> {
        let own = match self {
            Rust => name == "abs",
            C => matches!(name, "abs" | "mul_add" | "sqrt"),
        };
        (!own).then_some(name)
    }

    /// Several numbers as one operand, with how many there are in front where it takes that.
    pub(super) fn list(self, numbers: &[String]) -> Vec<String> {
        let list = numbers.join(", ");
        match self {
            Rust => vec![format!("&[{list}]")],
            C => vec![numbers.len().to_string(), format!("(const double[]){{{list}}}")],
        }
    }

    /// An entry of an index table.
    pub(super) fn entry(self, table: &str, index: &str) -> String {
        match self {
            Rust => format!("{table}[{index}] as usize"),
            C => format!("{table}[{index}]"),
        }
    }

    /// A constant table of indices or numbers.
    pub(super) fn table(self, name: &str, is_index: bool, entries: &[String]) -> String {
        let count = entries.len();
        let (head, end) = match (self, is_index) {
            (Rust, true) => (format!("static {name}: [u32; {count}] = ["), "];"),
            (Rust, false) => (format!("static {name}: [f64; {count}] = ["), "];"),
            (C, true) => (format!("static const uint32_t {name}[{count}] = {{"), "};"),
            (C, false) => (format!("static const double {name}[{count}] = {{"), "};"),
        };
        let mut text = head;
        let mut width = usize::MAX;
        for entry in entries {
            if width > 96 {
                text += "\n   ";
                width = 3;
            }
            let _ = write!(text, " {entry},");
            width += entry.len() + 2;
        }
        text + "\n" + end
    }

    /// A comment before an item, a line each.
    pub(super) fn comment(self, lines: &[String]) -> String {
        let mut text = String::new();
        for (k, line) in lines.iter().enumerate() {
            let line: String = line.chars().filter(|c| !c.is_control() && *c != '\\').collect();
            let line = line.replace("*/", "* /").replace("/*", "/ *");
            let line = if self == C { line.replace('…', "...") } else { line };
            let line = line.trim_end();
            let _ = match self {
                Rust if line.is_empty() => writeln!(text, "///"),
                Rust => writeln!(text, "/// {line}"),
                C if k == 0 => writeln!(text, "/* {line}"),
                C if line.is_empty() => writeln!(text, " *"),
                C => writeln!(text, " * {line}"),
            };
        }
        if self == C && !lines.is_empty() {
            text.truncate(text.trim_end().len());
            text += " */\n";
        }
        text
    }

    /// Whether a word can be the name of a function in this language, and be no other's.
    pub(super) fn is_name(self, word: &str) -> bool {
        let mut characters = word.chars();
        let fits = characters.next().is_some_and(|c| c.is_ascii_alphabetic())
            && characters.all(|c| c.is_ascii_alphanumeric() || c == '_');
        let taken = match self {
            Rust => RUST_WORDS.contains(&word),
            C => C_WORDS.contains(&word) || word.starts_with("uphill_"),
        };
        fits && !taken
    }
}

/// Rust's keywords, and the name of the module with kernels.
const RUST_WORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "kernel", "let", "loop", "macro", "match", "mod", "move", "mut", "override",
    "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true", "try",
    "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// C's keywords, and the functions and types of the standard library that the text uses.
const C_WORDS: &[&str] = &[
    "auto", "break", "case", "char", "const", "continue", "copysign", "default", "do", "double",
    "else", "enum", "extern", "fabs", "float", "floor", "fma", "for", "goto", "if", "inline",
    "int", "int32_t", "long", "memcpy", "register", "restrict", "return", "rint", "short",
    "signed", "size_t", "sizeof", "sqrt", "static", "struct", "switch", "typedef", "uint32_t",
    "uint64_t", "union", "unsigned", "void", "volatile", "while",
];
