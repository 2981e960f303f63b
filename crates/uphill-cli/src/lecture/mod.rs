//! `uphill lecture`: the lecture on backpropagation from the first slide to the trained network, every blank filled in.
//!
//! Each formula is derived from a recorded graph, each trained network is checked against closed form. [`whole`] is all
//! of it, [`section`] one part by its number or name.

mod node;
mod training;
mod walk;
mod writing;

use clap::Args;

use crate::output::Output;

/// Any error on the way.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

const EXAMPLES: &str = "\
Examples:
  uphill lecture
      all of it, the training of two networks included

  uphill lecture chain-rule
  uphill lecture 2
      one section

  uphill lecture --list
      the sections' numbers and names";

/// Walk through the lecture's slides on backpropagation, with every blank filled in.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// One section, by number, name or the beginning of its name [default: all]
    pub section: Option<String>,

    /// List the sections
    #[arg(long, conflicts_with = "section")]
    pub list: bool,
}

/// A section: its name on the command line and its title.
struct Section {
    name: &'static str,
    title: &'static str,
    write: fn(&mut String) -> Result<(), Failure>,
}

const fn section_of(
    name: &'static str,
    title: &'static str,
    write: fn(&mut String) -> Result<(), Failure>,
) -> Section {
    Section { name, title, write }
}

const SECTIONS: [Section; 12] = [
    section_of("performance", "Measuring performance P", walk::performance),
    section_of("chain-rule", "The chain rule on an example", walk::chain_rule),
    section_of("update", "The update rule: climbing uphill", walk::update),
    section_of("algorithm", "The training algorithm", walk::algorithm),
    section_of("node", "One node: the chain rule without a sum", node::one_node),
    section_of("sum", "One node: the sum σ(w) and its derivative", node::sum),
    section_of("activation", "The activation function: df/dσ", node::activation),
    section_of("output", "The change of an output with one weight", node::output_by_weight),
    section_of("weights", "The change of P with one weight", node::performance_by_weight),
    section_of("last-layer", "Backpropagation of β: the last layer", node::last_layer),
    section_of("earlier-layer", "Backpropagation of β: an earlier layer", node::earlier_layer),
    section_of("training", "Training", training::train),
];

/// The names of the sections, in order.
pub fn sections() -> impl ExactSizeIterator<Item = &'static str> + Clone {
    SECTIONS.iter().map(|section| section.name)
}

/// The whole lecture.
///
/// # Errors
///
/// None that depends on a user's data.
pub fn whole() -> Result<String, Failure> {
    let mut text = String::new();
    for number in 0..SECTIONS.len() {
        if number > 0 {
            text.push('\n');
        }
        text += &numbered(number)?;
    }
    Ok(text)
}

/// One section, by its number from 1 on, its name, or the beginning of its name.
///
/// # Errors
///
/// If there is no such section: the nearest name is told.
///
/// ```
/// let text = uphill_cli::lecture::section("2")?;
/// assert!(text.starts_with("2. The chain rule on an example\n===="));
/// assert_eq!(uphill_cli::lecture::section("chain")?, text);
/// let error = uphill_cli::lecture::section("chain-role").unwrap_err();
/// assert!(error.to_string().starts_with("no section is named `chain-role`: did you mean `chain-rule`?"));
/// # Ok::<(), uphill_cli::lecture::Failure>(())
/// ```
pub fn section(name: &str) -> Result<String, Failure> {
    numbered(place(name)?)
}

fn place(name: &str) -> Result<usize, crate::Error> {
    let by_number = name.parse().ok().filter(|number| (1..=SECTIONS.len()).contains(number));
    let by_name = || sections().position(|section| section == name);
    let by_beginning = || {
        let mut places =
            (0..SECTIONS.len()).filter(|&place| SECTIONS[place].name.starts_with(name));
        places.next().filter(|_| !name.is_empty() && places.next().is_none())
    };
    let place = by_number.map(|number: usize| number - 1).or_else(by_name).or_else(by_beginning);
    place.ok_or_else(|| crate::Error::unknown("section", name, "", sections()))
}

fn numbered(number: usize) -> Result<String, Failure> {
    let Section { title, write, .. } = &SECTIONS[number];
    let title = format!("{}. {title}", number + 1);
    let mut text = format!("{title}\n{}\n\n", "=".repeat(title.chars().count()));
    write(&mut text)?;
    Ok(text)
}

/// Prints the lecture.
pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), crate::Error> {
    if arguments.list {
        let line = |(number, section): (usize, &Section)| {
            format!("{:>2}  {:14} {}\n", number + 1, section.name, section.title)
        };
        return output.result(&SECTIONS.iter().enumerate().map(line).collect::<String>());
    }
    let text = match &arguments.section {
        None => whole()?,
        Some(name) => numbered(place(name)?)?,
    };
    output.result(&text)
}
