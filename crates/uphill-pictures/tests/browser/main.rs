//! The view in a real browser: `cargo test -p uphill-pictures --features browser`, with Chromium installed
//! (Debian: `apt-get install chromium-headless-shell`). Without one, the tests say so and pass.
//!
//! With `UPHILL_SCREENSHOTS=docs/pictures` in the environment, the pages are also photographed into that folder, and with
//! `UPHILL_SCREENSHOTS_ALL=1` in both themes and sizes.

mod chromium;
#[path = "../common/mod.rs"]
mod common;

use chromium::Chromium;
use common::{classes, hill, lecture, trained};
use uphill_graph::{Function, Scalar};
use uphill_pictures::{Sliders, View};

/// A page in a folder of its own, which must live as long as it is open.
fn page(view: &View) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("view.html");
    std::fs::write(&path, view.html().unwrap()).unwrap();
    (folder, path)
}

fn chain() -> View {
    View::new("The lecture's example").trace(&lecture(), &[1.0, 1.0, 1.0]).unwrap()
}

fn training() -> View {
    let (network, outcome) = trained();
    let surface = hill(&outcome);
    View::new("Exclusive or").training(&network, &outcome.history).unwrap().surface(surface)
}

/// A network with sliders, and the chain rule of its first sample.
fn weights() -> View {
    let (problem, weights, plane) = classes();
    let row = [problem.samples().inputs(0), problem.samples().desired(0)].concat();
    let sliders = Sliders::new(&problem, &weights).unwrap().a_row();
    View::new("Three classes")
        .trace(problem.term(), &[&weights[..], &row].concat())
        .unwrap()
        .sliders(sliders.plane(&plane, |regions| regions.title("Which class?")).unwrap())
}

/// Sliders alone.
fn weights_alone() -> View {
    let (problem, weights, plane) = classes();
    let sliders = Sliders::new(&problem, &weights).unwrap().a_row();
    View::new("Three classes")
        .sliders(sliders.plane(&plane, |it| it.title("Which class?")).unwrap())
}

fn assert_quiet(browser: &mut Chromium) {
    assert_eq!(browser.troubles(), Vec::<String>::new());
}

#[test]
fn keys_step_through_the_chain_rule() {
    if !chromium::is_here() {
        return;
    }
    let (_folder, path) = page(&chain());
    let mut browser = Chromium::open(&path, 1280, false);
    let mut told = vec![browser.text("#chain-status")];
    for _ in 0..10 {
        browser.press("ArrowRight");
        told.push(browser.text("#chain-status"));
    }
    let expected = [
        "Step 0 of 10: the inputs are given",
        "Step 1 of 10: o1 = w1 - 2*w2 + 5*w3 = 4",
        "Step 2 of 10: o2 = 2*w1 - w2 - 6 = −5",
        "Step 3 of 10: P = 3*o1 - 7*o2 = 47",
        "Step 4 of 10: ∂P/∂P = 1",
        "Step 5 of 10: ∂P/∂o2 = −7",
        "Step 6 of 10: ∂P/∂o1 = 3",
        "Step 7 of 10: ∂P/∂w1 = −11",
        "Step 8 of 10: ∂P/∂w2 = 1",
        "Step 9 of 10: ∂P/∂w3 = 15",
        "Step 10 of 10: the gradient is complete",
    ];
    assert_eq!(told, expected);
    assert!(browser.text("#chain-details").contains("∂P/∂w1 = −11"));
    for _ in 0..3 {
        browser.press("ArrowLeft");
    }
    let details = browser.text("#chain-details");
    assert!(details.contains("= ∂P/∂o1·∂o1/∂w1 + ∂P/∂o2·∂o2/∂w1"), "{details}");
    assert!(details.contains("= 3·1 + (−7)·2"), "{details}");
    assert!(details.contains("= −11"), "{details}");
    let live = "[...document.querySelectorAll('.edge.live')].map(e => e.dataset.from + '>' + e.dataset.to).join(' ')";
    assert_eq!(browser.ask(live), "0>3 0>4");
    // What has not happened yet is not shown.
    let seen = |k: usize| {
        format!(
            "getComputedStyle(document.querySelector('[data-node=\"{k}\"] .adjoint')).visibility"
        )
    };
    assert_eq!((browser.ask(&seen(0)), browser.ask(&seen(1))), ("visible".into(), "hidden".into()));
    assert_eq!(browser.text("#chain-backward button[aria-current=step]"), "∂P/∂w1 = −11");

    // Home and End belong to the page until something in the section has the focus.
    browser.press("Home");
    assert!(browser.text("#chain-status").starts_with("Step 7"));
    browser.click("#chain [data-go=on]");
    assert!(browser.text("#chain-status").starts_with("Step 8"));
    browser.press("Home");
    assert!(browser.text("#chain-status").starts_with("Step 0"));
    browser.press("End");
    assert!(browser.text("#chain-status").starts_with("Step 10"));
    assert_quiet(&mut browser);
}

#[test]
fn sliders_compute_anew() {
    if !chromium::is_here() {
        return;
    }
    let f = Function::record(["a", "b"], |x| {
        let s = (x[0] * x[1]).sigmoid().named("s");
        (s * x[0] - x[1].square().exp()).named("P")
    })
    .unwrap();
    let view = View::new("Sliders").trace(&f, &[0.5, -1.25]).unwrap();
    let (_folder, path) = page(&view);
    let mut browser = Chromium::open(&path, 1280, false);
    browser.click("#chain [data-go=last]");
    let start = browser.text("#chain-lists");
    for (a, b) in [(0.5, -1.25), (1.25, 0.5), (-1.0, -1.0), (0.0, 0.0)] {
        for (k, number) in [a, b].into_iter().enumerate() {
            browser.ask(&format!(
                "(s => {{ s.value = {number}; s.dispatchEvent(new Event('input')); }})(document.getElementById('chain-slider-{k}'))"
            ));
        }
        browser.ask("document.querySelector('#chain [data-go=last]').click()");
        // The page of that point, made by the library, says the same.
        let other = View::new("Sliders").trace(&f, &[a, b]).unwrap();
        let (_folder, path) = page(&other);
        let mut made = Chromium::open(&path, 1280, false);
        made.ask("document.querySelector('#chain [data-go=last]').click()");
        for part in ["#chain-lists", "#chain-details", "#chain-stage svg"] {
            let text = format!("document.querySelector('{part}').textContent");
            assert_eq!(browser.ask(&text), made.ask(&text), "{part} at {a}, {b}");
        }
    }
    assert!(browser.text("#chain-turned").contains(", it was "));
    browser.click("#chain-reset");
    assert_eq!(browser.text("#chain-lists"), start);
    assert_quiet(&mut browser);
}

/// Moves a slider as a hand does.
fn slide(browser: &mut Chromium, id: &str, number: f64) {
    browser.ask(&format!(
        "(s => {{ s.value = {number}; s.dispatchEvent(new Event('input')); }})(document.getElementById('{id}'))"
    ));
}

#[test]
fn weights_move_p_slopes_network_and_regions() {
    if !chromium::is_here() {
        return;
    }
    let (problem, start, plane) = classes();
    let rows = problem.samples().len() as f64;
    let (_folder, path) = page(&weights());
    let mut browser = Chromium::open(&path, 1280, false);
    let number = |text: &str| -> f64 {
        let text = text.trim().replace('−', "-");
        let (mantissa, power) = text.split_once("×10").unwrap_or((&text, "⁰"));
        let digit = |c: char| match c {
            '⁻' => '-',
            c => char::from(b'0' + "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|one| one == c).unwrap() as u8),
        };
        let power: String = power.chars().map(digit).collect();
        format!("{mantissa}e{power}").parse().unwrap_or_else(|_| panic!("{text}"))
    };
    let check = |browser: &mut Chromium, weights: &[f64], whence: &str| {
        let (p, gradient) = problem.with_gradient(weights).unwrap();
        let status = browser.text("#weights-status");
        let told = status.split("P a row = ").nth(1).unwrap().split(',').next().unwrap();
        assert!(status.starts_with(whence), "{status}");
        let near = |told: f64, value: f64| (told - value).abs() <= 1e-4 * value.abs() + 1e-12;
        assert!(near(number(told), p / rows), "{status}: {}", p / rows);
        let slopes = browser.ask(
            "[...document.querySelectorAll('#weights-list .adjoint')].map(e => e.textContent).join(';')",
        );
        for (told, slope) in slopes.split(';').zip(&gradient) {
            let told = number(told.strip_prefix("slope ").unwrap());
            assert!(near(told, slope / rows), "{told} {}", slope / rows);
        }
        let computed = problem.computed(weights).unwrap();
        let largest = |list: &[f64]| {
            (0..list.len()).fold(0, |best, k| if list[k] > list[best] { k } else { best })
        };
        let wrong = (0..computed.len())
            .filter(|&k| largest(&computed[k]) != largest(problem.samples().desired(k)));
        let wrong: Vec<String> = wrong.map(|k| k.to_string()).collect();
        assert!(status.ends_with(&format!("{} of 36 samples computed otherwise", wrong.len())));
        let rings = browser.ask(
            "[...document.querySelectorAll('#weights-regions svg.wide [data-sample]')]\
             .filter(e => e.getAttribute('visibility') === 'visible').map(e => e.dataset.sample).join(',')",
        );
        assert_eq!(rings, wrong.join(","));
        // Which class's region lies on top, at points of the frame.
        for (x, y) in [(0.13, 0.21), (0.5, 0.47), (0.83, 0.29), (0.71, 0.87), (0.07, 0.93)] {
            let inputs = plane.inputs([-2.0 + 8.0 * x, -2.0 + 8.0 * y]);
            let outputs = problem.network().computed(weights, &inputs).unwrap();
            let shown = browser.ask(&format!(
                "(svg => {{ const [l, t, w, h] = JSON.parse(document.getElementById('data').textContent).sliders.plane.frames[0]; \
                 const at = new DOMPoint(l + w * {x}, t + h * {}); let top = 0; \
                 for (const e of svg.querySelectorAll('[data-region] path')) \
                 if (e.isPointInFill(at)) top = Number(e.parentNode.dataset.region); return top; }})\
                 (document.querySelector('#weights-regions svg.wide'))",
                1.0 - y
            ));
            let mut sorted = outputs.clone();
            sorted.sort_by(f64::total_cmp);
            if sorted[2] - sorted[1] > 0.02 {
                assert_eq!(shown, largest(&outputs).to_string(), "at {x}, {y}: {outputs:?}");
            }
        }
    };
    check(&mut browser, &start, "As given");
    // The gradient is that by the weights, without the sample.
    browser.click("#chain [data-go=last]");
    assert_eq!(
        browser.ask("document.querySelectorAll('#chain-details li').length"),
        start.len().to_string()
    );
    let mut now = start.clone();
    for (k, more) in [(0, 1.5), (3, -1.75), (8, 1.0), (16, -2.0)] {
        let number = start[k] + more;
        now[k] = number;
        slide(&mut browser, &format!("weights-slider-{k}"), number);
        check(&mut browser, &now, "By hand");
        // The chain of the first sample has the same weight.
        let same = browser.ask(&format!("document.getElementById('chain-slider-{k}').value"));
        assert!((same.parse::<f64>().unwrap() - number).abs() < 1e-9, "{same} {number}");
        let drawn = browser.ask(&format!(
            "document.querySelector('#weights-network svg.wide [data-weight=\"{k}\"] path, #weights-network svg.wide [data-offset=\"{k}\"] text').outerHTML"
        ));
        assert!(drawn.contains("stroke"), "{drawn}");
    }
    // The chain leads, too, and its numbers are those of that sample.
    now[1] = start[1] - 1.25;
    slide(&mut browser, "chain-slider-1", now[1]);
    check(&mut browser, &now, "By hand");
    let row = [problem.samples().inputs(0), problem.samples().desired(0)].concat();
    let p = problem.term().value(&[&now[..], &row].concat()).unwrap();
    let told = browser.text("#chain-turned");
    let told = number(told.strip_prefix("P = ").unwrap().split(',').next().unwrap());
    assert!((told - p).abs() <= 1e-4 * p.abs(), "{told} {p}");
    // Steps along the gradient.
    browser.ask("document.getElementById('weights-rate').value = '0.5'");
    for _ in 0..3 {
        let gradient = problem.gradient(&now).unwrap();
        now.iter_mut().zip(gradient).for_each(|(weight, slope)| *weight += 0.5 * slope / rows);
        browser.click("#weights-uphill");
        check(&mut browser, &now, "A step uphill");
    }
    browser.click("#weights-reset");
    check(&mut browser, &start, "As given");
    assert_quiet(&mut browser);
}

#[test]
fn the_training_moves_the_weights() {
    if !chromium::is_here() {
        return;
    }
    let (network, outcome) = trained();
    let samples =
        uphill_nn::Samples::new([[0., 0.], [0., 1.], [1., 0.], [1., 1.]], [[0.], [1.], [1.], [0.]]);
    let problem =
        uphill_nn::Problem::new(&network, uphill_nn::SquaredError, &samples.unwrap()).unwrap();
    let sliders = Sliders::new(&problem, &outcome.weights).unwrap();
    let view = View::new("x").training(&network, &outcome.history).unwrap().sliders(sliders);
    let (_folder, path) = page(&view);
    let mut browser = Chromium::open(&path, 1280, false);
    assert!(browser.text("#weights-status").starts_with("As given: P = "));
    for at in [0, 7, 40] {
        browser.ask(&format!(
            "(s => {{ s.value = {at}; s.dispatchEvent(new Event('input')); }})(document.getElementById('training-range'))"
        ));
        let told =
            |text: String| text.split("P = ").nth(1).unwrap().split(',').next().unwrap().to_owned();
        let status = browser.text("#weights-status");
        assert!(status.starts_with(&format!("After {} changes: ", 50 * at)), "{status}");
        let training = browser.text("#training-status");
        let number = |text: String| text.replace('−', "-").parse::<f64>().unwrap();
        let (one, other) = (number(told(status)), number(told(training)));
        assert!((one - other).abs() <= 2e-4 * other.abs(), "{one} {other}");
    }
    assert_quiet(&mut browser);
}

#[test]
fn themes_can_be_switched() {
    if !chromium::is_here() {
        return;
    }
    let ground = "getComputedStyle(document.body).backgroundColor";
    for (dark, first, second) in [
        (false, "rgb(255, 255, 255)", "rgb(20, 23, 26)"),
        (true, "rgb(20, 23, 26)", "rgb(255, 255, 255)"),
    ] {
        let (_folder, path) = page(&chain());
        let mut browser = Chromium::open(&path, 1280, dark);
        assert_eq!(browser.ask(ground), first);
        browser.click("#theme");
        assert_eq!(browser.ask(ground), second);
        browser.click("#theme");
        assert_eq!(browser.ask(ground), first);
        assert_quiet(&mut browser);
    }
}

#[test]
fn nodes_tell_their_partials() {
    if !chromium::is_here() {
        return;
    }
    let (_folder, path) = page(&chain());
    let mut browser = Chromium::open(&path, 1280, false);
    let place = browser.place("[data-node='3']");
    browser.mouse("mouseMoved", place);
    let details = browser.text("#chain-details");
    for part in
        ["o1 = w1 - 2*w2 + 5*w3", "value: 4", "∂o1/∂w2 = −2", "∂P/∂o1", "= 3", "Is read by P."]
    {
        assert!(details.contains(part), "{part} in {details}");
    }
    browser.mouse("mouseMoved", (2.0, 2.0));
    assert!(browser.text("#chain-details").starts_with("The inputs are given"));
    browser.click("[data-node='3']");
    assert!(browser.text("#chain-status").starts_with("Step 1"));

    // The same with Tab alone: buttons, slider, the graph's box, then its nodes.
    browser.ask(
        "document.activeElement.blur(), document.querySelector('#chain [data-go=last]').focus()",
    );
    let mut names = Vec::new();
    for _ in 0..6 {
        browser.press("Tab");
        names.push(browser.ask(
            "(e => e.id || e.getAttribute('aria-label').split(' ')[0].replace(',', ''))(document.activeElement)",
        ));
        let outlined = "(e => { const s = getComputedStyle(e), b = e.querySelector(':scope > rect'); \
             return s.outlineStyle !== 'none' || (b && parseFloat(getComputedStyle(b).strokeWidth) >= 4); })(document.activeElement)";
        assert_eq!(browser.ask(outlined), "true", "the focus on {names:?} can't be seen");
    }
    assert_eq!(names, ["chain-range", "chain-stage", "w1", "w2", "w3", "o1"]);
    assert!(browser.text("#chain-details").contains("∂o1/∂w3 = 5"));
    browser.press("Enter");
    assert!(browser.text("#chain-status").starts_with("Step 1"));
    browser.press("ArrowRight");
    assert!(browser.text("#chain-status").starts_with("Step 2"));
    assert_quiet(&mut browser);
}

#[test]
fn the_training_can_be_dragged() {
    if !chromium::is_here() {
        return;
    }
    let (_folder, path) = page(&training());
    let mut browser = Chromium::open(&path, 1280, false);
    let width = "document.querySelector('.network.wide [data-weight=\"1\"] path').getAttribute('stroke-width')";
    let start = browser.ask(width);
    assert!(browser.text("#training-status").starts_with("After 0 changes: P = "));
    browser.ask("document.getElementById('training-range').focus()");
    browser.press("End");
    assert!(browser.text("#training-status").starts_with("After 2000 changes: P = "));
    assert_ne!(browser.ask(width), start);
    // The surface follows, and leads.
    assert!(browser.text("#surface-status").starts_with("Point 41 of 41"));
    browser.click("#surface [data-go=first]");
    assert!(browser.text("#training-status").starts_with("After 0 changes"));
    assert_eq!(browser.ask(width), start);

    let (x, y) = browser.place("#training-stage svg.wide");
    browser.mouse("mousePressed", (x, y));
    browser.mouse("mouseReleased", (x, y));
    let change = |text: String| -> usize { text.split(' ').nth(1).unwrap().parse().unwrap() };
    let middle = change(browser.text("#training-status"));
    assert!((800..1100).contains(&middle), "{middle}");
    browser.click("#training-weights summary");
    assert_eq!(browser.ask("document.querySelectorAll('#training-weights tbody tr').length"), "9");
    let shown = browser.text("#training-weights tbody th");
    assert_eq!(shown, "threshold→H1");
    assert_quiet(&mut browser);
}

#[test]
fn small_screens_have_no_sideways_page() {
    if !chromium::is_here() {
        return;
    }
    for view in [chain(), training(), weights()] {
        let (_folder, path) = page(&view);
        let mut browser = Chromium::open(&path, 360, true);
        assert_eq!(browser.ask("document.scrollingElement.scrollWidth"), "360");
        let small = "[...document.querySelectorAll('.controls button')].filter(b => b.offsetHeight < 40).length";
        assert_eq!(browser.ask(small), "0");
        assert_eq!(
            browser.ask("getComputedStyle(document.body).backgroundColor"),
            "rgb(20, 23, 26)"
        );
        browser.press("ArrowRight");
        browser.press("ArrowRight");
        // The node of the step lies inside the visible part of its box.
        let inside = "(b => { const n = document.querySelector('.node.current'); if (!n) return true; const r = n.getBoundingClientRect(), \
             s = b.getBoundingClientRect(); return r.left >= s.left && r.right <= s.right; })(document.querySelector('.stage'))";
        assert_eq!(browser.ask(inside), "true");
        assert_quiet(&mut browser);
    }
}

#[test]
fn hostile_names_stay_names() {
    if !chromium::is_here() {
        return;
    }
    let evil = "</script><img src=x onerror=alert(1)>";
    let quotes = "a\"b'c&d\\e\u{2028}`${x}`";
    let f = Function::record([evil, quotes, "日本→語 🙂"], |x| {
        ((x[0] * x[1]).named("{{data}}") + x[2].sin()).named("<b>P</b>")
    })
    .unwrap();
    let view = View::new(format!("{evil} {{{{script}}}}")).trace(&f, &[1.0, 2.0, 3.0]).unwrap();
    let (_folder, path) = page(&view);
    let mut browser = Chromium::open(&path, 1280, false);
    assert_eq!(browser.ask("document.title"), format!("{evil} {{{{script}}}}"));
    assert_eq!(browser.text("h1"), format!("{evil} {{{{script}}}}"));
    assert_eq!(browser.ask("document.images.length"), "0");
    browser.click("#chain [data-go=last]");
    let details = browser.text("#chain-details");
    assert!(details.contains(&format!("∂<b>P</b>/∂{evil} = 2")), "{details}");
    let label =
        browser.ask("document.querySelector(\"[data-node='1']\").getAttribute('aria-label')");
    assert!(label.starts_with(quotes), "{label}");
    assert_quiet(&mut browser);
}

#[test]
fn outputs_can_be_chosen_and_graphs_go_without_numbers() {
    if !chromium::is_here() {
        return;
    }
    let polar = Function::record_many(["x", "y"], |v| {
        vec![v[0].hypot(v[1]).named("r"), v[1].atan2(v[0]).named("phi")]
    })
    .unwrap();
    let (_folder, path) = page(&View::new("Polar").trace(&polar, &[3.0, 4.0]).unwrap());
    let mut browser = Chromium::open(&path, 1280, false);
    browser.click("#chain [data-go=last]");
    assert!(browser.text("#chain-details").contains("∂r/∂x = 0.6"));
    browser.ask(
        "(s => { s.value = '1'; s.dispatchEvent(new Event('change')); })(document.getElementById('chain-output'))",
    );
    assert!(browser.text("#chain-details").contains("∂phi/∂x = −0.16"));
    assert_quiet(&mut browser);

    let (_folder, path) = page(&View::new("Polar").graph(&polar).unwrap());
    let mut browser = Chromium::open(&path, 1280, false);
    browser.press("ArrowRight");
    assert_eq!(browser.text("#chain-status"), "Step 1 of 3: r = hypot(x, y)");
    browser.press("ArrowRight");
    browser.press("ArrowRight");
    assert_eq!(
        browser.text("#chain-status"),
        "Step 3 of 3: all formulas are passed, without numbers"
    );
    assert_quiet(&mut browser);
}

#[test]
fn screenshots() {
    if !chromium::is_here() {
        return;
    }
    let Some(folder) = std::env::var_os("UPHILL_SCREENSHOTS").map(std::path::PathBuf::from) else {
        return;
    };
    // Tests run in the folder of their crate, people in that of the workspace.
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let few = std::env::var_os("UPHILL_SCREENSHOTS_ALL").is_none();
    for (name, view, step) in
        [("chain", chain(), 7), ("training", training(), 14), ("weights", weights_alone(), 0)]
    {
        let (_folder, path) = page(&view);
        for (width, dark) in [(1280, false), (360, true), (1280, true), (360, false)] {
            // The page of a training by night on a large screen, by day on a small one; the others, otherwise.
            let by_day = (name != "training") == (width == 1280);
            if few && by_day == dark {
                continue;
            }
            let mut browser = Chromium::open(&path, width, dark);
            for _ in 0..step {
                browser.press("ArrowRight");
            }
            let theme = if dark { "dark" } else { "light" };
            let shot = folder.join(format!("view-{name}-{width}-{theme}.png"));
            std::fs::write(shot, bytes(&browser.screenshot())).unwrap();
        }
    }
}

/// Base64, decoded.
fn bytes(text: &str) -> Vec<u8> {
    let six = |letter: u8| match letter {
        b'A'..=b'Z' => u32::from(letter - b'A'),
        b'a'..=b'z' => u32::from(letter - b'a') + 26,
        b'0'..=b'9' => u32::from(letter - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let letters: Vec<u8> = text.bytes().filter(|&letter| letter != b'=').collect();
    let mut out = Vec::with_capacity(letters.len() / 4 * 3);
    for group in letters.chunks(4) {
        let whole = group.iter().fold(0, |whole, &letter| whole << 6 | six(letter));
        let whole = whole << (6 * (4 - group.len()));
        out.extend(&whole.to_be_bytes()[1..group.len()]);
    }
    out
}
