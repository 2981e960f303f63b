//! Saving and resuming: the same bits as not stopping, and files that are wrong are told what is wrong.

use uphill_graph::Scalar;
use uphill_nn::{
    Activation, Method, Model, Network, Order, Problem, Samples, SquaredError, Stop, Trainer,
    WeightDecay, read_weights, write_weights,
};

use crate::cases::{family, pairs};

fn network() -> Network {
    let wavy = Activation::custom("wavy", |sigma| sigma.sin() * 0.5 + 1e-3).unwrap();
    let layered = Network::layered(&[6, 3, 2]).hidden(wavy).bias().build().unwrap();
    layered.freeze(["x1→h1.1"]).unwrap()
}

fn trainer<'a>(method: Method) -> Trainer<'a> {
    let decay = WeightDecay { of: SquaredError, strength: 0.01 };
    let validation = pairs().split(12).unwrap().1;
    Trainer::new(&network(), decay, &pairs())
        .method(method)
        .order(Order::MiniBatch { size: 4, shuffled: true })
        .rate(0.05)
        .seed(99)
        .validation(&validation, 10_000)
        .stop(Stop::no_progress(5_000, 0.0))
}

#[test]
fn resuming_from_a_file_gives_the_same_bits_as_not_stopping() {
    for method in [Method::Plain, Method::Momentum { factor: 0.8 }, Method::adam()] {
        let at_once = trainer(method).stop(Stop::changes(61)).train().unwrap();
        // Stops in the middle of a pass, and at the end of one.
        for stop in [1, 17, 40] {
            let half = trainer(method).stop(Stop::changes(stop)).train().unwrap();
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model.json");
            let model = Model::new(&network(), &half.weights).unwrap().with_training(half.state);
            model.save_file(&path).unwrap();
            let read = Model::load_file(&path).unwrap();
            assert_eq!(read, model);
            let state = read.training().unwrap().clone();
            assert_eq!(state.changes(), stop);
            let resumed = trainer(method).resume(state).stop(Stop::changes(61)).train().unwrap();
            let bits = |weights: &[f64]| weights.iter().map(|w| w.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&resumed.weights), bits(&at_once.weights));
            assert_eq!(resumed.performance.to_bits(), at_once.performance.to_bits());
            assert_eq!(resumed.validation, at_once.validation);
            assert_eq!(resumed.state, at_once.state);
        }
    }
}

#[test]
fn a_state_taken_along_the_way_resumes_too() {
    let mut taken = Vec::new();
    let at_once = trainer(Method::adam())
        .stop(Stop::changes(30))
        .on_change(|change| {
            taken.push(change.state().unwrap());
            std::ops::ControlFlow::Continue(())
        })
        .train()
        .unwrap();
    assert_eq!(taken.len(), 31);
    for state in taken {
        let resumed = trainer(Method::adam()).resume(state).stop(Stop::changes(30));
        assert_eq!(resumed.train().unwrap().state, at_once.state);
    }
}

#[test]
fn a_state_of_another_training_is_refused() {
    let state = || trainer(Method::adam()).stop(Stop::changes(5)).train().unwrap().state;
    let tell = |trainer: Trainer<'_>| {
        trainer.resume(state()).stop(Stop::changes(9)).train().unwrap_err().to_string()
    };
    let validation = pairs().split(12).unwrap().1;
    let other = |strength, samples: &Samples| {
        Trainer::new(&network(), WeightDecay { of: SquaredError, strength }, samples)
            .method(Method::adam())
            .order(Order::MiniBatch { size: 4, shuffled: true })
            .seed(99)
            .validation(&validation, 10)
    };
    let table = [
        (tell(trainer(Method::Plain)), "the method was Adam"),
        (tell(trainer(Method::adam()).seed(1)), "the seed was 99 and is 1 now"),
        (tell(trainer(Method::adam()).order(Order::FullBatch)), "the order was MiniBatch"),
        (tell(other(0.01, &validation)), "the samples are not those that training began with"),
        (
            tell(other(0.02, &pairs())),
            "weight decay 0.01\" and is \"SquaredError with weight decay 0.02",
        ),
    ];
    for (message, part) in table {
        assert!(message.starts_with("can't resume: ") && message.contains(part), "{message}");
    }
    let tanh = Network::layered(&[6, 3, 2]).hidden(Activation::Tanh).bias().build().unwrap();
    let message = Trainer::new(&tanh, WeightDecay { of: SquaredError, strength: 0.01 }, &pairs())
        .method(Method::adam())
        .order(Order::MiniBatch { size: 4, shuffled: true })
        .seed(99)
        .validation(&validation, 10)
        .resume(state())
        .train()
        .unwrap_err()
        .to_string();
    assert!(message.contains("the performance at the saved weights was"), "{message}");
}

/// Adding to it would overflow.
#[test]
fn a_state_of_more_changes_than_can_be_made_is_refused() {
    let outcome = trainer(Method::adam()).stop(Stop::changes(5)).train().unwrap();
    let model = Model::new(&network(), &outcome.weights).unwrap().with_training(outcome.state);
    let mut file = Vec::new();
    model.write(&mut file).unwrap();
    let text = String::from_utf8(file).unwrap();
    let lines = text.lines().filter(|line| !line.contains("checksum"));
    let edited: Vec<String> = lines
        .map(|line| line.replace("\"changes\": 5,", &format!("\"changes\": {},", usize::MAX)))
        .collect();
    let read = Model::read(edited.join("\n").as_bytes()).unwrap();
    let state = read.training().unwrap().clone();
    assert_eq!(state.changes(), usize::MAX);
    let error = trainer(Method::adam()).resume(state).train().unwrap_err().to_string();
    assert!(error.contains("numbers that don't belong there"), "{error}");
}

#[test]
fn saved_networks_compute_the_same_bits() {
    let weights: Vec<f64> =
        (0..network().weight_count()).map(|n| (n as f64).sqrt() / 7.0).collect();
    let mut file = Vec::new();
    Model::new(&network(), &weights).unwrap().write(&mut file).unwrap();
    let read = Model::read(file.as_slice()).unwrap();
    let problem = |network| Problem::new(network, SquaredError, &pairs()).unwrap();
    assert_eq!(
        problem(read.network()).with_gradient(read.weights()).unwrap(),
        problem(&network()).with_gradient(&weights).unwrap()
    );
    let mut again = Vec::new();
    read.write(&mut again).unwrap();
    assert_eq!(file, again);
}

#[test]
fn a_failed_write_leaves_the_earlier_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.json");
    Model::new(&family(), &[0.5; 14]).unwrap().save_file(&path).unwrap();
    let missing = folder.path().join("nowhere").join("model.json");
    let error = Model::new(&family(), &[0.5; 14]).unwrap().save_file(missing).unwrap_err();
    assert!(error.to_string().starts_with("can't write `"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

fn text() -> String {
    let mut file = Vec::new();
    let weights: Vec<f64> = (1..=14).map(|n| f64::from(n) / 10.0).collect();
    Model::new(&family(), &weights).unwrap().write(&mut file).unwrap();
    String::from_utf8(file).unwrap()
}

#[test]
fn wrong_files_are_told_what_is_wrong() {
    let whole = text();
    let checksum = whole.lines().find(|line| line.contains("checksum")).unwrap().to_owned() + "\n";
    let edited = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        whole.replacen(from, to, 1)
    };
    let unchecked = |from: &str, to: &str| edited(from, to).replace(&checksum, "");
    let table = [
        (String::new(), "it ends too early"),
        (whole[..whole.len() / 2].to_owned(), "it ends too early"),
        ("weights = 3".into(), "it isn't JSON, or damaged: expected value at line 1 column 1"),
        ("[1, 2]".into(), "it is another kind of JSON"),
        ("{}".into(), "it doesn't say its format, `uphill-nn model`"),
        (edited("uphill-nn model", "other"), "its format is `other`, expected `uphill-nn model`"),
        (
            edited("\"version\": 1", "\"version\": 2"),
            "it has version 2, this crate reads up to 1; use a newer crate",
        ),
        (edited("1.3", "1.8"), "it is damaged, or was edited"),
        (edited("\"weights\": [", "\"wights\": ["), "unknown field `wights`"),
        (edited("\"sigmoid\"", "\"sigmund\""), "unknown variant `sigmund`"),
        (
            unchecked("\"from\": 7", "\"from\": 8"),
            "is fed by number 8, which is not evaluated before it",
        ),
        (unchecked("\"weight\": 13", "\"weight\": 14"), "node `S` uses weight number 14 of 14"),
        (unchecked("\"name\": \"S\"", "\"name\": \"A\""), "a node and another are both named `A`"),
        (unchecked("      1.3,\n", ""), "weights: expected 14 numbers, got 13"),
        (edited("      1.3,\n", "      null,\n"), "invalid type: null, expected f64"),
    ];
    for (file, part) in table {
        let message = Model::read(file.as_bytes()).unwrap_err().to_string();
        assert!(message.contains(part), "expected `{part}` in `{message}`");
    }
    Model::read(unchecked("1.3", "1.8").as_bytes()).expect("an edit without the checksum is fine");
}

#[test]
fn damage_anywhere_in_the_model_is_noticed() {
    let whole = text();
    let model = whole.find("\"model\"").unwrap();
    for place in model..whole.len() {
        let mut bytes = whole.clone().into_bytes();
        if bytes[place].is_ascii_whitespace() {
            continue;
        }
        bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
        assert!(Model::read(bytes.as_slice()).is_err(), "byte {place}");
    }
}

#[test]
fn safetensors_hold_the_same_bits_for_the_same_network() {
    let weights: Vec<f64> = (1..=14).map(|n| f64::from(n) / 3.0).collect();
    let mut file = Vec::new();
    write_weights(&family(), &weights, &mut file).unwrap();
    assert_eq!(read_weights(&family(), file.as_slice()).unwrap(), weights);
    let mut again = Vec::new();
    write_weights(&family(), &weights, &mut again).unwrap();
    assert_eq!(file, again);

    let tell =
        |network: &Network, file: &[u8]| read_weights(network, file).unwrap_err().to_string();
    let message = tell(&network(), &file);
    let expected =
        "can't read the weights: weight 0 is `threshold→H1` there and `x1→h1.1` in the network";
    assert_eq!(message, expected);
    assert!(tell(&family(), &file[..file.len() - 1]).starts_with("can't read the weights: "));
    assert!(tell(&family(), b"none").contains("header too small"));
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![1], &[0; 4]);
    let foreign = safetensors::serialize([("a", view.unwrap())], None).unwrap();
    assert!(tell(&family(), &foreign).contains("its metadata has no"));
}
