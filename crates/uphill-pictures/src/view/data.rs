//! The numbers of a view as JSON, in a form that a page can hold as it is.
//!
//! Numbers that are only read come as people read them; those that change widths and places come as numbers. Every `<`,
//! `>` and `&` is escaped, so that no name can end the script element that holds the text.

use serde::Serialize;

use super::program::Program;
use super::screens::{drawings, live_regions};
use super::sliders::Computed;
use super::{Training, View};
use crate::error::Error;
use crate::graph::adjoint_line;
use crate::graph::model::Model;
use crate::network::{NetworkPicture, THINNEST, WIDEST, largest};
use crate::number::{rounded, short};
use crate::scene::Point;
use crate::surface::{Drawing, Surface, thinned};

/// Of longer paths that don't follow the training, so many points are shown.
const MOST_POINTS: usize = 500;

#[derive(Serialize)]
struct Data<'v> {
    title: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<Chain<'v>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<History<'v>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    surface: Option<Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sliders: Option<Sliders<'v>>,
}

/// Weights to be moved, and all that is computed from them.
#[derive(Serialize)]
struct Sliders<'v> {
    /// What the performance is called.
    name: &'static str,
    names: Vec<&'v str>,
    start: &'v [f64],
    /// Positions of weights that no step changes.
    frozen: Vec<usize>,
    /// Whether the weights are the first inputs of the chain.
    chained: bool,
    notes: &'v [String],
    /// Inputs and desired outputs of each sample.
    rows: &'v [Vec<f64>],
    inputs: usize,
    divisor: f64,
    #[serde(flatten)]
    programs: Option<Programs<'v>>,
    still: Option<&'v str>,
    network: Drawn,
    plane: Option<Plane<'v>>,
}

#[derive(Serialize)]
struct Programs<'v> {
    term: &'v Computed,
    whole: &'v Computed,
    outputs: &'v Computed,
}

/// Which weights of a network are drawn, and how broad.
#[derive(Serialize)]
struct Drawn {
    drawn: Vec<usize>,
    strongest: f64,
    thinnest: f64,
    widest: f64,
}

impl Drawn {
    fn new(network: &uphill_nn::Network, weights: &[f64], strongest: f64) -> Result<Drawn, Error> {
        let drawn = NetworkPicture::new(network, weights)?.drawn();
        Ok(Drawn { drawn, strongest, thinnest: THINNEST, widest: WIDEST })
    }
}

/// Two inputs of the network, as the axes of decision regions.
#[derive(Serialize)]
struct Plane<'v> {
    classes: usize,
    places: [usize; 2],
    /// Inputs at the lower and the upper end of each axis.
    ends: [[f64; 2]; 2],
    held: &'v [f64],
    /// Left, top, width and height in the wide and the narrow picture.
    frames: Vec<[f64; 4]>,
}

#[derive(Serialize)]
struct Chain<'v> {
    function: &'v str,
    numbers: bool,
    nodes: Vec<Node<'v>>,
    edges: &'v [(usize, usize)],
    sweeps: Vec<Sweep<'v>>,
    troubles: &'v [String],
    /// What sliders compute by, or why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<&'v Program>,
    #[serde(skip_serializing_if = "Option::is_none")]
    still: Option<&'v str>,
}

#[derive(Serialize)]
struct Node<'v> {
    name: &'v str,
    formula: Option<&'v str>,
    value: Option<String>,
    input: bool,
    /// Whether derivatives are taken by it.
    variable: bool,
    output: bool,
}

#[derive(Serialize)]
struct Sweep<'v> {
    output: &'v str,
    node: usize,
    /// What is written into the output's own box.
    label: String,
    adjoints: Vec<Adjoint>,
}

#[derive(Serialize)]
struct Adjoint {
    node: usize,
    value: String,
    /// What is written into the box.
    label: String,
    terms: Vec<Term>,
}

#[derive(Serialize)]
struct Term {
    through: usize,
    adjoint: String,
    partial: String,
    value: String,
}

#[derive(Serialize)]
struct History<'v> {
    /// What the performance is called.
    name: &'v str,
    rows: Vec<Row>,
    /// For the wide and the narrow chart: the upper and lower end of the line that marks a row, and its places.
    charts: Vec<Chart>,
    /// The weights that are drawn, with their names and values in each row.
    #[serde(flatten)]
    network: Drawn,
    names: Vec<&'v str>,
    weights: Vec<Vec<f64>>,
}

#[derive(Serialize)]
struct Row {
    change: String,
    pass: String,
    performance: String,
    length: String,
    rate: String,
    validation: Option<String>,
}

#[derive(Serialize)]
struct Chart {
    top: f64,
    bottom: f64,
    places: Vec<[f64; 3]>,
}

#[derive(Serialize)]
struct Path {
    /// Whether the points are those of the history's rows.
    linked: bool,
    names: [String; 3],
    points: Vec<[String; 3]>,
    /// Wide: from above, from the side; narrow: the same.
    places: Vec<Vec<Option<[f64; 2]>>>,
}

pub(super) fn json(view: &View) -> Result<String, Error> {
    let training = view.training.as_ref();
    let data = Data {
        title: &view.title,
        chain: view.chain.as_ref().map(chain),
        training: training.map(|training| history(training, &view.name)).transpose()?,
        surface: view.surface.as_ref().map(|surface| path(surface, training)),
        sliders: view.sliders.as_ref().map(|shown| sliders(shown, view)).transpose()?,
    };
    // Only maps with other keys than strings could fail.
    Ok(escaped(&serde_json::to_string(&data).unwrap_or_default()))
}

/// JSON that means the same, and holds nothing that HTML reads.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
    }
    out
}

fn chain(chain: &super::Chain) -> Chain<'_> {
    let model: &Model = &chain.model;
    let nodes = model.nodes.iter().map(|node| Node {
        name: &node.name,
        formula: node.formula.as_deref(),
        value: node.value.map(short),
        input: node.is_input,
        variable: node.is_variable,
        output: node.is_output,
    });
    let sweeps = model.sweeps.iter().map(|sweep| {
        let label =
            |node: usize, value: f64| adjoint_line(&sweep.output, &model.nodes[node].name, value);
        let term = |term: &crate::graph::model::Term| Term {
            through: term.through,
            adjoint: short(term.adjoint),
            partial: short(term.partial),
            value: short(term.value),
        };
        let adjoints = sweep.adjoints.iter().map(|adjoint| Adjoint {
            node: adjoint.node,
            value: short(adjoint.value),
            label: label(adjoint.node, adjoint.value),
            terms: adjoint.terms.iter().map(term).collect(),
        });
        Sweep {
            output: &sweep.output,
            node: sweep.node,
            label: label(sweep.node, 1.0),
            adjoints: adjoints.collect(),
        }
    });
    Chain {
        function: &model.function,
        numbers: model.has_numbers,
        nodes: nodes.collect(),
        edges: &model.edges,
        sweeps: sweeps.collect(),
        troubles: &model.troubles,
        program: chain.program.as_ref().and_then(|program| program.as_ref().ok()),
        still: chain
            .program
            .as_ref()
            .and_then(|program| program.as_ref().err())
            .map(String::as_str),
    }
}

fn history<'v>(training: &'v Training, name: &'v str) -> Result<History<'v>, Error> {
    let row = |row: &uphill_nn::Row| Row {
        change: row.change.to_string(),
        pass: row.pass.to_string(),
        performance: short(row.performance),
        length: short(row.gradient_length),
        rate: short(row.rate),
        validation: row.validation.map(short),
    };
    let charts = training.charts(name)?.into_iter().map(|drawing| Chart {
        top: two_decimals(drawing.top),
        bottom: two_decimals(drawing.bottom),
        places: drawing.places.into_iter().map(|place| place.map(two_decimals)).collect(),
    });
    let charts = charts.collect();
    let (mut names, mut weights) = Default::default();
    let mut drawn = Drawn { drawn: Vec::new(), strongest: 0.0, thinnest: THINNEST, widest: WIDEST };
    if let Some(network) = &training.network {
        let rows = training.weights();
        let last = rows.last().copied().unwrap_or_default();
        drawn = Drawn::new(network, last, training.strongest(network))?;
        let shown = &drawn.drawn;
        names = shown.iter().map(|&weight| network.weights()[weight].name.as_str()).collect();
        let of_row = |row: &[f64]| shown.iter().map(|&weight| six_digits(row[weight])).collect();
        weights = rows.into_iter().map(of_row).collect();
    }
    Ok(History {
        name,
        rows: training.rows.iter().map(row).collect(),
        charts,
        network: drawn,
        names,
        weights,
    })
}

fn path(surface: &Surface, training: Option<&Training>) -> Path {
    let points = surface.path_points();
    let followed = training.filter(|training| training.length == points.len());
    let shown: Vec<usize> = match followed {
        Some(training) => training.shown.clone(),
        None => thinned(points.len(), MOST_POINTS).collect(),
    };
    let place = |point: &Option<Point>| point.map(|p| [two_decimals(p.x), two_decimals(p.y)]);
    let places = |drawing: &Drawing| shown.iter().map(|&k| place(&drawing.path[k])).collect();
    Path {
        linked: followed.is_some(),
        names: surface.names().map(Into::into),
        points: shown.iter().map(|&k| points[k].map(|x| rounded(x, 5))).collect(),
        places: drawings(surface).iter().flatten().map(places).collect(),
    }
}

fn sliders<'v>(sliders: &'v super::Sliders, view: &'v View) -> Result<Sliders<'v>, Error> {
    let (network, start) = (sliders.network(), sliders.weights());
    let frozen = network.weights().iter().enumerate().filter(|(_, weight)| weight.frozen);
    let programs = sliders.programs.as_ref();
    let plane = sliders.plane.as_ref().map(|(plane, _)| Plane {
        classes: plane.classes(),
        places: plane.places(),
        ends: plane.ends(),
        held: plane.held(),
        frames: live_regions(sliders).iter().map(|(_, frame)| frame.map(two_decimals)).collect(),
    });
    Ok(Sliders {
        name: if sliders.divisor == 1.0 { "P" } else { "P a row" },
        names: sliders.names(),
        start,
        frozen: frozen.map(|(position, _)| position).collect(),
        chained: view.is_chain_of_sliders(),
        notes: &sliders.notes,
        rows: &sliders.rows,
        inputs: network.inputs().len(),
        divisor: sliders.divisor,
        programs: programs.ok().map(|it| Programs {
            term: &it.term,
            whole: &it.whole,
            outputs: &it.outputs,
        }),
        still: programs.err().map(String::as_str),
        network: Drawn::new(network, start, largest(network, start))?,
        plane,
    })
}

fn two_decimals(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

fn six_digits(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_ends_the_script_element() {
        let json = serde_json::to_string("</script><!-- & \u{2028}").unwrap();
        let text = escaped(&json);
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        let back: String = serde_json::from_str(&text).unwrap();
        assert_eq!(back, "</script><!-- & \u{2028}");
    }
}
