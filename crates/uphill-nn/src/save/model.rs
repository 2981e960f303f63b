//! A network with its weights, and where its training stands, in one JSON file.

use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Fnv1a, whole};
use crate::error::Error;
use crate::network::Network;
use crate::train::TrainingState;

const FORMAT: &str = "uphill-nn model";
const VERSION: u64 = 1;
const KIND: &str = "model";

/// A network, its weights, and where its training stands if that is to go on.
///
/// ```
/// use uphill_nn::{Model, Network, Samples, SquaredError, Stop, Trainer};
///
/// let network = Network::layered(&[2, 1]).build()?;
/// let samples = Samples::new([[0.0, 1.0], [1.0, 1.0]], [[0.0], [1.0]])?;
/// let trainer = || Trainer::new(&network, SquaredError, &samples).seed(3);
///
/// let half = trainer().stop(Stop::changes(50)).train()?;
/// let mut file = Vec::new(); // anything that implements `Write`
/// Model::new(&network, &half.weights)?.with_training(half.state).write(&mut file)?;
///
/// let saved = Model::read(file.as_slice())?;
/// assert_eq!(saved.network(), &network);
/// let state = saved.training().expect("it was saved").clone();
/// let resumed = trainer().resume(state).stop(Stop::changes(100)).train()?;
/// let at_once = trainer().stop(Stop::changes(100)).train()?;
/// assert_eq!(resumed.weights, at_once.weights); // the same bits
/// # Ok::<(), uphill_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    content: Content,
}

/// What the checksum is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    network: Network,
    weights: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    training: Option<TrainingState>,
}

#[derive(Serialize)]
struct Written<'m> {
    format: &'static str,
    version: u64,
    checksum: String,
    model: &'m Content,
}

/// What every version has.
#[derive(Deserialize)]
struct Header {
    format: Option<String>,
    version: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u64,
    checksum: Option<String>,
    model: Content,
}

impl Content {
    /// Of the JSON without spaces, which is never in memory as a whole.
    fn checksum(&self) -> Result<String, serde_json::Error> {
        let mut hash = Fnv1a::default();
        serde_json::to_writer(&mut hash, self)?;
        Ok(format!("{:016x}", hash.value()))
    }
}

impl Model {
    /// A network with weights.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::WeightNotFinite`].
    pub fn new(network: &Network, weights: &[f64]) -> Result<Model, Error> {
        network.check_weights(weights)?;
        let content =
            Content { network: network.clone(), weights: weights.to_vec(), training: None };
        Ok(Model { content })
    }

    /// Adds where the training stands.
    #[must_use]
    pub fn with_training(mut self, state: TrainingState) -> Model {
        self.content.training = Some(state);
        self
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.content.network
    }

    /// The weights.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.content.weights
    }

    /// Where the training stands, if that was saved.
    #[must_use]
    pub fn training(&self) -> Option<&TrainingState> {
        self.content.training.as_ref()
    }

    /// Writes the JSON. Numbers are printed so that they read back to the same bits.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Format`] if the training state holds an infinity or NaN, which JSON can't.
    pub fn write(&self, mut to: impl Write) -> Result<(), Error> {
        let bytes = self.bytes()?;
        to.write_all(&bytes)
            .map_err(|source| Error::Io { what: "can't write the model".into(), source })
    }

    /// Reads what [`Model::write`] wrote, and checks it. More than a gibibyte is not read.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] for what is no model, is damaged, or comes from a newer version; [`Error::Io`]; those of
    /// [`Network::verify`] for a structure that was edited.
    pub fn read(from: impl Read) -> Result<Model, Error> {
        let bytes = whole::read_all(from, whole::LARGEST)
            .map_err(|source| Error::Io { what: "can't read the model".into(), source })?;
        Model::parse(&bytes)
    }

    /// Writes a file, whole: as a [`WholeFile`](crate::WholeFile), that is beside its place first, then moved into it.
    ///
    /// An earlier file is replaced; the new one has its permissions. Links are followed, and devices written directly.
    ///
    /// # Errors
    ///
    /// As [`Model::write`], with the file's name.
    pub fn save_file(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        whole::write(path, &self.bytes().map_err(|error| error.in_file(path))?)
    }

    /// Reads a file that [`Model::save_file`] wrote.
    ///
    /// # Errors
    ///
    /// As [`Model::read`], with the file's name.
    pub fn load_file(path: impl AsRef<Path>) -> Result<Model, Error> {
        let path = path.as_ref();
        Model::parse(&whole::read(path)?).map_err(|error| error.in_file(path))
    }

    /// The JSON object that [`Model::write`] writes, to be a part of a larger one.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if the training state holds an infinity or NaN, which JSON can't.
    ///
    /// ```
    /// use uphill_nn::{Model, Network};
    ///
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let model = Model::new(&network, &[0.5, -1.0])?;
    /// let larger = serde_json::to_string(&[model.document()?]).expect("it is JSON");
    /// let parts: [serde_json::Value; 1] = serde_json::from_str(&larger).expect("it is JSON");
    /// assert_eq!(Model::read(parts[0].to_string().as_bytes())?, model);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn document(&self) -> Result<impl Serialize, Error> {
        if self.training().is_some_and(|state| !state.is_sound()) {
            return Err(format("the training state holds an infinite or NaN number".into()));
        }
        let model = &self.content;
        let checksum = model.checksum().map_err(unwritten)?;
        Ok(Written { format: FORMAT, version: VERSION, checksum, model })
    }

    fn bytes(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = serde_json::to_vec_pretty(&self.document()?).map_err(unwritten)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Model, Error> {
        let header: Header = serde_json::from_slice(bytes).map_err(|error| {
            let what = match error.classify() {
                serde_json::error::Category::Eof => "it ends too early",
                serde_json::error::Category::Data => "it is another kind of JSON",
                _ => "it isn't JSON, or damaged",
            };
            format(format!("{what}: {error}"))
        })?;
        match header.format.as_deref() {
            Some(FORMAT) => {}
            Some(other) => {
                return Err(format(format!("its format is `{other}`, expected `{FORMAT}`")));
            }
            None => return Err(format(format!("it doesn't say its format, `{FORMAT}`"))),
        }
        match header.version {
            Some(VERSION) => {}
            Some(newer) if newer > VERSION => {
                return Err(format(format!(
                    "it has version {newer}, this crate reads up to {VERSION}; use a newer crate"
                )));
            }
            Some(other) => return Err(format(format!("there is no version {other}"))),
            None => return Err(format("it doesn't say its version".into())),
        }
        let whole: Whole =
            serde_json::from_slice(bytes).map_err(|error| format(error.to_string()))?;
        let content = whole.model;
        if let Some(expected) = whole.checksum {
            let checksum = content.checksum().map_err(|error| format(error.to_string()))?;
            if checksum != expected {
                return Err(format(format!(
                    "its checksum is {checksum}, it says {expected}: it is damaged, or was edited \
                     (take the checksum out if that was intended)"
                )));
            }
        }
        content.network.verify()?;
        content.network.check_weights(&content.weights)?;
        if let Some(state) = &content.training {
            content.network.check_weights(state.weights())?;
        }
        Ok(Model { content })
    }
}

fn unwritten(error: serde_json::Error) -> Error {
    format(format!("it can't be written: {error}"))
}

fn format(what: String) -> Error {
    Error::Format { kind: KIND, what }
}
