//! Less memory for more time: what loops keep of each iteration for other loops is computed again, in blocks.
//!
//! The reverse of a loop reads the states before each iteration from the last to the first. Of these the states before
//! each block are kept alone; a block's are computed again when its turn comes ([`backward`]), and so on for blocks of
//! blocks ([`levels`]). It is a pass over functions, as simplification is, so that it serves derivatives of any order
//! (docs/adr/0026-kept-states.md).

mod backward;
mod forward;
mod levels;
mod nest;
mod origin;
mod pairs;
mod size;
mod steps;
mod turns;

use std::collections::HashMap;
use std::sync::Arc;

use backward::Backward;
use forward::Forward;
use pairs::Pairs;
use steps::Gathered;

use crate::error::Error;
use crate::function::Function;
use crate::graph::{Body, Graph, Loop, Slice};
use crate::new_ids::NewIds;
use crate::node::{Node, NodeId};
use crate::simplify::{copy, reduced};
use crate::walk::Outcome;

const BYTES: usize = size_of::<f64>();

impl Function {
    /// The same function, with the same bits, whose loops keep at most so many bytes for one another at a time.
    ///
    /// The derivative of a loop that carries a state goes through its iterations backwards, and reads the state before each
    /// of them: 16 bytes an iteration for two numbers. Where that is more than the budget, the states before each block of
    /// 1024 iterations are kept alone, and those of a block are computed again when its turn comes; where that is still too
    /// much, blocks are put into blocks, up to four times, or made shorter. So it is called last, on a gradient, a product
    /// or a Hessian. A function within its budget is left as it is.
    ///
    /// Counted are vectors that loops make and others read, as long as they are read, those within bodies too. Not counted
    /// are inputs, outputs, data, and single numbers. What can't be computed again counts in full: what a scan keeps for
    /// other loops than its own derivative, and the adjoints of that; what is read by a table; and one number for each that
    /// is added, where iterations add to one vector in places that overlap.
    ///
    /// # Errors
    ///
    /// [`Error::Budget`] if what has to be kept is more; it tells with how many bytes it can be done.
    ///
    /// # Complexity
    ///
    /// Getting ready takes no longer for more iterations. A run makes the iterations of the loop that is computed again
    /// once more for each level of blocks, and once more if it gives something beside its states.
    ///
    /// ```
    /// use uphill_graph::{Function, Scalar, loops};
    /// let f = Function::record(["rate"], |w| {
    ///     loops::fold(0..1_000_000, w[0] * 0.0 + 1.0, |_, x| x + 1e-6 * w[0] * x)
    /// })?;
    /// let gradient = f.gradient()?; // keeps 8 MB
    /// let small = gradient.keeping(100_000)?;
    /// assert_eq!(small.eval(&[1.0])?, gradient.eval(&[1.0])?);
    /// let error = gradient.keeping(100).unwrap_err();
    /// assert!(error.to_string().starts_with("100 bytes do not hold what the loops of dP/drate(rate) keep"));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn keeping(&self, bytes: usize) -> Result<Function, Error> {
        let function = self.simplify();
        let budget = (bytes / BYTES) as u64;
        let all = function.numbers_kept();
        if all <= budget {
            return Ok(function);
        }
        // One share for each pair of loops, in whichever body: the largest by halves with which all fit together.
        let (mut least, mut share) = (all, all);
        loop {
            share /= 2;
            let cut = function.cut(share);
            let kept = cut.numbers_kept();
            if kept <= budget {
                return Ok(cut);
            }
            least = least.min(kept);
            if share == 0 {
                let least = (least as usize).saturating_mul(BYTES);
                return Err(Error::Budget { function: self.signature(), bytes, least });
            }
        }
    }

    /// How many bytes a function's loops keep for one another at most at a time: what [`Function::keeping`] counts.
    #[must_use]
    pub fn bytes_kept(&self) -> usize {
        (self.numbers_kept() as usize).saturating_mul(BYTES)
    }

    fn numbers_kept(&self) -> u64 {
        size::numbers(self.graph(), &self.output_slices())
    }

    fn output_slices(&self) -> Vec<Slice> {
        let outputs = self.outputs().iter();
        outputs.map(|output| Slice { first: output.node, width: output.count() }).collect()
    }

    /// With all pairs of loops cut into blocks that keep more than so many numbers.
    fn cut(&self, share: u64) -> Function {
        let (graph, slices) =
            Cutter { share, bodies: HashMap::new() }.graph(self.graph(), &self.output_slices());
        let outputs =
            self.outputs().iter().zip(slices).map(|(output, slice)| output.at(slice.first));
        Function::from_pass(graph, outputs.collect()).into_simplified()
    }
}

struct Cutter {
    share: u64,
    /// Bodies that were met, and what they have become.
    bodies: HashMap<*const Body, Arc<Body>>,
}

impl Cutter {
    fn graph(&mut self, old: &Graph, outputs: &[Slice]) -> (Graph, Vec<Slice>) {
        let pairs = Pairs::find(old, outputs, self.share);
        let mut graph = old.same_inputs();
        let mut new_ids = NewIds::new(old);
        let mut forward: HashMap<NodeId, Forward> = HashMap::new();
        let mut gathered: HashMap<usize, Gathered> = HashMap::new();
        for head in old.heads() {
            let Node::Result { number, operands, .. } = old.node(head) else {
                let first = copy(old, &mut graph, head, &new_ids);
                new_ids.set(head, first);
                continue;
            };
            let repeated = self.repeated(old.repeated(number));
            let operands: Vec<NodeId> = operands.iter().map(|id| new_ids.of(*id)).collect();
            let results = old.results(head);
            let n = repeated.iterations;
            let of_inputs = repeated.each_operand(&operands);
            let mut give = |outcome: usize, first: NodeId| {
                new_ids.set_result(results[outcome].first, results[outcome].width, first);
            };
            if let Some(kept) = pairs.keepers.get(&head) {
                let written = keep(
                    &mut graph,
                    &repeated,
                    &of_inputs,
                    kept,
                    &pairs.lengths[&n],
                    gathered.entry(n).or_default(),
                    &mut give,
                );
                forward.insert(head, written);
            } else if let Some(reads) = pairs.readers.get(&head) {
                let mut keepers: Vec<NodeId> = reads.iter().flatten().map(|kept| kept.by).collect();
                keepers.sort_unstable();
                keepers.dedup();
                let again: Vec<&Forward> = keepers.iter().map(|head| &forward[head]).collect();
                let kept = |kept: &Option<pairs::Kept>| {
                    let kept = (*kept)?;
                    Some((keepers.binary_search(&kept.by).ok()?, kept.number))
                };
                let kept: Vec<Option<(usize, usize)>> = reads.iter().map(kept).collect();
                let written = Backward::write(
                    &mut graph,
                    &repeated,
                    &of_inputs,
                    &kept,
                    &again,
                    &pairs.lengths[&n],
                    gathered.entry(n).or_default(),
                );
                written.into_iter().enumerate().for_each(|(outcome, first)| give(outcome, first));
            } else {
                let first = graph.push_loop(Arc::new(repeated), &operands);
                new_ids.set(head, first);
            }
        }
        let slices = outputs.iter();
        let slices = slices.map(|slice| Slice { first: new_ids.of(slice.first), ..*slice });
        let slices = slices.collect();
        (graph, slices)
    }

    /// The loop with a body that was cut.
    fn repeated(&mut self, old: &Loop) -> Loop {
        let key = Arc::as_ptr(&old.body);
        let body = match self.bodies.get(&key) {
            Some(body) => Arc::clone(body),
            None if !old.body.graph.has_loops() => Arc::clone(&old.body),
            None => {
                let (mut graph, outputs) = self.graph(&old.body.graph, &old.body.outputs);
                graph.shrink_to_fit();
                let body = Arc::new(Body { graph, outputs });
                self.bodies.insert(key, Arc::clone(&body));
                body
            }
        };
        Loop { body, ..old.clone() }
    }
}

/// Writes a loop that keeps, in blocks. If it gives more than what is kept and the states that lead there, it also runs by
/// itself, for that.
fn keep(
    graph: &mut Graph,
    repeated: &Loop,
    operands: &[Option<NodeId>],
    kept: &[bool],
    lengths: &[usize],
    gathered: &mut Gathered,
    give: &mut impl FnMut(usize, NodeId),
) -> Forward {
    let carried = |repeated: &Loop| {
        repeated
            .feeds
            .iter()
            .filter(|feed| matches!(feed, crate::walk::Feed::Carried { .. }))
            .count()
    };
    let is_last = |outcome: &Outcome| matches!(outcome, Outcome::Last { .. });
    let (again, of_again) = reduced(repeated, operands, kept.to_vec());
    let lasts: Vec<bool> = repeated.outcomes.iter().map(is_last).collect();
    let with_lasts: Vec<bool> =
        kept.iter().zip(&lasts).map(|(kept, last)| *kept || *last).collect();
    let (all, of_all) = reduced(repeated, operands, with_lasts.clone());
    if !with_lasts.contains(&false) && carried(&all) == carried(&again) {
        let forward = Forward::write(graph, &all, &of_all, lengths, gathered);
        for (number, outcome) in all.outcomes.iter().enumerate() {
            if let Outcome::Last { input } = *outcome {
                give(number, forward.last(input, &all));
            }
        }
        return forward;
    }
    let others: Vec<bool> = kept.iter().map(|kept| !kept).collect();
    let (rest, of_rest) = reduced(repeated, operands, others.clone());
    let of_rest: Vec<NodeId> = of_rest.into_iter().flatten().collect();
    let head = graph.push_loop(Arc::new(rest), &of_rest);
    let mut results = graph.results(head).into_iter();
    for (outcome, _) in others.iter().enumerate().filter(|(_, other)| **other) {
        if let Some(result) = results.next() {
            give(outcome, result.first);
        }
    }
    Forward::write(graph, &again, &of_again, lengths, gathered)
}
