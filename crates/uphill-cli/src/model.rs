//! Model files: a network of `uphill-nn` with the recipe for tables and the settings of its training, in one JSON object.
//!
//! The object has a format, a version and a checksum, so that what is foreign, newer, cut off or edited is told as such.
//! Numbers are printed so that they read back to the same bits. [docs/json.md](https://docs.rs/uphill-cli) lists the fields.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uphill_nn::{Convention, Method, Model, Order, Rate, Start};

use crate::checksum::Checksum;
use crate::error::Error;
use crate::file::{Destination, Input, Limit};
use crate::table::recipe::Recipe;
use crate::train::Chosen;

const FORMAT: &str = "uphill model";
const VERSION: u64 = 1;
/// What stands around the content: less than so many bytes.
const FRAME: u64 = 200;

/// A trained network with all that is needed to use it on tables, and to go on training.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// How rows become inputs, and outputs an answer.
    pub recipe: Recipe,
    /// How it was trained.
    pub settings: Settings,
    /// The network, its weights, and where its training stands.
    pub model: Model,
}

/// The settings of a training that must stay the same when it goes on, and the rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What is maximised.
    pub performance: Chosen,
    /// Which rows a change looks at.
    pub order: Order,
    /// What is made of a gradient.
    pub method: Method,
    /// The slides' gradient or the book's half.
    pub convention: Convention,
    /// How the first weights were drawn.
    #[serde(with = "start")]
    pub start: Start,
    /// The learning rate.
    pub rate: Rate,
    /// The seed of all random choices.
    pub seed: u64,
    /// The part of the rows for the test.
    pub test: f64,
    /// The part of the rows that says when to stop.
    pub validation: f64,
    /// How many changes without a rise on them are waited for.
    pub patience: Option<usize>,
}

/// A start as one word, as on the command line.
mod start {
    use serde::{Deserialize, Deserializer, Serializer};
    use uphill_nn::Start;

    pub(super) fn serialize<S: Serializer>(start: &Start, to: S) -> Result<S::Ok, S::Error> {
        match start {
            Start::Uniform(width) => to.serialize_str(&format!("uniform:{width:?}")),
            _ => to.serialize_str("xavier"),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Start, D::Error> {
        let text = String::deserialize(from)?;
        match text.strip_prefix("uniform:").map(str::parse) {
            Some(Ok(width)) => Ok(Start::Uniform(width)),
            None if text == "xavier" => Ok(Start::Xavier),
            _ => Err(serde::de::Error::custom(format!("unknown start `{text}`"))),
        }
    }
}

/// What is written.
#[derive(Serialize)]
struct Written<'s, M> {
    format: &'static str,
    version: u64,
    checksum: String,
    content: &'s WrittenContent<'s, M>,
}

/// What the checksum is over.
#[derive(Serialize)]
struct WrittenContent<'s, M> {
    table: &'s Recipe,
    training: &'s Settings,
    model: M,
}

/// What every version has.
#[derive(Deserialize)]
struct Header {
    format: Option<String>,
    version: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole<'t> {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u64,
    checksum: Option<String>,
    #[serde(borrow)]
    content: Content<'t>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content<'t> {
    table: Recipe,
    training: Settings,
    #[serde(borrow)]
    model: &'t RawValue,
}

/// The content as it stands there.
#[derive(Deserialize)]
struct Text<'t> {
    #[serde(borrow)]
    content: &'t RawValue,
}

impl Saved {
    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`], [`Error::Write`]; [`Error::Network`] for numbers that JSON can't hold.
    pub fn write(&self, to: &Destination) -> Result<(), Error> {
        let json = |error: serde_json::Error| Error::Use(error.to_string());
        let model = self.model.document()?;
        let content = &WrittenContent { table: &self.recipe, training: &self.settings, model };
        // Twice through the same text, since the checksum stands before what it is over: a million weights are 300 MB of
        // it, which are never in memory.
        let mut sum = Checksum::default();
        serde_json::to_writer_pretty(&mut sum, content).map_err(json)?;
        let (checksum, length) = (sum.to_string(), FRAME + sum.indented());
        let written = Written { format: FORMAT, version: VERSION, checksum, content };
        if length > Limit::MODEL.bytes {
            let most = crate::numbers::size(Limit::MODEL.bytes);
            let what = format!("it would be larger than {most}, the most that is read again");
            return Err(to.failed(std::io::Error::other(what)));
        }
        to.write(|file| {
            serde_json::to_writer_pretty(&mut *file, &written)
                .map_err(|error| to.failed(error.into()))?;
            file.write_all(b"\n").map_err(|source| to.failed(source))
        })
    }

    /// Reads a file, and checks it.
    ///
    /// # Errors
    ///
    /// [`Error::Read`]; [`Error::Model`] for what is no model, is damaged, or is of another version.
    pub fn read(from: &Input) -> Result<Saved, Error> {
        let bytes = from.read_all(&Limit::MODEL)?;
        Saved::parse(&bytes).map_err(|what| Error::Model { file: from.to_string(), what })
    }

    /// Reads the bytes of a file; what is wrong is told in words.
    ///
    /// # Errors
    ///
    /// A sentence.
    pub fn parse(bytes: &[u8]) -> Result<Saved, String> {
        let header: Header = serde_json::from_slice(bytes).map_err(|error| {
            if bytes.trim_ascii().is_empty() {
                return "it is empty".to_owned();
            }
            let what = match error.classify() {
                serde_json::error::Category::Eof => "it ends too early",
                serde_json::error::Category::Data => "it is another kind of JSON",
                _ => "it isn't JSON, or damaged",
            };
            format!("{what}: {error}")
        })?;
        match (header.format.as_deref(), header.version) {
            (Some(FORMAT), Some(VERSION)) => {}
            (Some(FORMAT), Some(newer)) if newer > VERSION => {
                return Err(format!(
                    "it has version {newer}, this uphill reads up to {VERSION}; use a newer uphill"
                ));
            }
            (Some(FORMAT), Some(other)) => return Err(format!("there is no version {other}")),
            (Some(FORMAT), None) => return Err("it doesn't say its version".into()),
            (Some("uphill-nn model"), _) => {
                return Err("it is a network alone, without a recipe for tables; train it by \
                            `uphill train --save`"
                    .into());
            }
            (Some(other), _) => {
                return Err(format!("its format is `{other}`, expected `{FORMAT}`"));
            }
            (None, _) => return Err(format!("it doesn't say its format, `{FORMAT}`")),
        }
        let whole: Whole<'_> = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let content = whole.content;
        if let Some(expected) = whole.checksum {
            let text: Text<'_> =
                serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
            let checksum = Checksum::of(text.content.get().as_bytes()).to_string();
            if checksum != expected {
                return Err(format!(
                    "its checksum is {checksum}, it says {expected}: it is damaged, or was edited \
                     (take the checksums out if that was intended)"
                ));
            }
        }
        content.table.check()?;
        let model = content.model.get().as_bytes();
        let model = Model::read(model).map_err(|error| error.to_string())?;
        let (inputs, outputs) = (content.table.input_count(), content.table.target.count());
        let network = model.network();
        if (network.inputs().len(), network.output_count()) != (inputs, outputs) {
            return Err(format!(
                "its table has {inputs} inputs and {outputs} outputs, its network {} and {}",
                network.inputs().len(),
                network.output_count()
            ));
        }
        Ok(Saved { recipe: content.table, settings: content.training, model })
    }
}
