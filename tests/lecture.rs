//! The walk through the slides, word by word: the example's output is under review, and docs/lecture.md shows it.

use uphill_cli::lecture;

#[test]
fn every_blank_is_filled_in() {
    insta::assert_snapshot!(lecture::whole().unwrap());
}

#[test]
fn the_document_shows_what_the_example_prints() {
    let document = include_str!("../docs/lecture.md");
    let shown = document
        .split("```text\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap_or_default();
    let hint = "put the output of `cargo run --release --example lecture` into docs/lecture.md";
    assert_eq!(shown, lecture::whole().unwrap(), "{hint}");
}
