//! The walk through the slides, word by word: the example's output is under review, docs/lecture.md shows it, and each
//! formula and each blank of the slides is found in it.

#[test]
fn every_blank_is_filled_in() {
    insta::assert_snapshot!(uphill_lecture::whole().unwrap());
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
    assert_eq!(shown, uphill_lecture::whole().unwrap(), "{hint}");
}

/// Text without what only shapes it: line breaks and repeated spaces.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `tests/data/slides.txt` has the slides' formulas and blanks, in their order, each with what the lecture says there.
#[test]
fn each_formula_and_each_blank_of_the_slides_is_there() {
    let list = include_str!("data/slides.txt");
    let entries: Vec<&str> = list.split("\n\n").filter(|entry| entry.contains("\n  ")).collect();
    let count = |sign: &str| entries.iter().filter(|entry| entry.starts_with(sign)).count();
    assert_eq!((count("formula"), count("blank"), count("words")), FOUND, "entries were lost");
    let mut missing = String::new();
    for entry in entries {
        let (slide, wanted) = entry.split_once('\n').unwrap();
        let (place, wanted) = wanted.split_once(": ").unwrap();
        let section = words(&uphill_lecture::section(place.trim()).unwrap());
        for line in wanted.split(" || ") {
            if !section.contains(&words(line)) {
                missing += &format!("{slide}\n  not in section {}: {line}\n", place.trim());
            }
        }
    }
    assert!(missing.is_empty(), "{missing}");
}

/// How many formulas, blanks and passages of words the slides have.
const FOUND: (usize, usize, usize) = (18, 11, 16);

/// One typography: a minus is − and a product ·, but for commands to type.
#[test]
fn signs_are_those_of_print() {
    let whole = uphill_lecture::whole().unwrap();
    let typed = |line: &&str| {
        !line.contains("uphill plot") && !line.contains("--x") && !line.starts_with("===")
    };
    let wrong: Vec<&str> = whole
        .lines()
        .filter(typed)
        .filter(|line| {
            line.contains('*') || line.contains('^') || line.contains(" - ") || has_minus(line)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a hyphen stands before a number, where a minus is meant; 453-457 is a range.
fn has_minus(line: &str) -> bool {
    let characters: Vec<char> = line.chars().collect();
    characters
        .windows(3)
        .any(|three| three[1] == '-' && three[2].is_ascii_digit() && !three[0].is_ascii_digit())
}
