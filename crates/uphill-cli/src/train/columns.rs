//! Remarks on columns that somebody who knows the table may not expect, with the options that read them otherwise.

use uphill_table::recipe::{Input, Target};
use uphill_table::{Column, Contents, Notation};

use crate::list::name_for_shell;
use crate::names::shortened;
use crate::numbers::short;

/// A remark on a target of numbers: that a number is learnt, and how classes would be.
pub(super) fn of_number(column: &Column, target: &Target) -> Option<String> {
    let name = &column.name;
    match (&column.contents, target) {
        (Contents::Numbers(whole), Target::Number { .. }) => Some(match whole.list() {
            Some(numbers) if numbers.len() > 1 => format!(
                "`{name}` holds numbers, {} different ones, and is learnt as a number; --as-classes takes each as a class",
                numbers.len()
            ),
            _ => format!("`{name}` holds numbers and is learnt as a number"),
        }),
        (Contents::Numbers(_), Target::Classes { classes, .. }) => Some(format!(
            "`{name}` holds numbers, {} different ones, each of which is a class",
            classes.len()
        )),
        _ => None,
    }
}

/// A remark on a column of text: that each of its categories is an input.
pub(super) fn of_text(input: &Input, rows: usize) -> Option<String> {
    let Input::Categories { column, categories, .. } = input else { return None };
    let column = shortened(column);
    match categories.as_slice() {
        [only] => {
            let only = shortened(only);
            Some(format!("`{column}` is `{only}` in every row, so it tells nothing"))
        }
        many => {
            let with_unit: Vec<&String> = many.iter().filter(|text| has_unit(text)).collect();
            let hint = match with_unit.first() {
                Some(text) if 2 * with_unit.len() > many.len() => format!(
                    "; cells such as `{}` are numbers with a unit, and would be read as numbers without it",
                    shortened(text)
                ),
                _ if 2 * many.len() > rows && rows > 4 => {
                    format!(
                        "; in most rows another one: --ignore {} leaves it out",
                        name_for_shell(&column)
                    )
                }
                _ => String::new(),
            };
            Some(format!("`{column}` is text: {} categories, an input for each{hint}", many.len()))
        }
    }
}

/// Whether a text is a number with a sign of money, a percent sign or the like before or behind it.
fn has_unit(text: &str) -> bool {
    let is_unit = |c: char| "%‰$€£¥₹°".contains(c);
    let number = text.trim_matches(|c| is_unit(c) || c == ' ');
    number.len() < text.len() && Notation::reads(number)
}

/// A remark on an input that is one number in every row for training.
pub(super) fn of_constant(column: &str, number: f64) -> String {
    let number = short(number, 6);
    let ignored = name_for_shell(column);
    format!(
        "`{column}` is {number} in every row for training, so it tells nothing; --ignore {ignored} leaves it out"
    )
}
