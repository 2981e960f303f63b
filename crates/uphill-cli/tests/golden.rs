//! The command as users see it: whole outputs of command lines, one table a command in `golden/`.
//!
//! A table is a list of lines for a shell: `uphill …`, with quotes, `< file` and `NAME=value` in front; `cat file` shows
//! a file that was written. `file NAME` begins a file that ends at an empty line. All lines of a table run in one empty
//! folder, one after the other, and what each prints is a snapshot beside the line: standard output, standard error, exit
//! code. Outputs hold no times and no places of this machine, so any machine must give the same.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use common::{Line, run_line};

/// What a table says.
fn told(table: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("examples/data")).unwrap();
    let iris = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data/iris.csv");
    fs::copy(iris, folder.path().join("examples/data/iris.csv")).unwrap();
    let mut text = String::new();
    let mut lines = table.lines();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        if line.starts_with('#') {
            let _ = writeln!(text, "{line}");
        } else if let Some(name) = line.strip_prefix("file ") {
            let mut content: String = String::new();
            for line in lines.by_ref().take_while(|line| !line.is_empty()) {
                content += line;
                content.push('\n');
            }
            fs::write(folder.path().join(name), &content).unwrap();
            let _ = write!(text, "{line}\n{content}");
        } else if let Some(name) = line.strip_prefix("cat ") {
            let content = fs::read_to_string(folder.path().join(name));
            let content = content.unwrap_or_else(|_| "there is no such file\n".into());
            let _ = write!(text, "$ {line}\n{content}");
        } else {
            text += &run_line(folder.path(), &Line::read(line));
        }
    }
    text
}

macro_rules! tables {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            let told = told(include_str!(concat!("golden/", stringify!($name), ".txt")));
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(stringify!($name), told);
            });
        })*
    };
}

tables! { help grad fit solve train roles stop_rules resume predict lecture siblings completions }
