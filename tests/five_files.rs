//! An operation with a kernel is named in five files at most: the row of the op table, the method, the complex arm, the
//! kernel, and the list of kernels that are compiled twice. Whoever computes takes it from its row.
//!
//! Looked at are the crates that compute. What `docs/adding-an-op.md` lists under "Where an operation may also be named" is
//! left out: each of those has a default that is right. A row as a type (`row::Exp`) is a part of another formula, and no
//! place where an operation is told from others; comments, strings and tests name what they like.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use uphill::Op;

const MOST: usize = 5;

/// Places with a default, below the crate `uphill-graph`.
const WITH_DEFAULT: [&str; 6] =
    ["latex.rs", "picture/", "simplify/", "symbolic/", "op/mod.rs", "op/domain.rs"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The code of a file as words, each with the one before it if a path ties them: without comments, strings and tests.
fn words(text: &str) -> Vec<(String, String)> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut plain = String::new();
    for line in code.lines() {
        let line = line.split("//").next().unwrap_or_default();
        // What stands between quotes; no line of these crates has a quote in a character that would mislead this.
        plain.extend(line.split('"').step_by(2).flat_map(|part| [part, " "]));
        plain.push('\n');
    }
    let mut words: Vec<(String, String)> = Vec::new();
    let mut rest = plain.as_str();
    let (mut before, mut tied) = (String::new(), false);
    while let Some(start) = rest.find(|c: char| c.is_alphanumeric() || c == '_') {
        tied = tied && start == 0 || rest[..start] == *"::";
        let end = rest[start..].find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let end = end.map_or(rest.len(), |end| start + end);
        let word = rest[start..end].to_owned();
        words.push((if tied { before } else { String::new() }, word.clone()));
        (before, tied, rest) = (word, false, &rest[end..]);
    }
    words
}

#[test]
fn an_operation_with_a_kernel_is_named_in_five_files() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let (mut files, mut kernels) = (Vec::new(), BTreeMap::new());
    for name in ["uphill-kernels", "uphill-graph", "uphill-engine"] {
        let (root, mut found) = (crates.join(name).join("src"), Vec::new());
        sources(&root, &mut found);
        for path in found {
            let text = std::fs::read_to_string(&path).unwrap();
            let inside = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let file = format!("{name}/src/{inside}");
            if name == "uphill-kernels" && inside != "arithmetic.rs" && inside != "native.rs" {
                for line in text.lines().filter_map(|line| line.strip_prefix("pub fn ")) {
                    let kernel = line.split('(').next().unwrap_or_default();
                    kernels.insert(kernel.to_owned(), file.clone());
                }
            } else if !WITH_DEFAULT.iter().any(|part| inside.starts_with(part)) {
                files.push((file, words(&text)));
            }
        }
    }
    let (mut looked_at, mut too_many) = (0, Vec::new());
    for &op in Op::ALL {
        let Some(kernel) = kernels.get(op.name()) else { continue };
        let variant = format!("{op:?}");
        let names_it = |file: &str, (before, word): &(String, String)| match file {
            "uphill-kernels/src/native.rs" => word == op.name() && before.is_empty(),
            _ => *word == variant && before != "row",
        };
        let named = files.iter().filter(|(file, words)| words.iter().any(|w| names_it(file, w)));
        let named: Vec<&str> = named.map(|(file, _)| file.as_str()).chain([&**kernel]).collect();
        looked_at += 1;
        if named.len() > MOST {
            too_many.push(format!("{variant} in {}: {}", named.len(), named.join(", ")));
        }
        assert!(named.iter().any(|file| file.ends_with("op/table.rs")), "{variant}: {named:?}");
    }
    assert!(looked_at > 30, "{looked_at} operations have a kernel");
    assert!(too_many.is_empty(), "named in more than {MOST} files:\n{}", too_many.join("\n"));
}
