//! What makes plain data a network: checked when it is built and when it is read from a file.

use std::collections::{HashMap, HashSet};

use super::{Network, Node};
use crate::activation::Activation;
use crate::error::Error;

impl Network {
    /// Checks every promise of the structure: names, positions, order of evaluation, softmax layers, outputs.
    ///
    /// # Errors
    ///
    /// The first breach, by name.
    pub fn verify(&self) -> Result<(), Error> {
        self.verify_names()?;
        let mut used = vec![false; self.weights.len()];
        for (position, node) in self.nodes.iter().enumerate() {
            self.verify_node(position, node)?;
            let weights = node.incoming.iter().map(|edge| edge.weight).chain(node.offset.weight());
            for weight in weights {
                match used.get_mut(weight) {
                    Some(used) => *used = true,
                    None => {
                        return Err(Error::network(format!(
                            "node `{}` uses weight number {weight} of {}",
                            node.name,
                            self.weights.len()
                        )));
                    }
                }
            }
        }
        if let Some(unused) = used.iter().position(|used| !used) {
            let name = &self.weights[unused].name;
            return Err(Error::network(format!("no node uses the weight `{name}`")));
        }
        self.verify_softmax()?;
        if self.outputs.is_empty() {
            return Err(Error::network("it has no outputs; name some with `outputs`"));
        }
        let mut seen = HashSet::new();
        for &output in &self.outputs {
            let Some(node) = self.nodes.get(output) else {
                return Err(Error::network(format!(
                    "an output is node number {output} of {}",
                    self.nodes.len()
                )));
            };
            if !seen.insert(output) {
                return Err(Error::network(format!("`{}` is an output twice", node.name)));
            }
        }
        Ok(())
    }

    /// Inputs, nodes, weights and desired outputs stand side by side in a recording: no two share a name.
    fn verify_names(&self) -> Result<(), Error> {
        let inputs = self.inputs.iter().map(|name| ("an input", name.clone()));
        let nodes = self.nodes.iter().map(|node| ("a node", node.name.clone()));
        let weights = self.weights.iter().map(|weight| ("a weight", weight.name.clone()));
        let outputs = self.outputs.iter().filter_map(|&output| self.nodes.get(output));
        let desired = outputs.map(|node| ("a desired output", desired_name(&node.name)));
        let mut seen = HashMap::new();
        for (second, name) in inputs.chain(nodes).chain(weights).chain(desired) {
            if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) {
                return Err(Error::network(format!(
                    "{second} is named `{}`; a name is not empty, has no space at its ends and no control character",
                    name.escape_debug()
                )));
            }
            match seen.get(&name) {
                None => {
                    seen.insert(name, second);
                }
                // An output given twice is told by its own message.
                Some(_) if second == "a desired output" => {}
                Some(&first) => {
                    let second = if first == second { "another" } else { second };
                    return Err(Error::DuplicateName { first, second, name });
                }
            }
        }
        Ok(())
    }

    fn verify_node(&self, position: usize, node: &Node) -> Result<(), Error> {
        let name = &node.name;
        if node.incoming.is_empty() && node.offset.weight().is_none() {
            return Err(Error::network(format!(
                "nothing feeds node `{name}`; give it sources with `fed_by`, or an offset"
            )));
        }
        for edge in &node.incoming {
            if edge.from >= self.inputs.len() + position {
                return Err(Error::network(format!(
                    "node `{name}` is fed by number {}, which is not evaluated before it",
                    edge.from
                )));
            }
        }
        if (node.activation == Activation::Softmax) != node.layer.is_some() {
            return Err(Error::network(format!(
                "node `{name}`: softmax is over a layer of nodes; name them together with `softmax`"
            )));
        }
        Ok(())
    }

    /// Members of a softmax layer follow each other and don't feed each other.
    fn verify_softmax(&self) -> Result<(), Error> {
        let mut ended = HashSet::new();
        let mut start = 0;
        while let Some(node) = self.nodes.get(start) {
            let mates = self.nodes[start..].iter().take_while(|mate| mate.layer == node.layer);
            let end = if node.layer.is_some() { start + mates.count() } else { start + 1 };
            if node.layer.is_some_and(|layer| !ended.insert(layer)) {
                return Err(Error::network(format!(
                    "the softmax layer of node `{}` is in two pieces",
                    node.name
                )));
            }
            for mate in &self.nodes[start..end] {
                if mate.incoming.iter().any(|edge| edge.from >= self.inputs.len() + start) {
                    return Err(Error::network(format!(
                        "node `{}` is fed by a node of its own softmax layer",
                        mate.name
                    )));
                }
            }
            start = end;
        }
        Ok(())
    }
}

/// The name of the desired output for a node.
pub(crate) fn desired_name(node: &str) -> String {
    format!("d({node})")
}
