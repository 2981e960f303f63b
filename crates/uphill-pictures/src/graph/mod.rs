//! The computation graph of a function: boxes from left to right in the order of evaluation, or downwards where that is
//! much narrower, each with its formula, and at a point with its value and the derivative of the output by it.

pub(crate) mod layers;
pub(crate) mod model;

use uphill_graph::{Detail, Function};

use crate::chart::{TITLE_SIZE, draw_title};
use crate::error::Error;
use crate::font;
use crate::number::short;
use crate::scene::{Anchor, Group, Item, Outline, Picture, Point, Step, Stroke, Text};
use crate::theme::Paint;
use layers::{Layout, layout};
use model::{Model, Node, written_out};

const NAME_SIZE: f64 = 14.5;
const FORMULA_SIZE: f64 = 12.0;
const NUMBER_SIZE: f64 = 13.0;
const WIDEST: f64 = 264.0;
const PADDING: f64 = 10.0;
const MARGIN: f64 = 24.0;
const TOP: f64 = 66.0;
const NARROWEST: f64 = 480.0;
/// Broader graphs go downwards, if they are no broader then.
const BROAD: f64 = 812.0;

/// The computation graph of a function, laid out.
///
/// ```
/// use uphill_graph::{Function, Scalar};
/// use uphill_pictures::{GraphPicture, Theme};
///
/// let p = Function::record(["w1", "w2", "w3"], |w| {
///     let o1 = (w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1");
///     let o2 = (2.0 * w[0] - w[1] - 6.0).named("o2");
///     3.0 * o1 - 7.0 * o2
/// })?;
/// let svg = GraphPicture::at(&p, &[1.0, 1.0, 1.0])?.picture().svg(Theme::Light);
/// assert!(svg.contains("∂P/∂w1 = −11"));
/// assert!(GraphPicture::new(&p)?.picture().svg(Theme::Light).contains("= 3*o1 - 7*o2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GraphPicture {
    model: Model,
    title: Option<String>,
    /// Which output's adjoints are written.
    sweep: usize,
}

impl GraphPicture {
    /// The graph with its formulas: a box for each named value, output, and what is used more than once.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] with more than 400 boxes, loops written out.
    pub fn new(function: &Function) -> Result<GraphPicture, Error> {
        GraphPicture::with_detail(function, None, Detail::Shared)
    }

    /// The same with values and adjoints at a point: the derivatives of the first output, unless
    /// [another one](GraphPicture::output) is chosen.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if the point has another number of entries than the function has inputs; [`Error::TooLarge`].
    pub fn at(function: &Function, x: &[f64]) -> Result<GraphPicture, Error> {
        GraphPicture::with_detail(function, Some(x), Detail::Shared)
    }

    /// The graph with a choice of what gets a box, at a point if one is given.
    ///
    /// # Errors
    ///
    /// As [`GraphPicture::at`].
    ///
    /// ```
    /// use uphill_graph::{Detail, Function};
    /// use uphill_pictures::{GraphPicture, Theme};
    /// let f = Function::record(["x"], |x| 2.0 * x[0] + 1.0)?;
    /// let picture = GraphPicture::with_detail(&f, Some(&[3.0]), Detail::Every)?.picture();
    /// assert!(picture.svg(Theme::Light).contains("t1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_detail(
        function: &Function,
        x: Option<&[f64]>,
        detail: Detail,
    ) -> Result<GraphPicture, Error> {
        let model = Model::new(&*written_out(function)?, x, detail)?;
        Ok(GraphPicture { model, title: None, sweep: 0 })
    }

    /// Writes the derivatives of this output.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if no output has this name.
    pub fn output(mut self, name: &str) -> Result<GraphPicture, Error> {
        let found = self.model.sweeps.iter().position(|sweep| sweep.output == name);
        let Some(sweep) = found else {
            let known: Vec<&str> =
                self.model.sweeps.iter().map(|sweep| sweep.output.as_str()).collect();
            let (kind, known) = ("output", known.join(", "));
            let unknown = uphill_graph::Error::UnknownName { kind, name: name.into(), known };
            return Err(unknown.into());
        };
        self.sweep = sweep;
        Ok(self)
    }

    /// Sets the title; otherwise it is the function's name and inputs.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> GraphPicture {
        self.title = Some(title.into());
        self
    }

    /// The picture. It is as large as the graph needs.
    #[must_use]
    pub fn picture(&self) -> Picture {
        draw(&self.model, self.sweep, self.title.as_deref(), true)
    }
}

/// A layout, to the right or downwards.
struct Flow {
    layout: Layout,
    is_down: bool,
    width: f64,
    height: f64,
}

impl Flow {
    fn new(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Flow {
        let right = layout(sizes, edges);
        if right.width > BROAD {
            let turned: Vec<(f64, f64)> = sizes.iter().map(|&(x, y)| (y, x)).collect();
            let down = layout(&turned, edges);
            if down.height <= BROAD {
                let (width, height) = (down.height, down.width);
                return Flow { layout: down, is_down: true, width, height };
            }
        }
        let (width, height) = (right.width, right.height);
        Flow { layout: right, is_down: false, width, height }
    }

    /// A point as it is drawn.
    fn turned(&self, point: Point) -> Point {
        if self.is_down { Point::new(point.y, point.x) } else { point }
    }
}

/// What is written in a box.
struct Lines {
    name: String,
    formula: Option<String>,
    value: Option<String>,
    adjoint: Option<String>,
}

impl Lines {
    fn new(model: &Model, position: usize, sweep: usize) -> Lines {
        let node = &model.nodes[position];
        let fit = |text: &str, size: f64| font::fitted(text, size, WIDEST - 2.0 * PADDING);
        let adjoint = model.sweeps.get(sweep).filter(|_| model.has_numbers).and_then(|sweep| {
            let value = sweep.adjoint(position)?;
            Some(adjoint_line(&sweep.output, &node.name, value))
        });
        Lines {
            name: fit(&node.name, NAME_SIZE),
            formula: node
                .formula
                .as_ref()
                .map(|formula| fit(&format!("= {formula}"), FORMULA_SIZE)),
            value: node.value.map(|value| fit(&format!("= {}", short(value)), NUMBER_SIZE)),
            adjoint,
        }
    }

    fn size(&self) -> (f64, f64) {
        let texts = [
            (Some(&self.name), NAME_SIZE),
            (self.formula.as_ref(), FORMULA_SIZE),
            (self.value.as_ref(), NUMBER_SIZE),
            (self.adjoint.as_ref(), NUMBER_SIZE),
        ];
        let widths =
            texts.iter().flat_map(|(text, size)| text.map(|text| font::width(text, *size)));
        let rows = texts.iter().filter(|(text, _)| text.is_some()).count();
        let width = widths.fold(36.0, f64::max) + 2.0 * PADDING;
        (width.ceil(), rows as f64 * 18.0 + 12.0)
    }
}

/// `∂P/∂w1 = −11`; where that is too wide, the names are cut, not the number.
pub(crate) fn adjoint_line(output: &str, name: &str, value: f64) -> String {
    let room =
        WIDEST - 2.0 * PADDING - font::width(&format!("∂/∂ = {}", short(value)), NUMBER_SIZE);
    let output = font::fitted(output, NUMBER_SIZE, room / 2.0);
    let name = font::fitted(name, NUMBER_SIZE, room - font::width(&output, NUMBER_SIZE));
    format!("∂{output}/∂{name} = {}", short(value))
}

/// Draws a model with the adjoints of one sweep.
pub(crate) fn draw(model: &Model, sweep: usize, title: Option<&str>, heading: bool) -> Picture {
    let lines: Vec<Lines> =
        (0..model.nodes.len()).map(|position| Lines::new(model, position, sweep)).collect();
    let mut sizes: Vec<(f64, f64)> = lines.iter().map(Lines::size).collect();
    // In the view another output's adjoints may come into the same boxes.
    for other in 0..model.sweeps.len() {
        for (position, size) in sizes.iter_mut().enumerate() {
            let (width, height) = Lines::new(model, position, other).size();
            *size = (size.0.max(width), size.1.max(height));
        }
    }
    if !heading && model.has_numbers {
        // And sliders any number.
        let widest = font::width("= −0.00012345", NUMBER_SIZE) + 2.0 * PADDING;
        sizes.iter_mut().for_each(|size| size.0 = size.0.max(widest.ceil()));
    }
    let layout = Flow::new(&sizes, &model.edges);
    let top = if heading { TOP } else { MARGIN };
    let narrowest = if heading { NARROWEST } else { 0.0 };
    let width = (layout.width + 2.0 * MARGIN).max(narrowest);
    let title = title.unwrap_or(&model.function);
    let mut picture = Picture::new(width, layout.height + top + MARGIN, title);
    picture.description = description(model, sweep);
    let shift = Point::new((width - layout.width) / 2.0, top);
    if heading {
        draw_title(&mut picture, MARGIN);
        draw_key(&mut picture, model, sweep);
    }
    draw_edges(&mut picture, model, &layout, shift);
    for (position, lines) in lines.iter().enumerate() {
        let centre = layout.turned(layout.layout.centres[position]);
        let centre = Point::new(centre.x + shift.x, centre.y + shift.y);
        draw_node(&mut picture, model, position, lines, centre, sizes[position], heading);
    }
    picture
}

fn description(model: &Model, sweep: usize) -> String {
    let mut text = format!("{} boxes, from inputs to outputs.", model.nodes.len());
    let Some(sweep) = model.sweeps.get(sweep).filter(|_| model.has_numbers) else { return text };
    let told = sweep.adjoints.iter().filter(|adjoint| model.nodes[adjoint.node].is_input);
    let told: Vec<String> = told
        .take(12)
        .map(|a| format!("∂{}/∂{} = {}", sweep.output, model.nodes[a.node].name, short(a.value)))
        .collect();
    if !told.is_empty() {
        text += &format!(" {}.", told.join(", "));
    }
    text
}

/// What the colours mean.
fn draw_key(picture: &mut Picture, model: &Model, sweep: usize) {
    if !model.has_numbers {
        return;
    }
    let y = 30.0 + TITLE_SIZE + 2.0;
    let words = "= value";
    picture.text(Text::new(MARGIN, y, NUMBER_SIZE, words).paint(Paint::First));
    if let Some(sweep) = model.sweeps.get(sweep) {
        let x = MARGIN + font::width(words, NUMBER_SIZE) + 20.0;
        let text = format!("∂{0}/∂… = adjoint: how much {0} rises with it", sweep.output);
        let text = font::fitted(&text, NUMBER_SIZE, picture.width - x - MARGIN);
        picture.text(Text::new(x, y, NUMBER_SIZE, text).paint(Paint::Second));
    }
}

fn draw_edges(picture: &mut Picture, model: &Model, flow: &Flow, shift: Point) {
    let place = |point: Point| {
        let point = flow.turned(point);
        Point::new(point.x + shift.x, point.y + shift.y)
    };
    for (&(from, to), route) in model.edges.iter().zip(&flow.layout.routes) {
        let (Some(&start), Some(&tip)) = (route.first(), route.last()) else { continue };
        let mut steps = vec![Step::Move(place(start))];
        for (k, pair) in route.windows(2).enumerate() {
            let last = k + 2 == route.len();
            let end = if last { Point::new(tip.x - 7.0, tip.y) } else { pair[1] };
            let middle = (pair[0].x + end.x) / 2.0;
            let flat = (pair[0].y - end.y).abs() < 0.01;
            let bends = [Point::new(middle, pair[0].y), Point::new(middle, end.y)].map(place);
            steps.push(match flat {
                true => Step::Line(place(end)),
                false => Step::Curve(bends[0], bends[1], place(end)),
            });
        }
        let mut group = Group::new("edge").attribute("data-from", from).attribute("data-to", to);
        group.shape(Outline::Path(steps), None, Some(Stroke::new(Paint::Muted, 1.4)));
        let back = |aside: f64| place(Point::new(tip.x - 9.0, tip.y + aside));
        let head = Outline::around(&[place(tip), back(-4.0), back(4.0)]);
        group.shape(head, Some(Paint::Muted.into()), None);
        picture.items.push(Item::Group(group));
    }
}

fn draw_node(
    picture: &mut Picture,
    model: &Model,
    position: usize,
    lines: &Lines,
    centre: Point,
    (width, height): (f64, f64),
    heading: bool,
) {
    let node: &Node = &model.nodes[position];
    let (left, top) = (centre.x - width / 2.0, centre.y - height / 2.0);
    let (fill, line) = match (node.is_output, node.is_input) {
        (true, _) => (Paint::OutputBox, Paint::Second),
        (_, true) => (Paint::InputBox, Paint::First),
        _ => (Paint::Box, Paint::Muted),
    };
    let mut group = Group::new("node").attribute("data-node", position);
    group.hint = Some(match &node.formula {
        Some(formula) => format!("{} = {formula}", node.name),
        None => node.name.clone(),
    });
    let mut stroke = Stroke::new(line, 1.6);
    if node.is_input && !node.is_variable {
        stroke = stroke.dashed(5.0, 4.0);
    }
    let round = if node.is_input { 3.0 } else { 9.0 };
    group.shape(Outline::Box { left, top, width, height, round }, Some(fill.into()), Some(stroke));
    if node.is_output {
        let inner = Outline::Box {
            left: left + 3.0,
            top: top + 3.0,
            width: width - 6.0,
            height: height - 6.0,
            round: round - 2.0,
        };
        group.shape(inner, None, Some(Stroke::new(line, 1.0)));
    }
    let rows = [
        ("name", Some(&lines.name), NAME_SIZE, Paint::Ink),
        ("formula", lines.formula.as_ref(), FORMULA_SIZE, Paint::Muted),
        ("value", lines.value.as_ref(), NUMBER_SIZE, Paint::First),
        ("adjoint", lines.adjoint.as_ref(), NUMBER_SIZE, Paint::Second),
    ];
    let count = rows.iter().filter(|row| row.1.is_some()).count() as f64;
    let mut y = centre.y - 9.0 * count + 13.5;
    for (class, text, size, paint) in rows {
        // The view writes adjoints of any output into its box.
        let empty = String::new();
        let text = match (text, class) {
            (Some(text), _) => text,
            (None, "adjoint") if model.has_numbers && !heading => &empty,
            (None, _) => continue,
        };
        let mut row = Group::new(class);
        let text = Text::new(centre.x, y, size, text.as_str());
        row.text(text.anchor(Anchor::Middle).paint(paint));
        group.items.push(Item::Group(row));
        y += 18.0;
    }
    picture.items.push(Item::Group(group));
}
