//! Formulas with long ranges and recursions, as every command that takes a formula shows them.

mod common;

use std::fs;

use common::run_in;

#[test]
fn formulas_with_loops() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let rows = (1..=12).map(|x| {
        let x = f64::from(x) / 16.0;
        format!("{x},{}\n", (0..20).map(|k| 3.0 * (0.5 * x).powi(k)).sum::<f64>())
    });
    write("series.csv", &format!("x,y\n{}", rows.collect::<String>()));
    write(
        "growth.txt",
        "x[0] = a\nx[i] = x[i - 1] + r*x[i - 1]*(1 - x[i - 1]) for i = 1..1000\nP = x[1000]\n",
    );
    write(
        "long.txt",
        "x[0] = a\nx[i] = x[i - 1] + r*x[i - 1]*(1 - x[i - 1]) for i = 1..10000\nP = x[10000]\n",
    );
    let series = "P = sum(i, 1..1000000, x^i/i)";
    let squares = "variables w[0..1]; parameters x[1..20], d[1..20]; P = -sum(i, 1..20, (d[i] - w[0] - w[1]*x[i])^2)";
    let commands: &[&[&str]] = &[
        &["grad", series, "--at", "x=0.5"],
        &["grad", "P = sum(i, 1..10000, x^i/i)", "--at", "x=0.5", "--hessian", "--check"],
        &["grad", series, "--at", "x=0.5", "--explain"],
        &["grad", series, "--symbolic"],
        &["grad", series, "--latex"],
        &["grad", squares, "--symbolic", "--explain", "w[1]"],
        &["grad", squares, "--latex", "--explain", "w[1]"],
        &["grad", "@growth.txt", "--at", "a=0.1,r=0.01"],
        &[
            "grad",
            "@growth.txt",
            "--at",
            "a=0.1,r=0.01",
            "--of",
            "x[10]",
            "--of",
            "x[1000]",
            "--jacobian",
        ],
        &["grad", "@growth.txt", "--at", "a=0.1,r=0.01", "--hessian", "--json"],
        &["grad", "@long.txt", "--at", "a=0.1,r=0.001", "--trace"],
        &["grad", "@growth.txt", "--mermaid"],
        &["grad", "@growth.txt", "--at", "a=0.1,r=1e9"],
        &["grad", "P = sum(i, 1..20, log(5 - i + x))", "--at", "x=0"],
        &["grad", "P = sum(i, 1..20, x[i]*y[i])", "--symbolic", "--ascii"],
        &["grad", "P = sum(i, 1..20, sum(j, 1..i, x^j))", "--at", "x=0.5"],
        &["grad", "x[i] = x[i - 1]*a for i = 0..20", "--at", "a=1"],
        &["fit", "y = sum(k, 0..19, b*(c*x)^k)", "--data", "series.csv", "--start", "b=1,c=0.2"],
        &[
            "plot",
            "surface",
            "P = -sum(k, 1..30, (x - y/k)^2)",
            "--at",
            "x=1,y=1",
            "--output",
            "surface.svg",
        ],
        &["plot", "graph", "@growth.txt", "--output", "graph.svg"],
        &["plot", "graph", "@long.txt", "--output", "graph.svg"],
        &["plot", "graph", "P = product(i, 1..9, x + i)", "--at", "x=1", "--output", "graph.svg"],
        &["view", "P = sum(i, 1..20, w^i)", "--at", "w=0.5", "--output", "view.html"],
        &["view", "@long.txt", "--at", "a=0.1,r=0.001", "--output", "long.html"],
    ];
    let told: Vec<String> =
        commands.iter().map(|command| run_in(folder.path(), command, "")).collect();
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(told.join("\n")) });
}

/// Source in Rust and C of a loop is as short for a million terms as for ten thousand.
#[test]
fn source_text_has_the_loop() {
    for language in ["--rust", "--c"] {
        let [short, long] = ["10000", "1000000"].map(|count| {
            let formula = format!("P = sum(i, 1..{count}, x^i/i)");
            let text = run_in(std::path::Path::new("."), &["grad", &formula, language], "");
            assert!(text.contains("--- exit code 0"), "{text}");
            text
        });
        assert!(long.len() < short.len() + 100, "{} and {} bytes", short.len(), long.len());
    }
}
