//! What a program was made from: where its numbers are not finite, that tells where the trouble arose.

use uphill_graph::Function;

use crate::over::OverSamples;

/// What a program was made from.
#[derive(Debug)]
pub(crate) enum Origin {
    Plain(Function),
    Over(OverSamples),
}
