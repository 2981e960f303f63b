//! What the documents and the help promise: commands that run as they stand, and pictures that are what they give.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{CommandFactory, Parser};
use uphill_cli::command::CommandLine;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The words of a line as a shell reads them: single and double quotes, no variables.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    assert!(quote.is_none(), "an open quote: {line}");
    words
}

/// The lines that begin with `uphill`, each with those that go on after a backslash.
fn commands<'t>(lines: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in lines.map(str::trim) {
        let part = line.trim_end_matches('\\').trim_end();
        match commands.last_mut() {
            Some(last) if goes_on => *last += &format!(" {part}"),
            _ if line.starts_with("uphill ") => commands.push(part.to_owned()),
            _ => continue,
        }
        goes_on = line.ends_with('\\');
    }
    commands
}

/// Whether two pictures are the same, but for numbers that a last bit has rounded to the next hundredth.
fn is_same(one: &str, other: &str) -> bool {
    let is_number = |letter: char| letter.is_ascii_digit() || letter == '.';
    let words = |text: &str| text.replace(|letter| !is_number(letter), " ");
    let rest = |text: &str| text.replace(is_number, "");
    let (ones, others) = (words(one), words(other));
    let (mut ones, mut others) = (ones.split_whitespace(), others.split_whitespace());
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    let near = ones
        .by_ref()
        .zip(others.by_ref())
        .all(|(one, other)| one == other || (number(one) - number(other)).abs() < 0.015);
    near && ones.next().is_none() && others.next().is_none() && rest(one) == rest(other)
}

#[test]
fn the_pictures_are_what_their_commands_give() {
    let root = root();
    let text = fs::read_to_string(root.join("docs/pictures.md")).unwrap();
    let in_blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let commands: Vec<String> = in_blocks.flat_map(|block| commands(block.lines())).collect();
    assert!(commands.len() > 10, "{commands:?}");

    let folder = tempfile::tempdir().unwrap();
    for part in ["docs/pictures", "examples/data", "target"] {
        fs::create_dir_all(folder.path().join(part)).unwrap();
    }
    let table = "examples/data/iris.csv";
    fs::copy(root.join(table), folder.path().join(table)).unwrap();
    for command in &commands {
        let done = Command::new(env!("CARGO_BIN_EXE_uphill"))
            .current_dir(folder.path())
            .args(&words(command)[1..])
            .output()
            .unwrap();
        assert!(done.status.success(), "{command}\n{}", String::from_utf8_lossy(&done.stderr));
    }

    let made = |folder: &Path| -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| !name.ends_with(".png"));
        names.sort();
        names
    };
    let (kept, new) = (root.join("docs/pictures"), folder.path().join("docs/pictures"));
    assert_eq!(made(&kept), made(&new), "every picture has a command, and only these");
    for name in made(&new) {
        assert!(text.contains(&format!("pictures/{name}")), "{name} is shown or named");
        let read = |folder: &Path| fs::read_to_string(folder.join(&name)).unwrap();
        let same = is_same(&read(&kept), &read(&new));
        assert!(same, "{name} differs from what its command gives: run docs/pictures.md again");
    }
}

#[test]
fn every_command_has_examples_that_it_understands() {
    fn visit(command: &clap::Command, path: &str) {
        let name = format!("{path}{}", command.get_name());
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(examples.contains("Examples:\n  "), "{name} has no examples");
        for line in commands(examples.lines()) {
            // What other programs do with it is theirs.
            let own = line.split(" | ").next().unwrap().split(" > ").next().unwrap();
            let own = own.split(" < ").next().unwrap();
            let words = words(own);
            if let Err(error) = CommandLine::try_parse_from(&words) {
                panic!("an example of {name} can't be followed: {own}\n{error}");
            }
        }
        let own = command.get_subcommands().filter(|command| command.get_name() != "help");
        own.for_each(|command| visit(command, &format!("{name} ")));
    }
    visit(&CommandLine::command(), "");
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let folder = tempfile::tempdir().unwrap();
    // It is made where it is missing.
    let folder = folder.path().join("share/man1");
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_uphill")).args(arguments).output().unwrap()
    };
    assert!(run(&["man", "--folder", folder.to_str().unwrap()]).status.success());
    for page in ["uphill", "uphill-check", "uphill-plot", "uphill-plot-surface", "uphill-view"] {
        let text = fs::read_to_string(folder.join(format!("{page}.1"))).unwrap();
        assert!(text.contains("Examples:"), "{page}");
        let words: Vec<&str> = page.split('-').skip(1).collect();
        let printed = run(&[&["man"], &words[..]].concat());
        assert_eq!(String::from_utf8(printed.stdout).unwrap(), text, "{page}");
    }
    let page = fs::read_to_string(folder.join("uphill-fit.1")).unwrap();
    assert!(
        page.contains(
            "\n\\fBuphill fit\\fR <MODEL> \\-\\-data <FILE> [\\-\\-start <NAME=NUMBER,…>] "
        ),
        "{page}"
    );
    assert!(page.contains(concat!("\"uphill ", env!("CARGO_PKG_VERSION"), "\"")), "{page}");
    let unknown = run(&["man", "plot", "surfaces"]);
    let told = String::from_utf8(unknown.stderr).unwrap();
    assert!(told.contains("no command is named `surfaces`: did you mean `surface`?"), "{told}");
}

#[test]
fn help() {
    let folder = tempfile::tempdir().unwrap();
    let asked = [
        &["check"][..],
        &["plot"],
        &["plot", "surface"],
        &["plot", "learning"],
        &["plot", "graph"],
        &["plot", "network"],
        &["plot", "fit"],
        &["view"],
    ];
    let told = asked.map(|words| common::run_in(folder.path(), &[words, &["-h"]].concat(), ""));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(told.join("\n"));
    });
}
