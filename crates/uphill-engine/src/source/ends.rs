//! What the last piece of code gives: where values are copied to.

use super::body::{Body, Found};
use super::shared::affine;
use crate::error::Error;

/// Fewer entries than this are copied one by one.
pub(super) const FEW: usize = 4;

/// What the last piece of code gives.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// An array, and the addresses of its entries.
    array: &'static str,
    addresses: Vec<u32>,
    /// Further names, with what declares them.
    pub(super) declared: Vec<(String, u32)>,
}

impl Ends {
    pub(super) fn of(array: &'static str, addresses: Vec<u32>) -> Ends {
        Ends { array, addresses, declared: Vec::new() }
    }

    /// The lines that give these values; by loops, where they lie one after the other.
    pub(super) fn write(&self, body: &mut Body<'_, '_>) -> Result<(), Error> {
        let found = self.addresses.iter().map(|&address| body.find(address));
        let found = found.collect::<Result<Vec<Found>, Error>>()?;
        let follows = |one: &Found, next: &Found| match (one, next) {
            (Found::Entry(of, entry), Found::Entry(other, next)) => {
                of == other && entry + 1 == *next
            }
            _ => false,
        };
        let (array, mut first) = (self.array, 0);
        for run in found.chunk_by(follows) {
            match run[0] {
                Found::Entry(from, entry) if run.len() >= FEW => {
                    body.open("k", 0, run.len());
                    let [to, entry] = [first, entry].map(|start| affine(start, &[(1, "k")], ""));
                    body.line(&format!("{array}[{to}] = {from}[{entry}];"));
                    body.close();
                }
                _ => {
                    for (to, value) in (first..).zip(run) {
                        body.line(&format!("{array}[{to}] = {};", value.text()));
                    }
                }
            }
            first += run.len() as u32;
        }
        for (name, address) in &self.declared {
            let value = body.read(*address)?;
            body.line(&format!("{name} = {value};"));
        }
        Ok(())
    }
}
