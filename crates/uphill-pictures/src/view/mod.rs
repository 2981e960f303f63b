//! One HTML file to step through the chain rule, to drag along a training, to see the surface with its path, and to move
//! the weights of a network.
//!
//! The page holds everything: pictures drawn here, numbers as JSON, a style sheet and a script without any library. It
//! asks nobody for anything; its content security policy forbids it to. `data.rs` says what the JSON is,
//! `script/` has a file for each section of the page.

mod data;
mod program;
mod screens;
mod sliders;
mod template;

use uphill_graph::{Detail, Function};
use uphill_nn::{Network, Row};

use crate::error::Error;
use crate::graph::model::{Model, written_out};
use crate::learning::Learning;
use crate::network::{NetworkPicture, largest};
use crate::scene::Picture;
use crate::surface::{Surface, thinned};
use crate::svg::{escape, inline, style_sheet};
use crate::theme::Theme;
use program::{Program, With};
use screens::{NARROW, WIDE, drawings, live_regions, networks};
pub use sliders::Sliders;
use template::filled;

/// Of longer histories, so many rows are shown.
const MOST_ROWS: usize = 500;
/// And fewer, if there are more weights to show in each.
const MOST_NUMBERS: usize = 200_000;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
/// Each script, and the sections that need it; all do where none is named.
const SCRIPTS: [(&[&str], &str); 8] = [
    (&[], include_str!("script/common.js")),
    (&["chain", "weights"], include_str!("script/operations.js")),
    (&["chain", "weights"], include_str!("script/sliders.js")),
    (&["chain"], include_str!("script/chain.js")),
    (&["training", "weights"], include_str!("script/network.js")),
    (&["training"], include_str!("script/training.js")),
    (&["surface"], include_str!("script/surface.js")),
    (&["weights"], include_str!("script/weights.js")),
];

/// A page about a function, a training, or both, to be opened in any browser.
///
/// ```
/// use uphill_graph::{Function, Scalar};
/// use uphill_pictures::View;
///
/// let p = Function::record(["w1", "w2", "w3"], |w| {
///     let o1 = (w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1");
///     let o2 = (2.0 * w[0] - w[1] - 6.0).named("o2");
///     3.0 * o1 - 7.0 * o2
/// })?;
/// let html = View::new("The lecture's example").trace(&p, &[1.0, 1.0, 1.0])?.html()?;
/// assert!(html.starts_with("<!doctype html>"));
/// assert!(!html.contains("src=") && !html.contains("<link"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct View {
    title: String,
    /// What the performance is called in a training.
    name: String,
    /// What is said below the chart of a training.
    note: Option<String>,
    /// In which unit a network's inputs are.
    unit: Option<String>,
    chain: Option<Chain>,
    training: Option<Training>,
    surface: Option<Surface>,
    sliders: Option<Sliders>,
}

/// The lines of a function, and what the page computes them by; else, why it can't.
#[derive(Debug, Clone)]
struct Chain {
    /// The names of the function's inputs, in full.
    inputs: Vec<String>,
    model: Model,
    program: Option<Result<Program, String>>,
}

/// The shown rows of a history, and the network if there is one.
#[derive(Debug, Clone)]
struct Training {
    rows: Vec<Row>,
    /// How many rows there were, and which are shown.
    length: usize,
    shown: Vec<usize>,
    network: Option<Network>,
}

impl View {
    /// A page with this title and nothing on it yet.
    #[must_use]
    pub fn new(title: impl Into<String>) -> View {
        let (title, name, note) = (title.into(), "P".into(), None);
        View {
            title,
            name,
            note,
            unit: None,
            chain: None,
            training: None,
            surface: None,
            sliders: None,
        }
    }

    /// Calls the performance of a training something else than P: `P a row`, say, where it is a mean over rows.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> View {
        self.name = name.into();
        self
    }

    /// Says below a training's chart what its performance is: with or without a penalty, say.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> View {
        self.note = Some(text.into());
        self
    }

    /// Says above a network's inputs in which unit they are: `standardised`, say.
    #[must_use]
    pub fn input_unit(mut self, unit: impl Into<String>) -> View {
        self.unit = Some(unit.into());
        self
    }

    /// Shows the graph of a function and steps through its evaluation, without numbers.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] with more than 400 named, shared or final values.
    pub fn graph(self, function: &Function) -> Result<View, Error> {
        self.with_detail(function, None, Detail::Shared)
    }

    /// Steps through a function at a point: each value on the way forward, each adjoint with its terms on the way back.
    /// Sliders change the inputs; the page's own script then computes values and derivatives.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if the point has another number of entries than the function has inputs; [`Error::TooLarge`] with
    /// more than 400 named, shared or final values.
    pub fn trace(self, function: &Function, x: &[f64]) -> Result<View, Error> {
        self.with_detail(function, Some(x), Detail::Shared)
    }

    /// The same with a choice of what gets a step, at a point if one is given.
    ///
    /// # Errors
    ///
    /// As [`View::trace`].
    ///
    /// ```
    /// use uphill_graph::{Detail, Function};
    /// use uphill_pictures::View;
    /// let f = Function::record(["x"], |x| 2.0 * x[0] + 1.0)?;
    /// let html = View::new("A line").with_detail(&f, Some(&[3.0]), Detail::Every)?.html()?;
    /// assert!(html.contains("\"name\":\"t1\""));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_detail(
        mut self,
        function: &Function,
        x: Option<&[f64]>,
        detail: Detail,
    ) -> Result<View, Error> {
        let function = &*written_out(function)?;
        let model = Model::new(function, x, detail)?;
        let program = x.map(|x| Program::new(function, &model, x, With::Partials)).transpose()?;
        let inputs = function.input_names().collect();
        self.chain = Some(Chain { inputs, model, program });
        Ok(self)
    }

    /// Shows a training: P, the length of its gradient and the rate by change. Of more than 500 rows, evenly chosen
    /// ones are shown.
    ///
    /// # Errors
    ///
    /// As [`Learning::of`].
    pub fn learning(mut self, history: &[Row]) -> Result<View, Error> {
        Learning::of(history)?;
        let shown: Vec<usize> = thinned(history.len(), MOST_ROWS).collect();
        let rows = shown.iter().map(|&k| history[k].clone()).collect();
        self.training = Some(Training { rows, length: history.len(), shown, network: None });
        Ok(self)
    }

    /// Shows a training with its network: weights as width and colour of lines, at each row of the history.
    ///
    /// # Errors
    ///
    /// As [`View::learning`]; [`Error::NoWeights`] if a row was kept without weights; [`Error::WrongLength`] and
    /// [`Error::NotFinite`] if they don't fit the network.
    ///
    /// ```
    /// use uphill_nn::{History, Network, Samples, SquaredError, Stop, Trainer};
    /// use uphill_pictures::View;
    ///
    /// let network = Network::layered(&[2, 2, 1]).bias().build()?;
    /// let exclusive_or = Samples::new([[0., 0.], [0., 1.], [1., 0.], [1., 1.]], [[0.], [1.], [1.], [0.]])?;
    /// let outcome = Trainer::new(&network, SquaredError, &exclusive_or)
    ///     .history(History::every(10).with_weights())
    ///     .stop(Stop::changes(200))
    ///     .train()?;
    /// let html = View::new("Exclusive or").training(&network, &outcome.history)?.html()?;
    /// assert!(html.contains("x1→h1.1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn training(mut self, network: &Network, history: &[Row]) -> Result<View, Error> {
        Learning::of(history)?;
        for (row, weights) in history.iter().map(|row| row.weights.as_ref()).enumerate() {
            let weights = weights.ok_or(Error::NoWeights { row })?;
            NetworkPicture::new(network, weights)?;
        }
        let most = (MOST_NUMBERS / network.weight_count().max(1)).clamp(20, MOST_ROWS);
        let shown: Vec<usize> = thinned(history.len(), most).collect();
        let rows = shown.iter().map(|&k| history[k].clone()).collect();
        let network = Some(network.clone());
        self.training = Some(Training { rows, length: history.len(), shown, network });
        Ok(self)
    }

    /// Shows P over two weights, with its path if it has one. A path with one point for each row of the history follows
    /// the training; other ones have a slider of their own.
    #[must_use]
    pub fn surface(mut self, surface: Surface) -> View {
        self.surface = Some(surface);
        self
    }

    /// Shows a network whose weights can be moved: P and its slopes, and decision regions over two inputs, follow. Other
    /// sections about the same network follow, too: the chain rule of a sample, and the training leads.
    #[must_use]
    pub fn sliders(mut self, sliders: Sliders) -> View {
        self.sliders = Some(sliders);
        self
    }

    /// Whether the chain is that of a sample of the network with sliders: then the weights come first among its inputs.
    fn is_chain_of_sliders(&self) -> bool {
        let (Some(chain), Some(sliders)) = (&self.chain, &self.sliders) else { return false };
        let weights = sliders.network().weights();
        chain.inputs.len() > weights.len()
            && weights.iter().zip(&chain.inputs).all(|(weight, input)| weight.name == *input)
    }

    /// The page.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] if there is nothing on it.
    pub fn html(&self) -> Result<String, Error> {
        let sections = [
            ("chain", self.chain.is_some()),
            ("training", self.training.is_some()),
            ("surface", self.surface.is_some()),
            ("weights", self.sliders.is_some()),
        ];
        let count = sections.iter().filter(|(_, there)| *there).count();
        Error::check_enough(
            "sections of a view (a graph, a trace, a training, a surface or sliders)",
            1,
            count,
        )?;
        let json = data::json(self)?;
        let mut chain = String::new();
        let mut training = String::new();
        let mut network = String::new();
        let mut surface = String::new();
        if let Some(shown) = &self.chain {
            chain = inline(&crate::graph::draw(&shown.model, 0, None, false), "natural");
        }
        if let Some(shown) = &self.training {
            for (picture, class) in shown.charts(&self.name)?.iter().zip(["wide", "narrow"]) {
                training += &inline(&picture.picture, &format!("chart {class}"));
            }
            if let Some(note) = &self.note {
                training += &format!("<p class=\"still\">{}</p>\n", escape(note));
            }
            for (picture, class) in
                shown.networks(self.unit.as_deref())?.iter().zip(["wide", "narrow"])
            {
                network += &inline(picture, &format!("network {class}"));
            }
        }
        if let Some(shown) = &self.surface {
            for ([flat, solid], class) in drawings(shown).iter().zip(["wide", "narrow"]) {
                surface += &inline(&flat.picture, &format!("flat {class}"));
                surface += &inline(&solid.picture, &format!("solid {class}"));
            }
        }
        let (mut regions, mut moved) = (String::new(), String::new());
        if let Some(shown) = &self.sliders {
            for ((picture, _), class) in live_regions(shown).iter().zip(["wide", "narrow"]) {
                regions += &inline(picture, &format!("regions {class}"));
            }
            let strongest = largest(shown.network(), shown.weights());
            let unit = self.unit.as_deref();
            let pictures = networks(shown.network(), shown.weights(), unit, strongest)?;
            for (picture, class) in pictures.iter().zip(["wide", "narrow"]) {
                moved += &inline(picture, &format!("network {class}"));
            }
        }
        let style = format!(
            ":root{{color-scheme:light;{light}}}\
             @media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\
             @media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n{STYLE}",
            light = style_sheet(Theme::Light),
            dark = style_sheet(Theme::Dark)
        );
        let is_there = |name: &&str| sections.contains(&(*name, true));
        let needed = |(of, script): &(&[&str], &'static str)| {
            (of.is_empty() || of.iter().any(is_there)).then_some(*script)
        };
        let scripts: Vec<&str> = SCRIPTS.iter().filter_map(needed).collect();
        let script = format!("(() => {{\n\"use strict\";\n{}}})();\n", scripts.join("\n"));
        let fields = [
            ("title", escape(&self.title)),
            ("style", style),
            ("chain", chain),
            ("training", training),
            ("network", network),
            ("surface", surface),
            ("regions", regions),
            ("moved", moved),
            ("data", json),
            ("script", script),
        ];
        Ok(filled(PAGE, &fields, &sections))
    }
}

impl Training {
    fn charts(&self, name: &str) -> Result<[crate::learning::Drawing; 2], Error> {
        let learning = Learning::of(&self.rows)?.named(name);
        let wide = learning.clone().size(WIDE, 520);
        Ok([wide.drawing(), learning.size(NARROW, 440).drawing()])
    }

    /// The network at the end, for a large and a small screen; none without a network.
    fn networks(&self, unit: Option<&str>) -> Result<Vec<Picture>, Error> {
        let Some(network) = &self.network else { return Ok(Vec::new()) };
        let last = self.weights().last().copied().unwrap_or_default();
        networks(network, last, unit, self.strongest(network))
    }

    fn weights(&self) -> Vec<&[f64]> {
        self.rows.iter().filter_map(|row| row.weights.as_deref()).collect()
    }

    /// The strongest weight of all rows, so that lines can be compared.
    fn strongest(&self, network: &Network) -> f64 {
        self.weights().iter().map(|weights| largest(network, weights)).fold(0.0, f64::max)
    }
}
