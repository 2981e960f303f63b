//! What the documents show of the command is what it prints: every `$ uphill …` in a `console` block of theirs.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Line, run_line};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder with the data that ships with the repository, and nothing else.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("examples/data");
    fs::create_dir_all(&data).unwrap();
    for file in fs::read_dir(root().join("examples/data")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), data.join(file.file_name())).unwrap();
    }
    folder
}

/// The README opens with an output, and with the command that prints it.
#[test]
fn the_first_command_of_the_readme_prints_what_stands_above_it() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let block = |fence: &str| readme.split(fence).nth(1).and_then(|rest| rest.split("```").next());
    let (shown, commands) = (block("```text\n").unwrap(), block("```sh\n").unwrap());
    let commands: Vec<&str> = commands.lines().collect();
    assert_eq!(commands.len(), 2, "the main job, and the tests");
    let line = commands[0].strip_prefix("cargo run --release -p uphill-cli -- ").unwrap();
    let folder = folder();
    let told = run_line(folder.path(), &Line::read(&format!("uphill {line}")));
    assert!(told.contains(shown), "{told}");
    assert!(fs::read_to_string(folder.path().join("iris.svg")).unwrap().starts_with("<svg"));
}

#[test]
fn documents_show_what_is_printed() {
    let mut failures = String::new();
    let mut count = 0;
    for document in ["README.md", "docs/json.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        // One folder a document: later commands use the files of earlier ones.
        let folder = folder();
        let blocks = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
        for block in blocks {
            // A line that ends with `\` goes on in the next one, as in a shell.
            let block = block.replace("\\\n", "");
            for shown in block.split("$ ").filter(|part| !part.trim().is_empty()) {
                let (line, expected) = shown.split_once('\n').unwrap();
                let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
                let told = run_line(folder.path(), &Line::read(&line));
                let told = told.split_once('\n').unwrap().1;
                let told = told.split("--- ").next().unwrap().trim_end();
                count += 1;
                if !agrees(expected, told) {
                    failures += &format!("{document}: $ {line}\n{told}\n\n");
                }
            }
        }
    }
    assert!(count > 0 && failures.is_empty(), "{failures}");
}

/// Whether a text is what was expected; `…` stands for whatever is left out.
fn agrees(expected: &str, told: &str) -> bool {
    let mut parts = expected.trim_end().split('…');
    let Some(mut rest) = parts.next().and_then(|first| told.strip_prefix(first)) else {
        return false;
    };
    let mut ends = rest.is_empty();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        ends = part.is_empty() || rest.is_empty();
    }
    ends
}
