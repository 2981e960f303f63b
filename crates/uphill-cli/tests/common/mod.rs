//! Runs the command and tells all of what it did: the command line, both outputs, the exit code.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command line, as a shell would read it.
#[allow(dead_code)] // each test file uses its part of this module
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// As it was typed.
    text: String,
    /// `NAME=value` in front.
    variables: Vec<(String, String)>,
    arguments: Vec<String>,
    /// The file behind `<`.
    input: Option<String>,
}

#[allow(dead_code)]
impl Line {
    /// Reads a line: words between spaces, single quotes around words with spaces, `< file`.
    pub(crate) fn read(text: &str) -> Line {
        let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
        for c in text.chars() {
            match c {
                '\'' => {
                    quoted = !quoted;
                    word.get_or_insert_default();
                }
                ' ' if !quoted => words.extend(word.take()),
                c => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        let mut line = Line { text: text.to_owned(), ..Line::default() };
        let mut words = words.into_iter();
        for word in words.by_ref() {
            match word.split_once('=') {
                Some((name, value)) => line.variables.push((name.into(), value.into())),
                None => {
                    assert_eq!(word, "uphill", "{text}");
                    break;
                }
            }
        }
        while let Some(word) = words.next() {
            match word.as_str() {
                "<" => line.input = words.next(),
                _ => line.arguments.push(word),
            }
        }
        line
    }
}

/// Runs a line in a folder.
#[allow(dead_code)]
pub(crate) fn run_line(folder: &Path, line: &Line) -> String {
    let mut command = command(folder);
    command.args(&line.arguments).envs(line.variables.iter().map(|(n, v)| (n, v)));
    let input = line.input.as_ref().map(|file| std::fs::read(folder.join(file)).unwrap());
    shown(&line.text, &finish(command, &input.unwrap_or_default()))
}

/// Runs `uphill` with these arguments in a folder, with this text on standard input.
#[allow(dead_code)]
pub(crate) fn run_in(folder: &Path, arguments: &[&str], input: &str) -> String {
    let mut command = command(folder);
    command.args(arguments).env("NO_COLOR", "1");
    let mut text = String::from("uphill");
    for argument in arguments {
        let plain = argument.chars().all(|c| c.is_ascii_alphanumeric() || "-_=.,/".contains(c));
        let _ = if plain && !argument.is_empty() {
            write!(text, " {argument}")
        } else {
            write!(text, " '{argument}'")
        };
    }
    shown(&text, &finish(command, input.as_bytes()))
}

/// The command, without what a shell may have said about colours.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uphill"));
    command.current_dir(folder).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// Runs a command with this on standard input.
pub(crate) fn finish(mut command: Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that doesn't read is free to close it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// The line and what came of it.
fn shown(line: &str, done: &Output) -> String {
    let mut text = format!("$ {line}");
    for (bytes, heading) in [(&done.stdout, ""), (&done.stderr, "--- standard error\n")] {
        if !bytes.is_empty() {
            let _ =
                write!(text, "\n{heading}{}", String::from_utf8(bytes.clone()).unwrap().trim_end());
        }
    }
    let _ = writeln!(text, "\n--- exit code {}", done.status.code().unwrap());
    text
}
