//! The page as text: its structure, its data, and that nothing in it reaches out. `browser/` runs it.

mod common;

use common::{hill, lecture, trained};
use serde_json::Value;
use uphill_graph::Function;
use uphill_nn::{History, Network, Samples, SquaredError, Stop, Trainer};
use uphill_pictures::View;

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
