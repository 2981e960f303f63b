//! Whose fault an infinity or NaN is: the weight, the node and the sample where it shows.

use uphill_ranks::gather_numbers;

use crate::error::{Divergence, Error};
use crate::network::Node;
use crate::problem::Problem;

/// The last weights that were good.
pub(super) struct LastGood {
    pub(super) weights: Vec<f64>,
    pub(super) change: usize,
}

/// Whether these weights, this performance and this gradient are all finite; if not, an error that says which is not.
pub(super) fn check(
    problem: &Problem,
    change: usize,
    weights: &[f64],
    evaluated: Option<(f64, &[f64])>,
    last_good: &LastGood,
) -> Result<(), Error> {
    let network = problem.network();
    let not_finite = |values: &[f64]| values.iter().position(|value| !value.is_finite());
    let (weight, node, what) = if let Some(weight) = not_finite(weights) {
        let node = network.node_of_weight(weight).map(str::to_owned);
        (Some(weight), node, format!("a weight is {}", weights[weight]))
    } else {
        let Some((performance, gradient)) = evaluated else { return Ok(()) };
        let slope = not_finite(gradient);
        if performance.is_finite() && slope.is_none() {
            return Ok(());
        }
        if let Some((node, what)) = first_node(problem, weights)? {
            (largest_weight(node, weights), Some(node.name.clone()), what)
        } else if let Some(weight) = slope {
            let node = network.node_of_weight(weight).map(str::to_owned);
            let what = format!(
                "the performance is {performance} and an entry of its gradient {}",
                gradient[weight]
            );
            (Some(weight), node, what)
        } else {
            let node = furthest_output(problem, weights)?;
            let weight = node.and_then(|node| largest_weight(node, weights));
            let node = node.map(|node| node.name.clone());
            (weight, node, format!("the performance is {performance}"))
        }
    };
    Err(Error::Diverged(Box::new(Divergence {
        change,
        weight: weight.map(|weight| network.weights()[weight].name.clone()),
        node,
        what,
        last_good: last_good.weights.clone(),
        last_good_change: last_good.change,
    })))
}

/// The first node, in order of evaluation, whose output is infinite or NaN for the first sample of any rank that shows one.
fn first_node<'p>(
    problem: &'p Problem,
    weights: &[f64],
) -> Result<Option<(&'p Node, String)>, Error> {
    let network = problem.network();
    let samples = problem.samples();
    let mut found = None;
    let visited = samples.visit(0..samples.len(), |row, inputs, _| {
        if found.is_none() {
            let outputs = network.node_outputs(weights, inputs);
            let node = outputs.iter().position(|output| !output.is_finite());
            let row = problem.ranks().first() + row;
            found = node.map(|node| (node, row, outputs[node]));
        }
        Ok(())
    });
    // What can't be read tells nothing.
    let own = visited.ok().and(found);
    let own = own.map(|(node, row, output)| [node as f64, row as f64, output]);
    let first = told(problem, own)?.into_iter().next();
    Ok(first.map(|[node, row, output]| {
        let what = format!("the output of a node is {output} for sample {row}");
        (&network.nodes()[node as usize], what)
    }))
}

/// What ranks have found, in their order.
fn told<const N: usize>(problem: &Problem, own: Option<[f64; N]>) -> Result<Vec<[f64; N]>, Error> {
    let own = Ok::<_, Error>(own.map_or_else(Vec::new, Vec::from));
    let all = gather_numbers(problem.communicator(), own)?;
    Ok(all.into_iter().filter_map(|numbers| numbers.try_into().ok()).collect())
}

/// The largest weight into a node.
fn largest_weight(node: &Node, weights: &[f64]) -> Option<usize> {
    let into = node.incoming.iter().map(|edge| edge.weight).chain(node.offset.weight());
    into.max_by(|&a, &b| weights[a].abs().total_cmp(&weights[b].abs()))
}

/// The output node that is furthest from what is desired, over the samples of all ranks.
fn furthest_output<'p>(problem: &'p Problem, weights: &[f64]) -> Result<Option<&'p Node>, Error> {
    let network = problem.network();
    let samples = problem.samples();
    let mut own: Option<[f64; 2]> = None;
    let is_further = |error: f64, than: Option<[f64; 2]>| {
        than.is_none_or(|[_, most]| error.total_cmp(&most).is_ge())
    };
    let visited = samples.visit(0..samples.len(), |_, inputs, desired| {
        let computed = network.outputs(weights, inputs);
        for (output, (d, o)) in desired.iter().zip(computed).enumerate() {
            let error = (d - o).abs();
            if is_further(error, own) {
                own = Some([output as f64, error]);
            }
        }
        Ok(())
    });
    let mut furthest = None;
    for [output, error] in told(problem, visited.ok().and(own))? {
        if is_further(error, furthest) {
            furthest = Some([output, error]);
        }
    }
    let name = furthest.and_then(|[output, _]| network.output_names().nth(output as usize));
    Ok(name.and_then(|name| network.nodes().iter().find(|node| node.name == name)))
}
