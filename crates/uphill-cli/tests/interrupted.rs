//! Work that is cut short: by Ctrl-C, by a full device, by a reader who has seen enough, by a kill in the middle of a save.

#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use common::{command, finish};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let iris = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data/iris.csv");
    fs::copy(iris, folder.path().join("iris.csv")).unwrap();
    folder
}

/// Runs a line that must succeed, quietly.
fn run(folder: &Path, line: &str) -> Vec<u8> {
    let mut command = command(folder);
    command.args(line.split(' ')).arg("--quiet");
    let done = finish(command, b"");
    assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// Trains until Ctrl-C, then on for some changes, and once more without a break: the same file.
fn stop_and_go_on(options: &str) {
    let folder = folder();
    let mut command = command(folder.path());
    let line = format!(
        "train iris.csv --target species --changes 1000000000 --save part.json --json{options}"
    );
    command.args(line.split(' '));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut remarks = BufReader::new(child.stderr.take().unwrap());
    let mut remark = String::new();
    remarks.read_line(&mut remark).unwrap();
    assert_eq!(
        remark,
        "training on 112 rows, at most 1000000000 changes; Ctrl-C stops and saves\n"
    );
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let done = child.wait_with_output().unwrap();
    let mut more = String::new();
    remarks.read_to_string(&mut more).unwrap();
    assert_eq!(
        (done.status.code(), more.as_str()),
        (Some(0), ""),
        "nothing is drawn off a terminal"
    );
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(told["interrupted"], true);
    assert_eq!(told["stopped"], "somebody asked to, by Ctrl-C");
    let changes = told["changes"].as_u64().unwrap() + 7;
    run(folder.path(), &format!("train iris.csv --resume part.json --changes {changes}"));
    run(
        folder.path(),
        &format!("train iris.csv --target species --changes {changes} --save whole.json{options}"),
    );
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("part.json"), read("whole.json"));
}

#[test]
fn control_c_stops_and_saves_and_training_goes_on_with_the_same_bits() {
    // P of all rows is known after each change, or only when somebody asks.
    for options in ["", " --batch 20 --method adam"] {
        stop_and_go_on(options);
    }
}

/// A search goes on for long where nothing holds P; interrupted, it tells where it is.
#[test]
fn control_c_ends_a_search_where_it_is() {
    let folder = folder();
    let mut command = command(folder.path());
    command.args([
        "solve",
        "maximise x + y; subject to y <= x^2",
        "--most-iterations",
        "1000000000",
        "--json",
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut remarks = BufReader::new(child.stderr.take().unwrap());
    let mut remark = String::new();
    remarks.read_line(&mut remark).unwrap();
    assert_eq!(remark, "`x`, `y` start at 0: --start gives other numbers\n");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let done = child.wait_with_output().unwrap();
    let mut more = String::new();
    remarks.read_to_string(&mut more).unwrap();
    assert_eq!(
        more, "error: no optimum was found: interrupted\n",
        "nothing is drawn off a terminal"
    );
    assert_eq!(done.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&told["status"], &told["message"]),
        (&"interrupted".into(), &"not optimal: interrupted".into())
    );
    assert!(told["variables"]["x"].is_number());
}

#[test]
fn a_kill_in_the_middle_of_a_save_leaves_the_earlier_file() {
    let folder = folder();
    run(folder.path(), "train iris.csv --target species --changes 1 --save model.json");
    let earlier = fs::read(folder.path().join("model.json")).unwrap();
    assert!(earlier.len() > 2048);
    // The system ends the program when it writes more than a kilobyte or two to a file.
    let line = format!(
        "ulimit -f 2; exec '{}' train iris.csv --resume model.json --changes 2 --quiet",
        env!("CARGO_BIN_EXE_uphill")
    );
    let mut shell = Command::new("sh");
    shell.current_dir(folder.path()).args(["-c", &line]);
    let done = finish(shell, b"");
    assert!(!done.status.success());
    assert_eq!(fs::read(folder.path().join("model.json")).unwrap(), earlier);
    // And it can be gone on with.
    run(folder.path(), "train iris.csv --resume model.json --changes 2");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let folder = folder();
    run(folder.path(), "train iris.csv --target species --changes 1 --save model.json");
    let iris = fs::read_to_string(folder.path().join("iris.csv")).unwrap();
    let (header, rows) = iris.split_once('\n').unwrap();
    fs::write(folder.path().join("many.csv"), format!("{header}\n{}", rows.repeat(40))).unwrap();
    for line in ["predict model.json many.csv", "grad y=x*sepal_length_cm --data many.csv --at x=2"]
    {
        let mut command = command(folder.path());
        command.args(line.split(' '));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = String::new();
        BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(first.ends_with('\n'));
        let done = child.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{line}");
        assert_eq!(String::from_utf8_lossy(&done.stderr), "", "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_told() {
    let folder = folder();
    run(folder.path(), "train iris.csv --target species --changes 1 --save model.json");
    for line in ["predict model.json iris.csv --out /dev/full", "grad P=x --at x=1 --out /dev/full"]
    {
        let mut command = command(folder.path());
        command.args(line.split(' '));
        let done = finish(command, b"");
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(
            told, "error: can't write `/dev/full`: no room is left on the device\n",
            "{line}"
        );
        assert_eq!(done.status.code(), Some(1));
    }
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for line in ["help", "--version", "train --help", "man", "evaluate model.json iris.csv"] {
        let done = command(folder.path()).args(line.split(' ')).stdout(full()).output().unwrap();
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        let expected = "error: can't write standard output: no room is left on the device\n";
        assert_eq!((done.status.code(), told.as_str()), (Some(1), expected), "{line}");
    }
}

#[test]
fn control_c_leaves_nothing_beside_a_file_that_is_being_written() {
    let folder = folder();
    run(folder.path(), "train iris.csv --target species --changes 1 --save model.json");
    fs::write(folder.path().join("answers.csv"), "earlier").unwrap();
    let names = || {
        let mut names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    };
    for signal in ["-INT", "-TERM"] {
        let mut command = command(folder.path());
        command.args("predict model.json - --out answers.csv --force".split(' '));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut rows = child.stdin.take().unwrap();
        rows.write_all(&fs::read(folder.path().join("iris.csv")).unwrap()).unwrap();
        rows.flush().unwrap();
        // More rows may come, so it waits with its file beside the place.
        let seen = loop {
            let seen = names();
            if seen.len() > 3 {
                break seen;
            }
            assert!(child.try_wait().unwrap().is_none(), "{signal}: it ended");
            std::thread::yield_now();
        };
        assert!(seen[0].starts_with(".uphill-"), "{seen:?}");
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let done = child.wait_with_output().unwrap();
        assert_eq!((done.status.code(), done.stderr), (Some(130), Vec::new()), "{signal}");
        drop(rows);
        assert_eq!(names(), ["answers.csv", "iris.csv", "model.json"]);
        assert_eq!(fs::read_to_string(folder.path().join("answers.csv")).unwrap(), "earlier");
    }
}
