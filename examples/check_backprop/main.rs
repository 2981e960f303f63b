//! Autodiff on trial: backpropagation by graph against backpropagation in closed form, which shares no code with it.
//! Prints the report for one network, the report for a gradient that was spoilt on purpose, and how many random networks
//! agree. Run: `cargo run --release --example check_backprop [NETWORKS]`, 1,000 unless another number is given.

#![allow(clippy::print_stdout)] // an example speaks to people

mod random_networks;

use random_networks::{Failure, by_autodiff, compare};
use uphill_check::closed_form::random::{Limits, case};
use uphill_check::closed_form::{Network, Rule};
use uphill_check::{Gradient, against};
use uphill_nn::SquaredError;

fn main() -> Result<(), Failure> {
    let networks: u64 = match std::env::args().nth(1) {
        None => 1000,
        Some(argument) => argument.parse().map_err(|_| {
            format!("the number of networks must be a whole number, not `{argument}`")
        })?,
    };

    let case = case(7, &Limits { nodes: 3, inputs: 2, ..Limits::default() });
    let names = &case.structure.weight_names;
    let expected = Network::new(case.structure.clone())?.gradient(
        &case.weights,
        &case.samples,
        Rule::SLIDES,
    )?;
    let expected = Gradient::new(names.clone(), expected)?;
    let computed = by_autodiff(&case, SquaredError)?;
    let report = against(Gradient::new(names.clone(), computed.clone())?, expected.clone());
    println!("{}", report.title("autodiff against closed form").tolerance(1e-12).report()?);

    let mut spoilt = computed;
    spoilt[0] = -spoilt[0];
    let report = against(Gradient::new(names.clone(), spoilt)?, expected);
    println!(
        "{}",
        report.title("the same with one sign turned on purpose").tolerance(1e-12).report()?
    );

    let agreement = compare(0..networks)?;
    println!(
        "{} random networks with {} weights, each for squared error and root mean square:",
        agreement.networks, agreement.weights
    );
    println!(
        "the largest gap is {:.2e} of the largest entry, at seed {}",
        agreement.worst, agreement.worst_seed
    );
    println!(
        "and {:.2e} of what the largest entry would be if every output missed by 1 and nothing cancelled",
        agreement.worst_of_scale
    );
    if agreement.worst_of_scale.is_nan() || agreement.worst_of_scale > 1e-12 {
        return Err("that is more than 1e-12".into());
    }
    Ok(())
}
