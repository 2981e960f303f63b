//! Networks, performance functions and training, against reference numbers and by their promises.

mod cases;
mod reference;
mod siblings;
