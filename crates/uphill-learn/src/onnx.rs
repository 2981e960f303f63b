//! A model of a table as ONNX, from columns as they stand in a table to the answer.
//!
//! What the recipe does with a column, to scale it, to fill it, to make inputs of categories, is in the graph, so that whoever
//! has the file needs nothing else. Nodes of a network that follow one another and don't need each other are one product of
//! matrices, so sums are added in another order than by this library: answers agree but for last digits.

use std::collections::BTreeSet;
use std::ops::Range;

use uphill_nn::{Activation, Network, Node, Offset};
use uphill_onnx::message::{Attribute, STRINGS};
use uphill_onnx::operations::whole;
use uphill_onnx::{Kind, Width, Writer};
use uphill_table::recipe::{Input, Target};

use crate::error::Error;
use crate::model::TableModel;

impl TableModel {
    /// The model as a file of ONNX.
    ///
    /// Each column of an input is an input of the graph, of that name: numbers, or texts of categories, with rows and one
    /// column. A missing number is NaN, a missing text empty; where the recipe fills them, so does the graph, and where it
    /// doesn't, the answer is NaN or an empty text. A category that is not known is refused. The graph gives
    /// `computed_TARGET`, the answer, and for classes `outputs_TARGET`, a column a class.
    ///
    /// # Errors
    ///
    /// [`Error::Onnx`] for an activation of one's own whose operations ONNX has not, and numbers beyond 32 bits.
    pub fn to_onnx(&self, width: Width) -> Result<Vec<u8>, Error> {
        let mut writer = Writer::new("model", width);
        let recipe = &self.recipe;
        recipe.inputs.iter().for_each(|input| writer.reserve(input.column()));
        let free = |name: String| {
            let mut name = name;
            while recipe.inputs.iter().any(|input| input.column() == name) {
                name.push('_');
            }
            name
        };
        let answer = free(format!("computed_{}", recipe.target.column()));
        let outputs = free(format!("outputs_{}", recipe.target.column()));
        [&answer, &outputs].into_iter().for_each(|name| writer.reserve(name));
        let columns: Vec<String> = recipe
            .inputs
            .iter()
            .map(|input| column(&mut writer, input))
            .collect::<Result<_, Error>>()?;
        let inputs = beside(&mut writer, &columns);
        let computed = network(&mut writer, self.model.network(), self.model.weights(), inputs)?;
        match &recipe.target {
            Target::Number { center, width, .. } => {
                let (width, center) = (writer.number(*width)?, writer.number(*center)?);
                let wide = writer.op("Mul", &[&computed, &width]);
                let number = writer.op("Add", &[&wide, &center]);
                let about = "the answer, in the table's unit";
                writer.output(&answer, &number, Kind::Numbers, (true, Some(1)), about);
            }
            Target::Classes { classes, .. } => {
                let along = || vec![whole("axis", 1), whole("keepdims", 1)];
                let place = writer.op_with("ArgMax", &[&computed], along());
                let names = writer.texts(classes);
                let class = writer.op("Gather", &[&names, &place]);
                // Without numbers there is no largest one.
                let axes = writer.whole_numbers(&[1], &[1]);
                let sum =
                    writer.op_with("ReduceSum", &[&computed, &axes], vec![whole("keepdims", 1)]);
                let (unknown, nothing) =
                    (writer.op("IsNaN", &[&sum]), writer.texts(&[String::new()]));
                let class = writer.op("Where", &[&unknown, &nothing, &class]);
                writer.output(&answer, &class, Kind::Texts, (true, Some(1)), "the class");
                let about = format!("an output a class: {}", classes.join(", "));
                let count = (true, Some(classes.len()));
                writer.output(&outputs, &computed, Kind::Numbers, count, &about);
            }
        }
        let about = format!(
            "A network that computes `{}` of a table, by uphill. An input is a column of the table as it stands there, \
             with rows and one column.",
            recipe.target.column()
        );
        Ok(writer.finish(&about))
    }
}

/// The network's inputs that a column becomes, side by side.
fn column(writer: &mut Writer, input: &Input) -> Result<String, Error> {
    Ok(match input {
        Input::Number { column, center, width, fill } => {
            let about = match fill {
                Some(_) => "a number; NaN for a missing one, which is filled",
                None => "a number",
            };
            writer.input(column, Kind::Numbers, Some(1), about);
            let mut value = column.clone();
            if let Some(fill) = fill {
                let (missing, fill) = (writer.op("IsNaN", &[&value]), writer.number(*fill)?);
                value = writer.op("Where", &[&missing, &fill, &value]);
            }
            if (*center, *width) != (0.0, 1.0) {
                let (center, width) = (writer.number(*center)?, writer.number(*width)?);
                let moved = writer.op("Sub", &[&value, &center]);
                value = writer.op("Div", &[&moved, &width]);
            }
            value
        }
        Input::Categories { column, categories, fill } => {
            let known = categories.join(", ");
            let about = match fill {
                Some(_) => format!("one of {known}; empty for a missing one, which is filled"),
                None => format!("one of {known}"),
            };
            writer.input(column, Kind::Texts, Some(1), &about);
            // A missing one is a category more, whose inputs are the shares of the others.
            let missing = fill.iter().map(|_| &b""[..]);
            let strings = categories.iter().map(|name| name.as_bytes()).chain(missing);
            let strings = Attribute {
                name: Some("cats_strings".into()),
                strings: strings.map(<[u8]>::to_vec).collect(),
                r#type: Some(STRINGS),
                ..Attribute::default()
            };
            let each =
                writer.table_op("OneHotEncoder", &[column], vec![strings, whole("zeros", 0)]);
            let middle = writer.whole_numbers(&[1], &[1]);
            let each = writer.op("Squeeze", &[&each, &middle]);
            let to = writer.entries(Kind::Numbers);
            let each = writer.op_with("Cast", &[&each], vec![whole("to", to.into())]);
            match fill {
                None => each,
                Some(shares) => {
                    let count = categories.len();
                    let mut rows = vec![0.0; count * count];
                    (0..count).for_each(|k| rows[k * count + k] = 1.0);
                    rows.extend(shares);
                    let rows = writer.numbers(&[count + 1, count], &rows)?;
                    writer.op("MatMul", &[&each, &rows])
                }
            }
        }
    })
}

/// Tensors with rows and columns, side by side as one.
fn beside(writer: &mut Writer, tensors: &[String]) -> String {
    match tensors {
        [one] => one.clone(),
        _ => {
            let all: Vec<&str> = tensors.iter().map(String::as_str).collect();
            writer.op_with("Concat", &all, vec![whole("axis", 1)])
        }
    }
}

/// Values side by side in one tensor: the inputs, or nodes that follow one another.
struct Block {
    values: Range<usize>,
    tensor: String,
}

/// The outputs of a network for its inputs.
fn network(
    writer: &mut Writer,
    network: &Network,
    weights: &[f64],
    inputs: String,
) -> Result<String, Error> {
    let (count, nodes) = (network.inputs().len(), network.nodes());
    let mut blocks = vec![Block { values: 0..count, tensor: inputs }];
    let mut first = 0;
    while first < nodes.len() {
        let end = end_of_block(nodes, first, count);
        let tensor = block(writer, &nodes[first..end], weights, &blocks)?;
        blocks.push(Block { values: count + first..count + end, tensor });
        first = end;
    }
    let outputs: Vec<usize> = network
        .output_names()
        .filter_map(|name| nodes.iter().position(|node| node.name == name))
        .map(|node| count + node)
        .collect();
    let (tensor, place) = values(writer, &blocks, &outputs);
    let places: Vec<i64> = outputs.iter().map(|&output| place(output) as i64).collect();
    if places.iter().copied().eq(0..width(&blocks, &outputs) as i64) {
        return Ok(tensor);
    }
    let places = writer.whole_numbers(&[places.len()], &places);
    Ok(writer.op_with("Gather", &[&tensor, &places], vec![whole("axis", 1)]))
}

/// Where the nodes end that need none of each other and have one activation, the layer of a softmax whole.
fn end_of_block(nodes: &[Node], first: usize, inputs: usize) -> usize {
    let head = &nodes[first];
    let same = nodes[first..].iter().take_while(|node| match head.activation {
        Activation::Softmax => node.activation == Activation::Softmax && node.layer == head.layer,
        _ => {
            node.activation == head.activation
                && node.incoming.iter().all(|edge| edge.from < inputs + first)
        }
    });
    first + same.count().max(1)
}

/// The outputs of the nodes of a block.
fn block(
    writer: &mut Writer,
    nodes: &[Node],
    weights: &[f64],
    blocks: &[Block],
) -> Result<String, Error> {
    let sources = nodes.iter().flat_map(|node| &node.incoming).map(|edge| edge.from);
    let mut sources: BTreeSet<usize> = sources.collect();
    if sources.is_empty() {
        // Their product with zeros has as many rows as the inputs have.
        sources.insert(0);
    }
    let sources: Vec<usize> = sources.into_iter().collect();
    let (tensor, place) = values(writer, blocks, &sources);
    let height = width(blocks, &sources);
    let mut matrix = vec![0.0; height * nodes.len()];
    let mut offsets = vec![0.0; nodes.len()];
    for (column, node) in nodes.iter().enumerate() {
        for edge in &node.incoming {
            matrix[place(edge.from) * nodes.len() + column] += weights[edge.weight];
        }
        offsets[column] = match node.offset {
            Offset::None => 0.0,
            Offset::Threshold(weight) => -weights[weight],
            Offset::Bias(weight) => weights[weight],
        };
    }
    let matrix = writer.numbers(&[height, nodes.len()], &matrix)?;
    let offsets = writer.numbers(&[nodes.len()], &offsets)?;
    let product = writer.op("MatMul", &[&tensor, &matrix]);
    let sums = writer.op("Add", &[&product, &offsets]);
    Ok(match &nodes[0].activation {
        Activation::Softmax => writer.op_with("Softmax", &[&sums], vec![whole("axis", 1)]),
        activation => writer.values(&activation.function()?, &[sums])?.remove(0),
    })
}

/// The blocks that hold any of these values, side by side.
fn holding(blocks: &[Block], wanted: &[usize]) -> Vec<usize> {
    let holds = |block: &Block| wanted.iter().any(|value| block.values.contains(value));
    (0..blocks.len()).filter(|&k| holds(&blocks[k])).collect()
}

fn width(blocks: &[Block], wanted: &[usize]) -> usize {
    holding(blocks, wanted).into_iter().map(|k| blocks[k].values.len()).sum()
}

/// A tensor with all of these values in it, and where each is.
fn values<'b>(
    writer: &mut Writer,
    blocks: &'b [Block],
    wanted: &[usize],
) -> (String, impl Fn(usize) -> usize + use<'b>) {
    let held = holding(blocks, wanted);
    let tensors: Vec<String> = held.iter().map(|&k| blocks[k].tensor.clone()).collect();
    let tensor = beside(writer, &tensors);
    let place = move |value: usize| {
        let mut before = 0;
        for &k in &held {
            let values = &blocks[k].values;
            if values.contains(&value) {
                return before + value - values.start;
            }
            before += values.len();
        }
        before
    };
    (tensor, place)
}
