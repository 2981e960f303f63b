//! A network: nodes in layers from left to right, weights as lines, the stronger the thicker.
//!
//! Blue lines are positive, orange ones negative. Thresholds and biases stand below their nodes. Of broad layers the
//! first and the last nodes are drawn. `places.rs` says where everything goes.

mod places;

use uphill_nn::{Network, Offset};

use crate::chart::{
    Sign, TICK_SIZE, draw_legend, draw_notes, draw_title, note_lines, notes_height, side,
};
use crate::error::Error;
use crate::font;
use crate::number::rounded;
use crate::scene::{Anchor, Group, Ink, Item, Outline, Picture, Point, Step, Stroke, Text};
use crate::theme::Paint;
use places::Places;

/// The widest line, and how much of it is left for weight 0.
pub(crate) const WIDEST: f64 = 8.0;
pub(crate) const THINNEST: f64 = 0.6;

/// A network with its weights.
///
/// ```
/// use uphill_nn::Network;
/// use uphill_pictures::{NetworkPicture, Theme};
///
/// let network = Network::layered(&[2, 2, 1]).build()?;
/// let weights = [3.0, -1.0, 0.5, 2.0, -2.0, 0.1, 4.0, -4.0, 1.0];
/// let picture = NetworkPicture::new(&network, &weights)?.title("A small network").picture();
/// let svg = picture.svg(Theme::Light);
/// assert!(svg.contains("threshold 0.5"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct NetworkPicture<'n> {
    network: &'n Network,
    weights: Vec<f64>,
    title: Option<String>,
    unit: Option<String>,
    largest: f64,
    width: f64,
}

impl<'n> NetworkPicture<'n> {
    /// The network with these weights, in the order of [`Network::weights`].
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`], [`Error::NotFinite`] with the position of the weight.
    pub fn new(network: &'n Network, weights: &[f64]) -> Result<NetworkPicture<'n>, Error> {
        Error::check_length("weights", network.weight_count(), weights.len())?;
        Error::check_finite("weight", weights)?;
        let largest = largest(network, weights);
        Ok(NetworkPicture {
            network,
            weights: weights.to_vec(),
            title: None,
            unit: None,
            largest,
            width: 800.0,
        })
    }

    /// Sets the title; otherwise it tells the number of inputs, nodes and weights.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> NetworkPicture<'n> {
        self.title = Some(title.into());
        self
    }

    /// Says above the inputs in which unit they are: `standardised`, say.
    ///
    /// ```
    /// use uphill_nn::Network;
    /// use uphill_pictures::{NetworkPicture, Theme};
    /// let network = Network::layered(&[1, 1]).build()?;
    /// let picture = NetworkPicture::new(&network, &[1.0, 2.0])?.input_unit("standardised").picture();
    /// assert!(picture.svg(Theme::Light).contains("inputs, standardised"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn input_unit(mut self, unit: impl Into<String>) -> NetworkPicture<'n> {
        self.unit = Some(unit.into());
        self
    }

    /// Sets the width in pixels, at least 320 and at most 4000; otherwise it is 800. The height follows from the network.
    #[must_use]
    pub fn width(mut self, pixels: u32) -> NetworkPicture<'n> {
        self.width = side(pixels);
        self
    }

    /// The weight that gets the thickest line, for pictures that are to be compared; otherwise it is the strongest one.
    /// A number that is not above 0 changes nothing.
    #[must_use]
    pub fn strongest(mut self, weight: f64) -> NetworkPicture<'n> {
        if weight > 0.0 && weight.is_finite() {
            self.largest = weight;
        }
        self
    }

    /// The picture.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let network = self.network;
        let counted = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        };
        let sizes = format!(
            "{}, {}, {}",
            counted(network.inputs().len(), "input"),
            counted(network.nodes().len(), "node"),
            counted(network.weight_count(), "weight")
        );
        let title = self.title.clone().unwrap_or_else(|| format!("A network of {sizes}"));
        let places = Places::new(network, self.width, self.unit.as_deref());
        let notes = places.offsets_are_short.then(|| self.offset_note()).flatten();
        let lines = note_lines(notes.as_slice(), self.width);
        let height = places.height + notes_height(&lines);
        let mut picture = Picture::new(self.width, height, title);
        picture.description =
            format!("{sizes}. The strongest weight is {}.", rounded(self.largest, 3));
        draw_title(&mut picture, 24.0);
        let entries = [
            (Sign::Line(Stroke::new(Paint::First, 4.0)), "positive".to_owned()),
            (Sign::Line(Stroke::new(Paint::Second, 4.0)), "negative".to_owned()),
            (
                Sign::Line(Stroke::new(Paint::Muted, WIDEST)),
                format!("weight ±{}", rounded(self.largest, 3)),
            ),
        ];
        draw_legend(&mut picture, &entries, self.width - 24.0, 54.0);
        self.draw_edges(&mut picture, &places);
        self.draw_nodes(&mut picture, &places);
        self.draw_edge_labels(&mut picture, &places);
        draw_notes(&mut picture, &lines);
        picture
    }

    /// What the numbers below nodes are.
    fn offset_note(&self) -> Option<String> {
        let any =
            |of: fn(&Offset) -> bool| self.network.nodes().iter().any(|node| of(&node.offset));
        let word = match (
            any(|offset| matches!(offset, Offset::Threshold(_))),
            any(|offset| matches!(offset, Offset::Bias(_))),
        ) {
            (true, true) => "threshold or bias",
            (true, false) => "threshold",
            (false, true) => "bias",
            (false, false) => return None,
        };
        Some(format!("The number below a node is its {word}."))
    }

    /// The weights that are drawn, as lines or offsets.
    pub(crate) fn drawn(&self) -> Vec<usize> {
        let places = Places::new(self.network, self.width, self.unit.as_deref());
        let mut drawn: Vec<usize> = self.edges(&places).into_iter().map(|edge| edge.0).collect();
        let nodes = self.network.nodes().iter().zip(&places.of[self.network.inputs().len()..]);
        drawn.extend(
            nodes.filter(|(_, at)| at.is_some()).filter_map(|(node, _)| node.offset.weight()),
        );
        drawn.sort_unstable();
        drawn.dedup();
        drawn
    }

    /// The drawn edges: their weight, and both ends.
    fn edges(&self, places: &Places) -> Vec<(usize, Point, Point)> {
        let inputs = self.network.inputs().len();
        let mut edges = Vec::new();
        for (position, node) in self.network.nodes().iter().enumerate() {
            let Some(to) = places.of[inputs + position] else { continue };
            for edge in &node.incoming {
                edges.extend(places.of[edge.from].map(|from| (edge.weight, from, to)));
            }
        }
        edges
    }

    fn draw_edges(&self, picture: &mut Picture, places: &Places) {
        let mut edges = self.edges(places);
        // The strongest on top.
        edges.sort_by(|a, b| self.weights[a.0].abs().total_cmp(&self.weights[b.0].abs()));
        for (weight, from, to) in edges {
            let value = self.weights[weight];
            let strength = (value.abs() / self.largest).min(1.0);
            let paint = if value < 0.0 { Paint::Second } else { Paint::First };
            let width = THINNEST + (WIDEST - THINNEST) * strength;
            let stroke = Stroke::new(paint, width).opacity(0.35 + 0.65 * strength);
            let bend = (to.x - from.x) * 0.35;
            let curve =
                Step::Curve(Point::new(from.x + bend, from.y), Point::new(to.x - bend, to.y), to);
            let mut group = Group::new("weight").attribute("data-weight", weight);
            let name = &self.network.weights()[weight].name;
            group.hint = Some(format!("{name} = {}", rounded(value, 5)));
            group.shape(Outline::Path(vec![Step::Move(from), curve]), None, Some(stroke));
            picture.items.push(Item::Group(group));
        }
    }

    fn draw_nodes(&self, picture: &mut Picture, places: &Places) {
        let network = self.network;
        let inputs = network.inputs().len();
        let outputs: Vec<&str> = network.output_names().collect();
        let names = network.inputs().iter().chain(network.nodes().iter().map(|node| &node.name));
        for (place, name) in names.enumerate() {
            let (Some(at), Some(text)) = (places.of[place], places.name(place)) else { continue };
            let radius = places.radius;
            let is_output = place >= inputs && outputs.contains(&name.as_str());
            let (fill, line) = match (place < inputs, is_output) {
                (true, _) => (Paint::InputBox, Paint::First),
                (_, true) => (Paint::OutputBox, Paint::Second),
                _ => (Paint::Box, Paint::Muted),
            };
            let mut group = Group::new("unit");
            group.hint = Some(name.clone());
            let circle = |radius| Outline::Circle { centre: at, radius };
            group.shape(circle(radius), Some(fill.into()), Some(Stroke::new(line, 1.6)));
            if is_output {
                group.shape(circle(radius - 3.5), None, Some(Stroke::new(line, 1.2)));
            }
            group.text(text);
            picture.items.push(Item::Group(group));
            let Some((weight, text)) = self.offset(places, place) else { continue };
            let word = text.content.split_once(' ').map_or("", |(word, _)| word).to_owned();
            let mut group = Group::new("offset").attribute("data-offset", weight);
            group.attributes.push(("data-word", word));
            group.text(text);
            picture.items.push(Item::Group(group));
        }
        for (at, hidden) in &places.gaps {
            let text = Text::new(at.x, at.y + 5.0, TICK_SIZE, format!("⋮ {hidden} more"));
            picture.text(text.anchor(Anchor::Middle).paint(Paint::Muted).halo());
        }
        for text in &places.captions {
            picture.text(text.clone());
        }
    }

    /// What stands below a node: the position of the weight, and its number, with the word where there is room.
    fn offset(&self, places: &Places, place: usize) -> Option<(usize, Text)> {
        let at = places.of[place]?;
        let node = place.checked_sub(self.network.inputs().len())?;
        let (word, weight) = match self.network.nodes()[node].offset {
            Offset::Threshold(weight) => ("threshold ", weight),
            Offset::Bias(weight) => ("bias ", weight),
            Offset::None => return None,
        };
        let word = if places.offsets_are_short { "" } else { word };
        let told = format!("{word}{}", rounded(self.weights[weight], 3));
        let text = Text::new(at.x, at.y + places.radius + 15.0, TICK_SIZE, told);
        Some((weight, text.anchor(Anchor::Middle).paint(Paint::Muted).halo()))
    }

    /// What is taken by circles, by names, and by thresholds and biases.
    fn unit_areas(&self, places: &Places) -> Vec<[f64; 4]> {
        let mut areas = Vec::new();
        for (place, at) in places.of.iter().enumerate() {
            let Some(at) = *at else { continue };
            let round = places.radius + 4.0;
            areas.push([at.x - round - 18.0, at.y - round, at.x + round + 18.0, at.y + round]);
            let offset = self.offset(places, place).map(|(_, text)| text);
            for text in places.name(place).into_iter().chain(offset) {
                let width = font::width(&text.content, text.size);
                let left = match text.anchor {
                    Anchor::Start => text.at.x,
                    Anchor::Middle => text.at.x - width / 2.0,
                    Anchor::End => text.at.x - width,
                };
                let (top, bottom) = (text.at.y - text.size, text.at.y + 4.0);
                areas.push([left - 3.0, top, left + width + 3.0, bottom]);
            }
        }
        areas
    }

    /// Numbers on the lines, where they are few and most find a free place.
    fn draw_edge_labels(&self, picture: &mut Picture, places: &Places) {
        let edges = self.edges(places);
        if edges.len() > 40 {
            return;
        }
        let mut labels = Vec::with_capacity(edges.len());
        let mut taken: Vec<[f64; 4]> = self.unit_areas(places);
        let curves: Vec<Vec<Point>> = edges
            .iter()
            .map(|&(_, from, to)| {
                (0..=40).map(|k| on_curve(from, to, f64::from(k) / 40.0)).collect()
            })
            .collect();
        for (position, &(weight, from, to)) in edges.iter().enumerate() {
            let label = rounded(self.weights[weight], 3);
            // A little wider, for numbers that grow in the view.
            let half = font::width(&label, TICK_SIZE).max(36.0) / 2.0 + 2.0;
            let candidates = [0.3, 0.4, 0.5, 0.6, 0.24, 0.7].into_iter().filter_map(|part| {
                let at = on_curve(from, to, part);
                let area = [at.x - half, at.y - 9.0, at.x + half, at.y + 9.0];
                let apart = |other: &[f64; 4]| {
                    area[2] < other[0]
                        || other[2] < area[0]
                        || area[3] < other[1]
                        || other[3] < area[1]
                };
                let is_under = |p: &Point| {
                    (area[0]..area[2]).contains(&p.x) && (area[1]..area[3]).contains(&p.y)
                };
                let hidden = curves
                    .iter()
                    .enumerate()
                    .filter(|(k, curve)| *k != position && curve.iter().any(is_under));
                taken.iter().all(apart).then(|| (hidden.count(), at, area))
            });
            // Where it hides the fewest other lines.
            let free = candidates.min_by_key(|(hidden, ..)| *hidden);
            let Some((_, at, area)) = free else { continue };
            taken.push(area);
            let mut group = Group::new("weight-label").attribute("data-weight-label", weight);
            let (left, top) = (at.x - half, at.y - 8.5);
            let plate = Outline::Box { left, top, width: 2.0 * half, height: 17.0, round: 4.0 };
            group.shape(plate, Some(Ink { paint: Paint::Ground, opacity: 0.82 }), None);
            let text = Text::new(at.x, at.y + 4.5, TICK_SIZE, label).anchor(Anchor::Middle);
            group.text(text);
            labels.push(Item::Group(group));
        }
        if 3 * labels.len() >= 2 * edges.len() {
            picture.items.extend(labels);
        }
    }
}

/// A place on the curve of an edge.
fn on_curve(from: Point, to: Point, part: f64) -> Point {
    let bend = (to.x - from.x) * 0.35;
    let (one, two) = (Point::new(from.x + bend, from.y), Point::new(to.x - bend, to.y));
    let (a, b, c) = (from.towards(one, part), one.towards(two, part), two.towards(to, part));
    a.towards(b, part).towards(b.towards(c, part), part)
}

/// The strongest weight on an edge.
pub(crate) fn largest(network: &Network, weights: &[f64]) -> f64 {
    let edges = network.nodes().iter().flat_map(|node| &node.incoming);
    let largest =
        edges.filter_map(|edge| weights.get(edge.weight)).map(|w| w.abs()).fold(0.0, f64::max);
    if largest > 0.0 { largest } else { 1.0 }
}
