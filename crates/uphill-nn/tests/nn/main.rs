//! Networks, performance functions and training, against reference numbers and by their promises.

mod cases;
mod interruption;
mod messages;
mod problems;
mod reference;
mod saving;
mod siblings;
mod sources;
mod training;
