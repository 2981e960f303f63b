//! The lecture on backpropagation from the first slide to the trained network, every blank filled in.
//!
//! Each formula is derived from a recorded graph, each trained network is checked against closed form. [`whole`] is all
//! of it, [`section`] one part by its number or name; [`Siblings`] is the network of its book.
//!
//! ```
//! let text = uphill_lecture::section("chain-rule")?;
//! assert!(text.contains("(−11, 1, 15)"));
//! # Ok::<(), uphill_lecture::Error>(())
//! ```

mod error;
mod node;
mod siblings;
mod training;
mod walk;
mod writing;

pub use error::Error;
pub use siblings::Siblings;

/// A section of the lecture.
#[derive(Debug)]
pub struct Section {
    name: &'static str,
    title: &'static str,
    write: fn(&mut String) -> Result<(), Error>,
}

const fn section_of(
    name: &'static str,
    title: &'static str,
    write: fn(&mut String) -> Result<(), Error>,
) -> Section {
    Section { name, title, write }
}

static SECTIONS: [Section; 12] = [
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

/// The sections, in order.
///
/// ```
/// let names: Vec<&str> = uphill_lecture::sections().iter().map(|section| section.name()).collect();
/// assert_eq!(names[..3], ["performance", "chain-rule", "update"]);
/// ```
#[must_use]
pub fn sections() -> &'static [Section] {
    &SECTIONS
}

impl Section {
    /// Its name, a word or two.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.title
    }
}

/// The whole lecture. It takes as long as the training of two small networks.
///
/// # Errors
///
/// None that depends on a user's data.
pub fn whole() -> Result<String, Error> {
    let texts = (0..SECTIONS.len()).map(numbered).collect::<Result<Vec<String>, Error>>()?;
    Ok(texts.join("\n"))
}

/// One section, by its number from 1 on, its name, or the beginning of its name.
///
/// # Errors
///
/// [`Error::UnknownSection`].
///
/// ```
/// let text = uphill_lecture::section("2")?;
/// assert!(text.starts_with("2. The chain rule on an example\n===="));
/// assert_eq!(uphill_lecture::section("chain")?, text);
/// let error = uphill_lecture::section("chain-role").unwrap_err();
/// assert!(error.to_string().starts_with("no section is named `chain-role`; known: performance, "));
/// # Ok::<(), uphill_lecture::Error>(())
/// ```
pub fn section(name: &str) -> Result<String, Error> {
    let by_number = name.parse().ok().filter(|number| (1..=SECTIONS.len()).contains(number));
    let by_name = || SECTIONS.iter().position(|section| section.name == name);
    let by_beginning = || {
        let mut places =
            (0..SECTIONS.len()).filter(|&place| SECTIONS[place].name.starts_with(name));
        places.next().filter(|_| !name.is_empty() && places.next().is_none())
    };
    let place = by_number.map(|number: usize| number - 1).or_else(by_name).or_else(by_beginning);
    numbered(place.ok_or_else(|| Error::UnknownSection {
        name: name.to_owned(),
        known: SECTIONS.each_ref().map(Section::name).join(", "),
    })?)
}

fn numbered(place: usize) -> Result<String, Error> {
    let Section { title, write, .. } = &SECTIONS[place];
    let title = format!("{}. {title}", place + 1);
    let mut text = format!("{title}\n{}\n\n", "=".repeat(title.chars().count()));
    write(&mut text)?;
    Ok(text)
}
