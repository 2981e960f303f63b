//! The one shape of sums over grains of rows: neighbours in pairs, pairs in pairs, as far as there are whole ones.
//!
//! Grains are numbered over all ranks. What has 2ʰ grains, from a multiple of 2ʰ on, is one node of height h, the sum of its
//! two halves; the nodes that are left over at the end are added up from the right. So a rank with any stretch of grains
//! knows some nodes for sure, the largest ones within it, at most two of each height: these it sends, and no others. Whoever
//! has two halves makes one of them.

use crate::communicator::Communicator;
use crate::error::{Error, Failure, RankError};
use crate::message::{Reader, Writer};
use crate::share::GRAIN;
use crate::together::{collect, settled, spread, told_of};

/// A sum over grains, as far as a rank knows it.
///
/// `join` adds what is on the right to what is on its left.
#[derive(Debug)]
pub struct Tree<J> {
    join: J,
    /// The largest nodes that are known, from left to right.
    nodes: Vec<Node>,
    next: u64,
}

#[derive(Debug)]
struct Node {
    first: u64,
    height: u64,
    numbers: Vec<f64>,
}

impl<J: Fn(&mut Vec<f64>, &[f64])> Tree<J> {
    /// Of a rank whose first row has this number among the rows of all ranks, a multiple of [`GRAIN`].
    #[must_use]
    pub fn new(first_row: usize, join: J) -> Tree<J> {
        Tree { join, nodes: Vec::new(), next: (first_row / GRAIN) as u64 }
    }

    /// Adds what the next grain comes to.
    pub fn push(&mut self, numbers: Vec<f64>) {
        let node = Node { first: self.next, height: 0, numbers };
        self.next += 1;
        self.add(node);
    }

    /// Adds a node on the right, and makes one of two halves as long as there are such.
    fn add(&mut self, mut node: Node) {
        while let Some(left) = self.nodes.last() {
            let is_half = left.height == node.height
                && left.first.is_multiple_of(2 << node.height)
                && left.first + (1 << left.height) == node.first;
            let Some(mut left) = self.nodes.pop_if(|_| is_half) else { break };
            (self.join)(&mut left.numbers, &node.numbers);
            left.height += 1;
            node = left;
        }
        self.nodes.push(node);
    }

    /// The sum over the grains of all ranks, known to all; none without any grain. A rank that failed says so instead.
    ///
    /// # Errors
    ///
    /// As [`gather`](crate::gather).
    ///
    /// # Complexity
    ///
    /// A rank sends, to one other, at most two nodes a height, and receives as many from at most log₂ of the number of ranks;
    /// then one, the sum, goes the way back.
    pub fn finish<E: RankError>(
        self,
        ranks: &dyn Communicator,
        own: Result<(), E>,
    ) -> Result<Option<Vec<f64>>, E> {
        let (said, own) = told_of(own);
        settled(ranks, self.summed(ranks, said), own).map(|(sum, ())| sum)
    }

    fn summed(
        mut self,
        ranks: &dyn Communicator,
        own: Result<(), Failure>,
    ) -> Result<Option<Vec<f64>>, Error> {
        if ranks.count() == 1 {
            return own.map(|()| self.whole()).map_err(|failure| failure.told_by(0));
        }
        let own = own.map(|()| self).map_err(|failure| (ranks.rank(), failure));
        let collected = collect(ranks, own, Tree::add_all, Tree::written)?;
        let sum = collected.map(|tree| {
            tree.map(|mut tree| {
                let mut message = Writer::default();
                if let Some(sum) = tree.whole() {
                    message.numbers(&sum);
                }
                message.0
            })
        });
        let sum = spread(ranks, sum)?;
        match sum.is_empty() {
            true => Ok(None),
            false => Reader(&sum).numbers().map(Some).ok_or(Error::Strange { rank: 0 }),
        }
    }

    /// Adds the nodes of a rank on the right.
    fn add_all(&mut self, message: &[u8]) -> Option<()> {
        let mut message = Reader(message);
        while !message.0.is_empty() {
            let (first, height) = (message.whole()?, message.whole()?);
            self.add(Node { first, height, numbers: message.numbers()? });
        }
        Some(())
    }

    /// All nodes as a message.
    fn written(&self) -> Vec<u8> {
        let mut message = Writer::default();
        for node in &self.nodes {
            message.whole(node.first);
            message.whole(node.height);
            message.numbers(&node.numbers);
        }
        message.0
    }

    /// The sum of all nodes.
    fn whole(&mut self) -> Option<Vec<f64>> {
        let mut sum = self.nodes.pop()?.numbers;
        while let Some(mut left) = self.nodes.pop() {
            (self.join)(&mut left.numbers, &sum);
            sum = left.numbers;
        }
        Some(sum)
    }
}
