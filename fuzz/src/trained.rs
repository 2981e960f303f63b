//! What trainings save: networks with their weights and where the training stands, with the recipe of a table or without.

use uphill_learn::TableModel;
use uphill_nn::{
    Model, Network, Samples, SquaredError, Stop, Trainer, read_weights, write_weights,
};
use uphill_table::{Format, Reader};

/// The lecture's smallest table.
fn exclusive_or() -> Samples {
    let inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    Samples::new(inputs, [[1.0], [0.0], [0.0], [1.0]]).expect("samples")
}

/// A network, and the training that it may be in the middle of.
pub(crate) fn model(bytes: &[u8]) {
    let Ok(model) = Model::read(bytes) else { return };
    let mut written = Vec::new();
    if model.write(&mut written).is_ok() {
        assert_eq!(Model::read(written.as_slice()).expect("what is written reads back"), model);
    }
    let network = model.network();
    network.verify().expect("a valid network");
    let inputs = vec![0.5; network.inputs().len()];
    let outputs = network.computed(model.weights(), &inputs).expect("as many numbers as inputs");
    assert_eq!(outputs.len(), network.output_count());
    let mut weights = Vec::new();
    write_weights(network, model.weights(), &mut weights).expect("finite weights");
    assert_eq!(read_weights(network, weights.as_slice()).expect("weights"), model.weights());
    if let Some(state) = model.training() {
        let samples = exclusive_or();
        let next = state.changes().saturating_add(1);
        let trainer = Trainer::new(network, SquaredError, &samples).stop(Stop::changes(next));
        // Of other samples or settings it says so.
        let _ = trainer.resume(state.clone()).train();
    }
}

/// Weights alone, of the network 2-3-1.
pub(crate) fn weights(bytes: &[u8]) {
    let network = Network::layered(&[2, 3, 1]).build().expect("a network");
    let Ok(weights) = read_weights(&network, bytes) else { return };
    assert!(weights.len() == network.weight_count() && weights.iter().all(|w| w.is_finite()));
}

/// A network with the recipe of its table.
pub(crate) fn table_model(bytes: &[u8]) {
    let Ok(model) = TableModel::parse(bytes) else { return };
    let mut written = Vec::new();
    if model.write(&mut written).is_ok() {
        TableModel::parse(&written).expect("what is written reads back");
    }
    let columns = model.recipe.columns();
    let header = columns.join(",");
    let rows = ["1", "a", "", "-2.5e300"].map(|cell| vec![cell; columns.len()].join(","));
    let text = format!("{header}\n{}\n", rows.join("\n"));
    for format in [Format::default(), model.recipe.format.clone()] {
        let cursor = std::io::Cursor::new(text.clone());
        let Ok(mut reader) = Reader::new(cursor, "t.csv", format) else { continue };
        let _ = model.answers(&mut reader, |_, answer| {
            assert!(answer.is_none_or(|(_, outputs)| !outputs.is_empty()));
            Ok::<(), uphill_learn::Error>(())
        });
    }
}
