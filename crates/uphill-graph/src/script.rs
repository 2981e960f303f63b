//! The three scripts of what people read: ASCII, Unicode and LaTeX. Names, numbers, products and the symbols of
//! derivatives in each.

use crate::formula_text::{Style, raised};
use crate::latex::{latex_formula, latex_number};
use crate::latex_name::latex_name;
use crate::layout::Layout;
use crate::node::NodeId;
use crate::print::number;

/// A formula or a symbol in each script.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    texts: [String; 3],
}

impl Written {
    pub(crate) fn formula(layout: &Layout<'_>, id: NodeId) -> Written {
        Written {
            texts: [
                layout.formula(id, &Style::ASCII),
                layout.formula(id, &Style::UNICODE),
                latex_formula(layout, id),
            ],
        }
    }

    pub(crate) fn each(text: impl Fn(Script) -> String) -> Written {
        Written { texts: [Script::Ascii, Script::Unicode, Script::Latex].map(text) }
    }

    pub(crate) fn in_script(&self, script: Script) -> &str {
        &self.texts[script as usize]
    }

    /// In ASCII, as the notation of formulas reads it back: `2*(d - o)`.
    #[must_use]
    pub fn ascii(&self) -> &str {
        self.in_script(Script::Ascii)
    }

    /// In Unicode: `2·(d − o)`.
    #[must_use]
    pub fn unicode(&self) -> &str {
        self.in_script(Script::Unicode)
    }

    /// In LaTeX, for mathematics mode: `2 \cdot \left(d - o\right)`.
    #[must_use]
    pub fn latex(&self) -> &str {
        self.in_script(Script::Latex)
    }
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Ascii,
    Unicode,
    Latex,
}

impl Script {
    pub(crate) fn name(self, name: &str) -> String {
        if self == Script::Latex { latex_name(name) } else { name.into() }
    }

    /// The symbol of a derivative by one value, or of a higher one by several. `regular`: with d and not ∂, since the
    /// value is a function of this one variable alone.
    pub(crate) fn derivative(self, of: &str, by: &[&str], regular: bool) -> String {
        let order = by.len();
        let d = match self {
            Script::Ascii => "d",
            _ if regular => "d",
            Script::Unicode => "∂",
            Script::Latex => r"\partial ",
        };
        let d = if self == Script::Latex && regular { "d " } else { d };
        let power = |n: usize| match self {
            _ if n == 1 => String::new(),
            Script::Ascii => n.to_string(),
            Script::Unicode => raised(&n.to_string()),
            Script::Latex => format!("^{{{n}}}"),
        };
        let below: Vec<String> = by
            .chunk_by(|a, b| a == b)
            .map(|same| format!("{d}{}{}", self.name(same[0]), power(same.len())))
            .collect();
        let above = format!("{}{}{}", d.trim_end(), power(order), {
            let space = if self == Script::Latex { " " } else { "" };
            format!("{space}{}", self.name(of))
        });
        match self {
            Script::Latex => format!(r"\frac{{{above}}}{{{}}}", below.join(r" \, ")),
            _ => format!("{above}/{}", below.concat()),
        }
    }

    pub(crate) fn number(self, x: f64, digits: Option<usize>) -> String {
        match self {
            Script::Ascii => number(x, digits),
            Script::Unicode => number(x, digits).replace('-', "−"),
            Script::Latex => latex_number(x, digits),
        }
    }

    pub(crate) fn minus(self) -> &'static str {
        if self == Script::Unicode { "−" } else { "-" }
    }

    pub(crate) fn times(self) -> &'static str {
        match self {
            Script::Ascii => "*",
            Script::Unicode => "·",
            Script::Latex => r" \cdot ",
        }
    }

    /// A factor of a product: sums and negative numbers in parentheses.
    pub(crate) fn factor(self, text: &str) -> String {
        match self {
            _ if !text.starts_with(['-', '−']) && !is_sum(text) => text.into(),
            Script::Latex => format!(r"\left({text}\right)"),
            _ => format!("({text})"),
        }
    }

    /// Terms between plus signs; a term that begins with a minus is taken away.
    pub(crate) fn sum(self, terms: impl Iterator<Item = String>) -> String {
        let minus = if self == Script::Unicode { " − " } else { " - " };
        // One text that grows: a value that a thousand lines read has a thousand terms.
        let joined = terms.reduce(|mut so_far, term| {
            let (sign, rest) = match term.strip_prefix(['-', '−']) {
                Some(rest) => (minus, rest),
                None => (" + ", &*term),
            };
            so_far.push_str(sign);
            so_far.push_str(rest);
            so_far
        });
        joined.unwrap_or_default()
    }
}

/// Whether there is a plus or minus between terms, outside of all brackets.
fn is_sum(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        if depth == 0 && matches!(word, "+" | "-" | "−") && words.peek().is_some() {
            return true;
        }
        for c in word.chars() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    false
}
