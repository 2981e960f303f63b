//! What differs between Rust and C99, and between `f64` and `f32`: how a number, a binding, a loop or a table is written.

use std::fmt::Write as _;

/// The language of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    C,
}

use Language::{C, Rust};

/// How precise the numbers of a piece of text are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    Double,
    Single,
}

use Precision::{Double, Single};

impl Language {
    /// The type of numbers.
    pub(super) fn type_of(self, precision: Precision) -> &'static str {
        match (self, precision) {
            (Rust, Double) => "f64",
            (Rust, Single) => "f32",
            (C, Double) => "double",
            (C, Single) => "float",
        }
    }

    /// A number that reads back to its bits, rounded to the precision.
    pub(super) fn number(self, x: f64, precision: Precision) -> String {
        let own = self.type_of(precision);
        let x = if precision == Single { f64::from(x as f32) } else { x };
        let sign = if x < 0.0 { "-" } else { "" };
        match (self, precision) {
            (Rust, _) if x.is_nan() => format!("{own}::NAN"),
            (C, _) if x.is_nan() => format!("({own})NAN"),
            (Rust, _) if x == f64::NEG_INFINITY => format!("{own}::NEG_INFINITY"),
            (Rust, _) if x.is_infinite() => format!("{own}::INFINITY"),
            (C, _) if x.is_infinite() => format!("{sign}({own})INFINITY"),
            (_, Double) => format!("{x:?}"),
            (Rust, Single) => format!("{:?}_f32", x as f32),
            (C, Single) => format!("{:?}f", x as f32),
        }
    }

    /// A number of double precision rounded to single.
    pub(super) fn rounded(self, x: &str) -> String {
        match self {
            Rust => format!("({x} as f32)"),
            C => format!("(float){x}"),
        }
    }

    /// A number of single precision as one of double.
    pub(super) fn widened(self, x: &str) -> String {
        match self {
            Rust => format!("f64::from({x})"),
            C => format!("(double){x}"),
        }
    }

    /// A new name for a value.
    pub(super) fn bind(self, name: &str, value: &str, precision: Precision) -> String {
        match self {
            Rust => format!("let {name} = {value};"),
            C => format!("const {} {name} = {value};", self.type_of(precision)),
        }
    }

    /// A new name for a number that changes.
    pub(super) fn variable(self, name: &str, value: &str, precision: Precision) -> String {
        match self {
            Rust => format!("let mut {name} = {value};"),
            C => format!("{} {name} = {value};", self.type_of(precision)),
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
            (Rust, "abs_f32") => format!("f32::abs({operands})"),
            (Rust, _) => format!("kernel::{name}({operands})"),
            (C, "abs") => format!("fabs({operands})"),
            (C, "abs_f32") => format!("fabsf({operands})"),
            (C, "mul_add") => format!("fma({operands})"),
            (C, "mul_add_f32") => format!("fmaf({operands})"),
            (C, "sqrt") => format!("sqrt({operands})"),
            (C, "sqrt_f32") => format!("sqrtf({operands})"),
            (C, _) => format!("uphill_{name}({operands})"),
        }
    }

    /// The kernel behind a call; `None` if the language brings it along.
    pub(super) fn kernel(self, name: &'static str) -> Option<&'static str> {
        let own = match self {
            Rust => matches!(name, "abs" | "abs_f32"),
            C => matches!(name.trim_end_matches("_f32"), "abs" | "mul_add" | "sqrt"),
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
    pub(super) fn table(self, name: &str, of: &str, entries: &[String]) -> String {
        let count = entries.len();
        let (head, end) = match self {
            Rust => (format!("static {name}: [{of}; {count}] = ["), "];"),
            C => (format!("static const {of} {name}[{count}] = {{"), "};"),
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
    "else", "enum", "extern", "fabs", "fabsf", "float", "floor", "fma", "fmaf", "for", "goto",
    "if", "inline", "int", "int32_t", "long", "memcpy", "register", "restrict", "return", "rint",
    "short", "signed", "size_t", "sizeof", "sqrt", "sqrtf", "static", "struct", "switch",
    "typedef", "uint32_t", "uint64_t", "union", "unsigned", "void", "volatile", "while",
];
