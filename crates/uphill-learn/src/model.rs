//! Model files: a network of `uphill-nn` with the recipe for tables and the settings of its training, in one JSON object.
//!
//! The object has a format, a version and a checksum, so that what is foreign, newer, cut off or edited is told as such.
//! Numbers are printed so that they read back to the same bits. docs/json.md lists the fields.

use std::io::{BufWriter, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uphill_nn::{Convention, Method, Model, Order, Rate, Start, WholeFile};
use uphill_table::{Reader, Recipe, Row, Tally};

use crate::checksum::Checksum;
use crate::error::Error;
use crate::performance::Regularised;

/// A file of a model has at most so many bytes.
pub const LARGEST_MODEL: u64 = 1 << 30;

const FORMAT: &str = "uphill model";
const VERSION: u64 = 1;
/// What stands around the content: less than so many bytes.
const FRAME: u64 = 200;

/// A trained network with all that is needed to use it on tables, and to go on training.
///
/// ```
/// # use uphill_learn::{Division, Measure, Preparation, Regularised, Settings};
/// # use uphill_nn::{Model, Network, Order, Method, Convention, Rate, Start};
/// # use uphill_table::{Kind, Table};
/// # let folder = tempfile::tempdir()?;
/// # let (path, rows) = (folder.path().join("model.json"), folder.path().join("t.csv"));
/// # std::fs::write(&rows, "x,y\n0,1\n2,5\n4,9\n6,13\n")?;
/// # let table = Table::open(&rows, Default::default())?;
/// # let parts = Preparation::default().parts(&table, Kind::Numbers)?;
/// # let network = Network::layered(&[1, 1]).bias().build()?;
/// # let settings = Settings {
/// #     performance: Regularised { measure: Measure::SquaredError, decay: 0.0 },
/// #     order: Order::FullBatch, method: Method::Plain, convention: Convention::Slides, start: Start::Xavier,
/// #     rate: Rate::Constant(0.1), seed: 0, test: 0.25, validation: 0.0, patience: None,
/// # };
/// # let model = Model::new(&network, &[0.5, 0.1])?;
/// # let recipe = parts.recipe.as_ref().clone();
/// # TableModel { recipe, settings, model }.save_file(&path)?;
/// use uphill_learn::TableModel;
/// use uphill_table::Reader;
///
/// // As `uphill train --save` wrote it.
/// let model = TableModel::load_file(&path)?;
/// let mut reader = Reader::open(&rows, model.recipe.format.clone())?;
/// let mut answers = Vec::new();
/// model.answers(&mut reader, |_, answer| {
///     answers.extend(answer.map(|(number, _)| number));
///     Ok::<(), uphill_learn::Error>(())
/// })?;
/// assert_eq!(answers.len(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TableModel {
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
    pub performance: Regularised,
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

impl Settings {
    /// What is wrong with settings that were read from a file, in words. The trainer checks the others, when it goes on.
    fn check(&self) -> Result<(), String> {
        let (test, validation) = (self.test, self.validation);
        let part = |share: f64| (0.0..1.0).contains(&share);
        if part(test) && part(validation) && test + validation < 1.0 {
            return Ok(());
        }
        Err(format!(
            "the parts of its rows are {test} for the test and {validation} for validation; expected parts from 0 up to 1, \
             with something left for training"
        ))
    }
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

impl TableModel {
    /// Writes it.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] for numbers that JSON can't hold; [`Error::Model`] if it would be larger than
    /// [`LARGEST_MODEL`]; [`Error::File`].
    pub fn write(&self, mut to: impl Write) -> Result<(), Error> {
        let json = |error: serde_json::Error| Error::Model(error.to_string());
        let model = self.model.document()?;
        let content = &WrittenContent { table: &self.recipe, training: &self.settings, model };
        // Twice through the same text, since the checksum stands before what it is over: a million weights are 300 MB of
        // it, which are never in memory.
        let mut sum = Checksum::default();
        serde_json::to_writer_pretty(&mut sum, content).map_err(json)?;
        let (checksum, length) = (sum.to_string(), FRAME + sum.indented());
        if length > LARGEST_MODEL {
            let most = LARGEST_MODEL >> 30;
            let what = format!("it would be larger than {most} GiB, the most that is read again");
            return Err(Error::Model(what));
        }
        let written = Written { format: FORMAT, version: VERSION, checksum, content };
        let failed = |source| Error::File { file: "the model".into(), source };
        serde_json::to_writer_pretty(&mut to, &written).map_err(|error| failed(error.into()))?;
        to.write_all(b"\n").map_err(failed)
    }

    /// Writes a file, whole or not at all; an earlier one is replaced.
    ///
    /// # Errors
    ///
    /// As [`TableModel::write`].
    pub fn save_file(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let failed = |source| Error::File { file: path.display().to_string(), source };
        let mut file = WholeFile::beside(path).map_err(failed)?;
        match self.write(BufWriter::new(&mut file)) {
            Err(Error::File { source, .. }) => return Err(failed(source)),
            other => other?,
        }
        file.put(true).map_err(failed)
    }

    /// Reads a file that [`TableModel::save_file`] or the command `uphill train --save` wrote, and checks it.
    ///
    /// # Errors
    ///
    /// [`Error::File`]; [`Error::Model`] for what is no model, is damaged, or is of another version.
    pub fn load_file(path: impl AsRef<Path>) -> Result<TableModel, Error> {
        let path = path.as_ref();
        let failed = |source| Error::File { file: path.display().to_string(), source };
        let file = std::fs::File::open(path).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(LARGEST_MODEL + 1).read_to_end(&mut bytes).map_err(failed)?;
        TableModel::parse(&bytes)
    }

    /// Reads the bytes of a file, and checks them.
    ///
    /// # Errors
    ///
    /// [`Error::Model`].
    pub fn parse(bytes: &[u8]) -> Result<TableModel, Error> {
        TableModel::parsed(bytes).map_err(Error::Model)
    }

    /// What is wrong is told in words.
    fn parsed(bytes: &[u8]) -> Result<TableModel, String> {
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
        content.training.check()?;
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
        Ok(TableModel { recipe: content.table, settings: content.training, model })
    }

    /// Calls a function with each row of a table, and its answer with the network's outputs: a number, or the place of a
    /// class. A row with a missing cell that isn't filled has none. Gives the missing cells.
    ///
    /// # Errors
    ///
    /// Those of the function; [`Error::Table`] for a missing column and cells that can't be used.
    pub fn answers<E: From<Error>>(
        &self,
        reader: &mut Reader,
        mut answer: impl FnMut(&Row<'_>, Option<(f64, &[f64])>) -> Result<(), E>,
    ) -> Result<Tally, E> {
        let recipe = &self.recipe;
        let places = recipe.find(reader).map_err(Error::from)?;
        let (network, weights) = (self.model.network(), self.model.weights());
        let (mut numbers, mut inputs) = (Vec::new(), Vec::new());
        let mut tally = Tally::default();
        while let Some(row) = reader.next_row().map_err(Error::from)? {
            numbers.clear();
            inputs.clear();
            let missing = recipe.read_inputs(&row, &places, &mut numbers).map_err(Error::from)?;
            if let Some(missing) = missing {
                tally.skip(&row, missing);
                answer(&row, None)?;
                continue;
            }
            places.filled(&numbers).for_each(|place| tally.keep(&row, place));
            recipe.encode_inputs(&numbers, &mut inputs);
            let outputs = network.computed(weights, &inputs).map_err(Error::from)?;
            answer(&row, Some((recipe.answer(&outputs), &outputs)))?;
        }
        Ok(tally)
    }
}
