//! The page as text: its structure, its data, and that nothing in it reaches out. `browser/` runs it.

mod common;

use common::{classes, hill, lecture, trained};
use serde_json::Value;
use uphill_graph::{Detail, Function, Op, Scalar};
use uphill_nn::{
    CategoricalCrossEntropy, History, NegativeRms, Network, Performance, Problem, Samples,
    SquaredError, Stop, Trainer, WeightDecay,
};
use uphill_pictures::{Sliders, View};

/// The embedded data.
fn data(html: &str) -> Value {
    let begin = "<script type=\"application/json\" id=\"data\">";
    let start = html.find(begin).expect("data") + begin.len();
    let end = html[start..].find("</script>").expect("its end") + start;
    serde_json::from_str(&html[start..end]).expect("JSON")
}

#[test]
fn the_page_stands_alone() {
    let (network, outcome) = trained();
    let html = View::new("All of it")
        .trace(&lecture(), &[1.0, 1.0, 1.0])
        .unwrap()
        .training(&network, &outcome.history)
        .unwrap()
        .surface(hill(&outcome))
        .html()
        .unwrap();
    // The name of SVG looks like an address, but nobody goes there.
    let outside = html.replace("http://www.w3.org/2000/svg", "");
    for part in
        ["http:", "https:", "src=", "url(", "@import", "fetch(", "XMLHttpRequest", "{{", "eval("]
    {
        assert!(!outside.contains(part), "{part}");
    }
    for part in [
        "<html lang=\"en\">",
        "<meta name=\"viewport\"",
        "default-src 'none'",
        "prefers-color-scheme:dark",
        "prefers-reduced-motion",
        "@media print",
        "data-theme=dark",
        "aria-live=\"polite\"",
        "role=\"status\"",
        ":focus-visible",
        "<main>",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert_eq!(html.matches("<script").count(), 2);
    assert_eq!(html.matches("</script>").count(), 2);
    assert_eq!(html.matches("<main>").count(), html.matches("</main>").count());
    assert_eq!(html.matches("<section").count(), html.matches("</section>").count());
    assert_eq!(html.matches("<div").count(), html.matches("</div>").count());
    assert_eq!(html.matches("<svg").count(), 9);
    assert!(html.len() < 700_000, "{} bytes", html.len());
    // No two elements have one id.
    let mut ids: Vec<&str> =
        html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn the_lecture_as_data() {
    let view = View::new("The lecture's example").trace(&lecture(), &[1.0, 1.0, 1.0]).unwrap();
    let html = view.html().unwrap();
    assert_eq!(html, view.html().unwrap());
    assert!(html.len() < 60_000, "{} bytes", html.len());
    assert!(!html.contains("id=\"training\"") && !html.contains("id=\"surface\""));
    insta::assert_snapshot!(serde_json::to_string_pretty(&data(&html)).unwrap());
}

#[test]
fn the_training_follows_the_history() {
    let (network, outcome) = trained();
    let view = View::new("x").training(&network, &outcome.history).unwrap().surface(hill(&outcome));
    let data = data(&view.html().unwrap());
    let training = &data["training"];
    let rows = outcome.history.len();
    assert_eq!(training["rows"].as_array().unwrap().len(), rows);
    assert_eq!(training["weights"].as_array().unwrap().len(), rows);
    assert_eq!(training["names"].as_array().unwrap().len(), network.weight_count());
    for chart in training["charts"].as_array().unwrap() {
        assert_eq!(chart["places"].as_array().unwrap().len(), rows);
    }
    let weight = training["weights"][rows - 1][0].as_f64().unwrap();
    assert!((weight - outcome.weights[0]).abs() < 1e-4 * weight.abs());
    assert_eq!(data["surface"]["linked"], true);
    for places in data["surface"]["places"].as_array().unwrap() {
        assert_eq!(places.as_array().unwrap().len(), rows);
    }
}

#[test]
fn long_trainings_of_large_networks_stay_small() {
    let network = Network::layered(&[60, 40, 10]).build().unwrap();
    let samples = Samples::new([vec![0.5; 60]], [vec![0.5; 10]]).unwrap();
    let outcome = Trainer::new(&network, SquaredError, &samples)
        .history(History::every(1).with_weights())
        .stop(Stop::changes(300))
        .train()
        .unwrap();
    let html = View::new("x").training(&network, &outcome.history).unwrap().html().unwrap();
    let rows = data(&html)["training"]["rows"].as_array().unwrap().len();
    assert!((20..=100).contains(&rows), "{rows}");
    assert!(html.len() < 2_000_000, "{} bytes", html.len());
}

#[test]
fn names_can_not_break_out() {
    let evil = "</script><script>alert(1)</script>";
    let f =
        Function::record([evil, "\"'&{{script}}"], |x| (x[0] * x[1]).named("</title><b>")).unwrap();
    let html = View::new(evil).trace(&f, &[1.0, 2.0]).unwrap().html().unwrap();
    assert_eq!(html.matches("<script").count(), 2);
    assert_eq!(html.matches("</script").count(), 2);
    assert_eq!(html.matches("</title>").count(), html.matches("<title>").count());
    let data = data(&html);
    assert_eq!(data["title"], evil);
    assert_eq!(data["chain"]["nodes"][0]["name"], evil);
    assert_eq!(data["chain"]["nodes"][1]["name"], "\"'&{{script}}");
}

#[test]
fn infinities_and_troubles_are_told() {
    let f = Function::record(["x"], |x| 1.0 / (x[0] - 1.0).named("gap")).unwrap();
    let html = View::new("x").trace(&f, &[1.0]).unwrap().html().unwrap();
    let data = data(&html);
    assert_eq!(data["chain"]["troubles"][0], "P = inf: born at P = 1/gap, from gap = 0");
    assert_eq!(data["chain"]["nodes"][2]["value"], "∞");
    let graph = View::new("x").graph(&f).unwrap().html().unwrap();
    assert!(graph.contains("\"numbers\":false"));
}

fn whole(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().unwrap().clone()
}

/// Values of all nodes, and the derivatives of each by what it reads: what the page's script does forward.
fn forward(program: &Value, inputs: &[f64]) -> (Vec<f64>, Vec<Vec<(usize, f64)>>) {
    let lines = list(&program["lines"]);
    let count = lines.iter().map(|line| whole(&line["node"]) + 1).max().unwrap_or(0);
    let count = count.max(inputs.len());
    let mut values = vec![f64::NAN; count];
    values[..inputs.len()].copy_from_slice(inputs);
    let mut partials = vec![Vec::new(); count];
    for line in lines {
        let reads: Vec<usize> = list(&line["reads"]).iter().map(whole).collect();
        let mut numbers: Vec<f64> = reads.iter().map(|&read| values[read]).collect();
        for step in list(&line["steps"]) {
            let name = step[0].as_str().unwrap();
            numbers.push(if name == "const" {
                step[1].as_f64().unwrap()
            } else {
                let operands =
                    list(&step)[1..].iter().map(|k| numbers[whole(k)]).collect::<Vec<_>>();
                Op::from_name(name).unwrap().value(&operands)
            });
        }
        let node = whole(&line["node"]);
        values[node] = numbers[whole(&line["value"])];
        partials[node] = list(&line["partials"])
            .iter()
            .zip(reads)
            .map(|(place, read)| (read, numbers[whole(place)]))
            .collect();
    }
    (values, partials)
}

/// What the page's script does with its program, in a few lines: values forward, then the chain rule backward.
fn computed(chain: &Value, inputs: &[f64]) -> (Vec<f64>, Vec<Option<f64>>) {
    let count = list(&chain["nodes"]).len();
    let (values, partials) = forward(&chain["program"], inputs);
    let sweep = &chain["sweeps"][0];
    let mut adjoints = vec![None; count];
    adjoints[whole(&sweep["node"])] = Some(1.0);
    for adjoint in list(&sweep["adjoints"]) {
        let node = whole(&adjoint["node"]);
        if node == whole(&sweep["node"]) {
            continue;
        }
        let term = |term: &Value| {
            let through = whole(&term["through"]);
            let partial = partials[through].iter().find(|(read, _)| *read == node).unwrap().1;
            adjoints[through].unwrap() * partial
        };
        adjoints[node] = Some(list(&adjoint["terms"]).iter().map(term).sum());
    }
    (values, adjoints)
}

#[test]
fn the_pages_program_computes_what_the_library_does() {
    let network = Network::layered(&[3, 2, 2]).build().unwrap();
    let samples = Samples::new([[0.5, -1.0, 2.0]], [[1.0, 0.0]]).unwrap();
    let problem = uphill_nn::Problem::new(&network, SquaredError, &samples).unwrap();
    let functions = [
        lecture(),
        problem.term().clone(),
        Function::record(["a", "b", "c"], |x| {
            let s = (x[0] * x[1]).sin().named("s");
            let t = (s + x[2].exp()).square().named("t");
            let u = Scalar::log_sum_exp(&[s, t, x[0]]).named("u");
            u * t - x[1].powi(3).atan2(x[2].hypot(s)) + x[0].max(x[1]) + 3.0
        })
        .unwrap(),
        // An output that is another's name, one that is an input, and a number.
        Function::record_many(["a", "b"], |x| {
            let s = (x[0] + x[1]).named("s");
            vec![(s * s).named("first"), s, x[0], x[0] * 0.0 + 2.0]
        })
        .unwrap(),
    ];
    for f in &functions {
        for detail in [Detail::Shared, Detail::Every] {
            let count = f.inputs().len();
            let at = |seed: usize| -> Vec<f64> {
                (0..count).map(|k| ((k * 7 + seed * 5) % 11) as f64 / 4.0 - 1.1).collect()
            };
            let html = View::new("x").with_detail(f, Some(&at(0)), detail).unwrap().html().unwrap();
            let data = data(&html);
            let chain = &data["chain"];
            // Other points than that of the page: what sliders do.
            for seed in 0..4 {
                let x = at(seed);
                let trace = f.trace_with(&x, detail).unwrap();
                let (values, adjoints) = computed(chain, &x);
                let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * (1.0 + a.abs().max(b.abs()));
                for (line, value) in trace.forward.iter().zip(&values) {
                    let name = &line.name;
                    assert!(near(line.value, *value), "{f:?} {name}: {} {value}", line.value);
                }
                for adjoint in &trace.backward[0].adjoints {
                    let node = trace.forward.iter().position(|line| line.node == adjoint.node);
                    let found = adjoints[node.unwrap()].unwrap();
                    let name = &adjoint.name;
                    assert!(near(adjoint.value, found), "{name}: {} {found}", adjoint.value);
                }
            }
        }
    }
}

#[test]
fn a_page_that_can_not_compute_says_so() {
    let f = Function::record(["x"], |x| x[0].digamma()).unwrap();
    let data = data(&View::new("x").trace(&f, &[1.0]).unwrap().html().unwrap());
    assert_eq!(data["chain"]["still"], "`digamma` is not among the page's operations");
    assert!(data["chain"].get("program").is_none());
}

#[test]
fn columns_stay_out_of_names() {
    let names = ["h→kind=good", "h→kind=bad", "h"];
    let f = Function::record_many(names, |x| {
        vec![(x[0] * x[2]).sigmoid().named("kind=good"), (x[1] * x[2]).sigmoid().named("kind=bad")]
    })
    .unwrap();
    let html = View::new("x").trace(&f, &[1.0, 2.0, 3.0]).unwrap().html().unwrap();
    let data = data(&html);
    let nodes = data["chain"]["nodes"].as_array().unwrap();
    let told: Vec<&str> = nodes.iter().map(|node| node["name"].as_str().unwrap()).collect();
    assert_eq!(told, ["h→good", "h→bad", "h", "good", "bad"]);
    assert!(!html.contains("kind=good"));
    // A name that would be that of another stays as it is.
    let f = Function::record(["kind=good", "good"], |x| x[0] * x[1]).unwrap();
    let html = View::new("x").trace(&f, &[1.0, 2.0]).unwrap().html().unwrap();
    assert!(html.contains("kind=good"));
}

/// The derivatives of a program's output by its inputs: each line passes on what it has.
fn slopes(program: &Value, partials: &[Vec<(usize, f64)>], inputs: usize) -> Vec<f64> {
    let mut adjoints = vec![0.0; partials.len()];
    adjoints[whole(&program["outputs"][0])] = 1.0;
    for line in list(&program["lines"]).iter().rev() {
        let node = whole(&line["node"]);
        for &(read, partial) in &partials[node] {
            adjoints[read] += adjoints[node] * partial;
        }
    }
    adjoints[..inputs].to_vec()
}

/// P and its slopes as the page computes them from the weights.
fn climbed(sliders: &Value, weights: &[f64]) -> (f64, Vec<f64>) {
    let numbers = |row: &Value| list(row).iter().map(|x| x.as_f64().unwrap()).collect::<Vec<f64>>();
    let (term, outer) = (&sliders["term"], &sliders["whole"]);
    let (mut sum, mut added) = (0.0, vec![0.0; weights.len()]);
    for row in list(&sliders["rows"]) {
        let (values, partials) = forward(term, &[weights, &numbers(&row)].concat());
        sum += values[whole(&term["outputs"][0])];
        let found = slopes(term, &partials, weights.len());
        added.iter_mut().zip(found).for_each(|(all, one)| *all += one);
    }
    let (values, partials) = forward(outer, &[&[sum], weights].concat());
    let through = slopes(outer, &partials, weights.len() + 1);
    let divisor = sliders["divisor"].as_f64().unwrap();
    let slope = |k: usize| (through[0] * added[k] + through[k + 1]) / divisor;
    let value = values[whole(&outer["outputs"][0])] / divisor;
    (value, (0..weights.len()).map(slope).collect())
}

fn same_p_by_hand(performance: impl Performance) {
    let (problem, weights, _) = classes();
    let problem = Problem::new(problem.network(), performance, problem.samples()).unwrap();
    let name = problem.performance_name();
    for (sliders, divisor) in [
        (Sliders::new(&problem, &weights).unwrap(), 1.0),
        (Sliders::new(&problem, &weights).unwrap().a_row(), problem.samples().len() as f64),
    ] {
        let data = data(&View::new("x").sliders(sliders).html().unwrap());
        for seed in 0..4 {
            let moved: Vec<f64> = weights
                .iter()
                .enumerate()
                .map(|(k, w)| w + ((k * seed) % 5) as f64 / 4.0)
                .collect();
            let (expected, gradient) = problem.with_gradient(&moved).unwrap();
            let (value, slopes) = climbed(&data["sliders"], &moved);
            let near = |a: f64, b: f64| (a - b / divisor).abs() <= 1e-12 * (1.0 + a.abs());
            assert!(near(value, expected), "{name}: {value} {expected}");
            for (k, (slope, expected)) in slopes.iter().zip(&gradient).enumerate() {
                assert!(near(*slope, *expected), "{name}, weight {k}: {slope} {expected}");
            }
            // And the outputs, for regions and rings.
            let outputs = &data["sliders"]["outputs"];
            let inputs = [0.3, -0.4, 0.1];
            let (values, _) = forward(outputs, &[&moved[..], &inputs].concat());
            let computed = problem.network().computed(&moved, &inputs).unwrap();
            for (place, expected) in list(&outputs["outputs"]).iter().zip(computed) {
                assert!((values[whole(place)] - expected).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn the_page_climbs_as_the_library_does() {
    same_p_by_hand(SquaredError);
    same_p_by_hand(NegativeRms);
    same_p_by_hand(CategoricalCrossEntropy);
    same_p_by_hand(WeightDecay { of: SquaredError, strength: 0.125 });
    same_p_by_hand(WeightDecay { of: NegativeRms, strength: 0.5 });
}

#[test]
fn what_sliders_can_not_move_is_told() {
    // Too many samples: some of them, and P is that of these.
    let network = Network::layered(&[2, 2, 1]).build().unwrap();
    let rows: Vec<[f64; 2]> = (0..30_000).map(|k| [f64::from(k % 7), f64::from(k % 5)]).collect();
    let desired: Vec<[f64; 1]> = (0..30_000).map(|k| [f64::from(k % 2)]).collect();
    let samples = Samples::new(&rows, &desired).unwrap();
    let problem = Problem::new(&network, NegativeRms, &samples).unwrap();
    let weights = vec![0.5; network.weight_count()];
    let html = View::new("x").sliders(Sliders::new(&problem, &weights).unwrap()).html().unwrap();
    let told = data(&html);
    let chosen = list(&told["sliders"]["rows"]).len();
    assert!((1000..20_000).contains(&chosen), "{chosen}");
    let note = told["sliders"]["notes"][0].as_str().unwrap();
    assert_eq!(note, format!("Here P is of {chosen} of 30000 rows, evenly chosen."));
    let (value, _) = climbed(&told["sliders"], &weights);
    let kept: Vec<Vec<f64>> = list(&told["sliders"]["rows"])
        .iter()
        .map(|row| list(row).iter().map(|x| x.as_f64().unwrap()).collect())
        .collect();
    let inputs = kept.iter().map(|row| &row[..2]);
    let few = Samples::new(inputs, kept.iter().map(|row| &row[2..])).unwrap();
    let expected = problem.with_samples(&few).unwrap().performance(&weights).unwrap();
    assert!((value - expected).abs() < 1e-12);
    // Too large a network: a sentence.
    let network = Network::layered(&[60, 40, 10]).build().unwrap();
    let samples = Samples::new([vec![0.5; 60]], [vec![0.5; 10]]).unwrap();
    let problem = Problem::new(&network, SquaredError, &samples).unwrap();
    let weights = vec![0.1; network.weight_count()];
    let html = View::new("x").sliders(Sliders::new(&problem, &weights).unwrap()).html().unwrap();
    let still = data(&html)["sliders"]["still"].as_str().unwrap().to_owned();
    assert!(still.starts_with("it has 29") && still.ends_with("more than 400"), "{still}");
    // Frozen weights stay.
    let (problem, weights, plane) = classes();
    let error = Sliders::new(&problem, &weights[1..]).unwrap_err().to_string();
    assert_eq!(error, "weights: expected 24 numbers, got 23");
    let html = View::new("x")
        .sliders(Sliders::new(&problem, &weights).unwrap().plane(&plane, |it| it).unwrap())
        .html()
        .unwrap();
    assert_eq!(html.matches("data-region=").count(), 2 * 2, "all classes but the first, twice");
    assert_eq!(html.matches("data-sample=").count(), 2 * 36);
}
