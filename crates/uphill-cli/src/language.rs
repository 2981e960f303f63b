//! `uphill formula`, or `uphill help formula`: how formulas are written, on one page.
//!
//! The functions come from the notation itself, which has them from the op table, so that the list is always whole.

use std::fmt::Write as _;

use clap::Args;
use uphill_formula::Call;

use crate::error::Error;
use crate::output::Output;

const NOTATION: &str = "\
A formula is a list of definitions, parted by `;` or lines, in any order. Those that no other
one uses are its outputs; names that nothing defines are its inputs.

  P = -(d - o)^2          # from `#` or `//` to the end of the line: a comment
  o = sigmoid(w*x + b)    # P is the output; d, w, x and b are the inputs

Operators, the loosest first:
  or   and   not   < <= > >= == !=   + -   * /   -x   ^ (or **)
  -x^2 is -(x^2), a^b^c is a^(b^c); to multiply, write `*`: 2*x, not 2x.
  A line that ends with an operator or a comma goes on in the next one, as do parentheses.

Numbers and constants:
  12   1.5   .5   1e-3   pi   e

Conditions; a truth is 1 or 0, and whatever is not 0 is true:
  if(x > 0 and x < 1, x, 0)

Functions of your own; they can't call themselves:
  bump(x, c) = exp(-(x - c)^2); y = a*bump(t, 1) + b*bump(t, 2)

Vectors, whose entries are inputs or definitions, and sums over ranges of indices:
  P = sum(i, 1..5, w[i]*x[i])
  sum, product, mean, min, max, hypot, norm and log_sum_exp go over ranges; indices may be
  computed, w[i, j + 1], and several. A range may be as long as a million: it is a loop.

Entries by their index, so recursions; each may need others before or behind it:
  x[0] = a; x[i] = r*x[i - 1]*(1 - x[i - 1]) for i = 1..1000; P = x[1000]
  c = [1, 2, 4]           # c[0], c[1] and c[2]

Names of letters, digits and `_`, beginning with none of the digits; all others in backquotes:
  area = `petal length`*`petal width`; x = `e`

Declarations, so that slips are found and inputs have an order; all of them may be left out:
  variables w[0..9], b     # the inputs by which is differentiated …
  parameters x[0..9], d    # … and the others
  outputs P, o             # instead of the definitions that no other one uses

Problems, for `uphill solve`: behind the definitions what is minimised or maximised, then what must
hold. Constraints have `<=`, `>=` or `=`, two limits or one, names if they are given any, and ranges:
  minimise cost = x[0]^2 + x[99]^2
  subject to
    power: x[0]*x[99] >= 25
    x[i] <= x[i + 1] + 1 for i = 0..98
    0 <= x[i] <= 10 for i = 0..99
";

const EXAMPLES: &str = "\
Examples:
  uphill grad 'P = if(x>0, x^2, 0)' --at x=3
      a condition

  uphill grad 'P = sum(i, 1..3, w[i]*x[i])' --at 'w[1]=1,w[2]=2,w[3]=3,x[1]=4,x[2]=5,x[3]=6'
      a sum over a range; names with brackets stand in quotes for the shell

  uphill grad 'x[0] = a; x[i] = x[i - 1] + 0.01*x[i - 1]*(1 - x[i - 1]) for i = 1..1000; P = x[1000]' --at a=0.1
      a recursion: growth by a thousand small steps

  uphill grad 'f(x) = x^3 - x; P = f(f(x))' --at x=0.5
      a function of one's own

  uphill grad @model.txt --at w=0.5,x=2
      a formula of many lines, from a file

  uphill solve 'minimise x^2 + y^2; subject to x*y >= 4; x <= 1' --start x=1,y=4
      a problem with a constraint and a bound";

/// Tell how formulas are written: operators, functions, conditions, sums, vectors.
#[derive(Debug, Args)]
#[command(after_help = page(), override_help = page())]
pub struct Arguments {}

/// Prints the page.
///
/// # Errors
///
/// [`Error::Write`].
pub(crate) fn run(_: &Arguments, output: &Output) -> Result<(), Error> {
    output.result(&(page() + "\n"))
}

/// The page: the notation, the functions, examples.
fn page() -> String {
    let mut text = format!("How formulas are written\n\n{NOTATION}\nFunctions:\n");
    let functions = || Call::all().filter(|call| call.stands_for().is_none());
    let called = || functions().filter(|call| !call.is_operator());
    let is_plain = |call: &Call| call.arguments() == "x";
    let _ = write!(
        text,
        "  of one number, as in sin(x):\n{}",
        wrapped(called().filter(is_plain).map(Call::name))
    );
    let others: Vec<String> =
        called().filter(|call| !is_plain(call)).map(|call| call.to_string()).collect();
    let _ = write!(text, "  of several:\n{}", wrapped(others.iter().map(String::as_str)));
    let other_names: Vec<String> = Call::all()
        .filter_map(|call| Some(format!("{} = {}", call.name(), call.stands_for()?)))
        .collect();
    let _ = write!(text, "  other names:\n{}", wrapped(other_names.iter().map(String::as_str)));
    let operators = functions().filter(|call| call.is_operator());
    let _ = write!(text, "  operators as functions:\n{}", wrapped(operators.map(Call::name)));
    text += "  log(x) is ln(x); exp[x] is exp(x), as other people write it.\n\
             \x20 round(x) takes halves away from zero; mod(x, y) has the sign of y, fmod(x, y) that of x;\n\
             \x20 softmax(n, x, y, …) is the n-th one's share of the sum of exponentials.\n\
             \x20 gamma, beta, mod and others are functions only in front of a parenthesis: beta*x + gamma(x).\n";
    text + "\n" + EXAMPLES
}

/// Words in lines of a width that fits every terminal, parted by two spaces.
fn wrapped<'w>(words: impl Iterator<Item = &'w str>) -> String {
    const WIDEST: usize = 90;
    const INDENT: &str = "    ";
    let (mut text, mut line) = (String::new(), String::new());
    for word in words {
        if !line.is_empty() && line.chars().count() + 2 + word.chars().count() > WIDEST {
            let _ = writeln!(text, "{line}");
            line.clear();
        }
        line += if line.is_empty() { INDENT } else { "  " };
        line += word;
    }
    text + &line + "\n"
}
