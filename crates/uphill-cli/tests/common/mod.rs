//! Runs the command and tells all of what it did: the command line, both outputs, the exit code.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs `uphill` with these arguments in a folder, with this text on standard input.
pub(crate) fn run_in(folder: &Path, arguments: &[&str], input: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uphill"));
    command.current_dir(folder).args(arguments).env("NO_COLOR", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that doesn't read is free to close it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let done = child.wait_with_output().unwrap();
    let mut text = String::from("$ uphill");
    for argument in arguments {
        let plain = argument.chars().all(|c| c.is_ascii_alphanumeric() || "-_=.,/".contains(c));
        let _ = if plain && !argument.is_empty() {
            write!(text, " {argument}")
        } else {
            write!(text, " '{argument}'")
        };
    }
    for (bytes, heading) in [(&done.stdout, ""), (&done.stderr, "--- standard error\n")] {
        if !bytes.is_empty() {
            let _ =
                write!(text, "\n{heading}{}", String::from_utf8(bytes.clone()).unwrap().trim_end());
        }
    }
    let _ = writeln!(text, "\n--- exit code {}", done.status.code().unwrap());
    text
}
