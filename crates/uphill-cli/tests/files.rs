//! Files that can't be read, hold something else, or can't be written: every message names the file. Files are replaced
//! with their permissions, never by an input, and what killed runs left behind is gone after the next one.

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::{command, finish};

fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = command(folder);
    command.args(arguments);
    finish(command, input)
}

fn error(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

/// A folder with a table, a model, a history and a formula that are good.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let rows: String = (0..30).map(|k| format!("{k},{},{}\n", (k * 7) % 11, k % 2)).collect();
    fs::write(path.join("t.csv"), format!("a,b,y\n{rows}")).unwrap();
    fs::write(path.join("f.txt"), "P = a^2 + b").unwrap();
    let train = ["train", "t.csv", "--target", "y", "--changes", "3", "--save", "m.json"];
    let done = run(path, &[&train[..], &["--history", "h.csv"]].concat(), b"");
    assert!(done.status.success(), "{}", error(&done));
    folder
}

/// Commands with `FILE` in the place of an input: a formula, a model, a history or a table.
const FORMULAS: &[&[&str]] = &[
    &["grad", "@FILE", "--at", "a=1,b=2"],
    &["solve", "@FILE"],
    &["check", "@FILE", "--at", "a=1,b=2"],
    &["view", "@FILE", "--at", "a=1,b=2"],
    &["plot", "graph", "@FILE", "--format", "svg"],
    &["plot", "surface", "@FILE", "--format", "svg"],
    &["fit", "@FILE", "--data", "t.csv", "--start", "c=1"],
    &["plot", "fit", "@FILE", "--data", "t.csv", "--start", "c=1", "--format", "svg"],
];
const STARTS: &[&[&str]] = &[
    &["solve", "minimise a^2", "--start", "@FILE"],
    &["solve", "variables a; parameters b; minimise a^2", "--at", "@FILE"],
];
const MODELS: &[&[&str]] = &[
    &["predict", "FILE", "t.csv"],
    &["evaluate", "FILE", "t.csv"],
    &["check", "--model", "FILE", "--data", "t.csv"],
    &["train", "t.csv", "--resume", "FILE"],
    &["plot", "network", "FILE", "--format", "svg"],
    &[
        "plot", "surface", "--model", "FILE", "--data", "t.csv", "--x", "a->h1.1", "--y",
        "b->h1.1", "--format", "svg",
    ],
    &["view", "--model", "FILE", "--data", "t.csv", "--row", "1"],
];
const HISTORIES: &[&[&str]] =
    &[&["plot", "learning", "FILE", "--format", "svg"], &["view", "--history", "FILE"]];
const TABLES: &[&[&str]] = &[
    &["train", "FILE", "--target", "y"],
    &["predict", "m.json", "FILE"],
    &["evaluate", "m.json", "FILE"],
    &["grad", "P = a*b", "--data", "FILE"],
    &["check", "P = a*b", "--data", "FILE"],
    &["check", "--model", "m.json", "--data", "FILE"],
    &["fit", "y = c*a", "--data", "FILE", "--start", "c=1"],
];
/// Commands with `FILE` in the place of an output.
const WRITERS: &[&[&str]] = &[
    &["grad", "P = a", "--at", "a=1", "--output", "FILE"],
    &["fit", "y = c*a", "--data", "t.csv", "--start", "c=1", "--residuals", "FILE"],
    &["train", "t.csv", "--target", "y", "--changes", "1", "--save", "FILE"],
    &["train", "t.csv", "--target", "y", "--changes", "1", "--history", "FILE"],
    &["train", "t.csv", "--target", "y", "--changes", "1", "--picture", "FILE"],
    &["predict", "m.json", "t.csv", "--out", "FILE"],
    &["view", "P = a", "--at", "a=1", "--output", "FILE"],
    &["plot", "graph", "P = a", "--output", "FILE"],
    &["plot", "learning", "h.csv", "--output", "FILE"],
    &["plot", "network", "m.json", "--output", "FILE"],
    &["man", "--folder", "FILE"],
];

fn with<'a>(line: &[&'a str], file: &'a str, formula: &'a str) -> Vec<&'a str> {
    let place = |word: &&'a str| match *word {
        "FILE" => file,
        "@FILE" => formula,
        word => word,
    };
    line.iter().map(place).collect()
}

#[test]
fn messages_name_the_file() {
    let folder = folder();
    let path = folder.path();
    let model = fs::read_to_string(path.join("m.json")).unwrap();
    let put = |name: &str, content: &[u8]| fs::write(path.join(name), content).unwrap();
    // What is wrong with it, by its name.
    fs::create_dir(path.join("folder")).unwrap();
    put("empty", b"");
    put("binary", b"\xff\xfe\0\x01\x80 = 1\n");
    put("text", b"P = = 3; [\n");
    put("unknown", b"P = frobnicate(a) + b\n");
    put("no output", b"f(x) = x^2\n");
    put("two", b"P = c*a; Q = b*c; a = 3");
    put("json", b"{\"format\": 7}");
    put("newer.json", model.replacen("\"version\": 1", "\"version\": 99", 1).as_bytes());
    put("cut.json", &model.as_bytes()[..model.len() / 2]);
    put("edited.json", model.replacen("0.", "1.", 1).as_bytes());
    put("other.csv", b"p,q\n1,2\n2,3\n");
    put("letters.csv", b"change,performance,gradient_length,a,b,y\n0,x,1,k,l,m\n");
    put("nan.csv", b"change,performance,gradient_length\n0,-1,1\n1,1e400,1\n");
    put("header.csv", b"change,performance,gradient_length,a,b,y\n");
    let contents: &[(&[&[&str]], &[&str])] = &[
        (
            FORMULAS,
            &[
                "missing",
                "folder",
                "empty",
                "binary",
                "text",
                "unknown",
                "no output",
                "no/such/folder",
            ],
        ),
        (
            STARTS,
            &[
                "missing",
                "folder",
                "empty",
                "binary",
                "text",
                "unknown",
                "two",
                "t.csv",
                "no/such/folder",
            ],
        ),
        (
            MODELS,
            &[
                "missing",
                "folder",
                "empty",
                "binary",
                "text",
                "json",
                "newer.json",
                "cut.json",
                "edited.json",
                "t.csv",
            ],
        ),
        (
            HISTORIES,
            &[
                "missing",
                "folder",
                "empty",
                "binary",
                "other.csv",
                "letters.csv",
                "nan.csv",
                "header.csv",
                "m.json",
            ],
        ),
        (TABLES, &["missing", "folder", "empty", "other.csv", "letters.csv", "m.json"]),
    ];
    let mut wrong = Vec::new();
    let mut count = 0;
    for (lines, files) in contents {
        for (line, file) in
            lines.iter().flat_map(|line| files.iter().map(move |file| (line, *file)))
        {
            let formula = format!("@{file}");
            let done = run(path, &with(line, file, &formula), b"");
            let message = error(&done);
            count += 1;
            if done.status.success() || !message.contains(file) {
                wrong.push(format!("{line:?} {file}: {message}"));
            }
        }
    }
    // What can't be read for what is asked of it.
    for (line, file) in [
        (&["plot", "surface", "@two", "--format", "svg"][..], "two"),
        (&["grad", "@f.txt", "--of", "Q", "--at", "a=1,b=2"], "f.txt"),
        (&["grad", "@f.txt", "--at", "a=1,b=2,c=3"], "f.txt"),
        (&["plot", "network", "m.json", "--strongest", "0"], ""),
        (
            &[
                "plot", "surface", "--model", "m.json", "--data", "t.csv", "--x", "q", "--y",
                "b->h1.1",
            ],
            "m.json",
        ),
    ] {
        let done = run(path, line, b"");
        if done.status.success() || !error(&done).contains(file) {
            wrong.push(format!("{line:?}: {}", error(&done)));
        }
    }
    for (line, file) in WRITERS
        .iter()
        .flat_map(|line| ["no/such/a.svg", "t.csv/a.svg"].iter().map(move |file| (line, *file)))
    {
        // Folders are made where they are missing.
        let is_made = line[0] == "man" && file.starts_with("no");
        let done = run(path, &with(line, file, ""), b"");
        let message = error(&done);
        count += 1;
        if !is_made
            && (done.status.success() || !message.contains(file) || message.contains(".uphill-"))
        {
            wrong.push(format!("{line:?} {file}: {message}"));
        }
        let _ = fs::remove_dir_all(path.join("no"));
    }
    assert!(count > 150, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A file without an end is not read to the end of memory: each reader has a limit, and says which.
#[cfg(target_os = "linux")]
#[test]
fn endless_files_are_not_read_to_the_end() {
    let folder = folder();
    for (lines, file) in [(FORMULAS, "@/dev/zero"), (STARTS, "@/dev/zero"), (MODELS, "/dev/zero")] {
        for line in lines {
            // 4 GiB of address space are far less than an endless file, and enough for everything else.
            let mut limited = std::process::Command::new("sh");
            let uphill = command(folder.path());
            limited.current_dir(folder.path());
            limited.args(["-c", "ulimit -v 4194304; exec \"$@\"", "sh"]);
            limited.arg(uphill.get_program()).args(with(line, file, file));
            let done = finish(limited, b"");
            let message = error(&done);
            assert_eq!(done.status.code(), Some(1), "{line:?}: {message}");
            assert!(message.contains("`/dev/zero`"), "{line:?}: {message}");
            let limit = match file.starts_with('@') {
                true if std::ptr::eq(lines, STARTS) => "larger than 64 MiB",
                true => "larger than 1 MiB",
                false => "",
            };
            assert!(message.contains(limit), "{line:?}: {message}");
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_replaced_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path();
    let mode = |name: &str| fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
    for bits in [0o600, 0o640, 0o644, 0o664, 0o400] {
        for line in WRITERS.iter().filter(|line| line[0] != "man") {
            fs::write(path.join("out.svg"), "earlier").unwrap();
            fs::set_permissions(path.join("out.svg"), PermissionsExt::from_mode(bits)).unwrap();
            let done = run(path, &[&with(line, "out.svg", "")[..], &["--force"]].concat(), b"");
            assert!(done.status.success(), "{line:?}: {}", error(&done));
            assert_ne!(fs::read(path.join("out.svg")).unwrap(), b"earlier");
            assert_eq!(mode("out.svg"), bits, "{line:?}");
            fs::remove_file(path.join("out.svg")).unwrap();
        }
    }
    fs::set_permissions(path.join("m.json"), PermissionsExt::from_mode(0o600)).unwrap();
    let done = run(path, &["train", "t.csv", "--resume", "m.json", "--changes", "9"], b"");
    assert!(done.status.success(), "{}", error(&done));
    assert_eq!(mode("m.json"), 0o600);
}

#[cfg(unix)]
#[test]
fn standard_input_is_not_replaced() {
    let folder = folder();
    let path = folder.path();
    for (line, input) in [
        (&["train", "-", "--target", "y", "--save", "t.csv", "--force"][..], "t.csv"),
        (&["train", "-", "--target", "y", "--history", "./t.csv", "--force"], "t.csv"),
        (&["predict", "m.json", "-", "--out", "t.csv", "--force"], "t.csv"),
        (&["predict", "-", "t.csv", "--out", "m.json", "--force"], "m.json"),
        (&["grad", "-", "--at", "a=1,b=2", "--output", "f.txt", "--force"], "f.txt"),
        (&["grad", "P = a*b", "--data", "-", "--output", "t.csv", "--force"], "t.csv"),
        (
            &["fit", "y = c*a", "--data", "-", "--start", "c=1", "--residuals", "t.csv", "--force"],
            "t.csv",
        ),
        (&["plot", "learning", "-", "--format", "svg", "--output", "h.csv", "--force"], "h.csv"),
        (&["train", "/dev/stdin", "--target", "y", "--save", "t.csv", "--force"], "t.csv"),
    ] {
        let before = fs::read(path.join(input)).unwrap();
        let mut command = command(path);
        command.args(line).stdin(fs::File::open(path.join(input)).unwrap());
        let done = command.output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{line:?}: {}", error(&done));
        assert!(error(&done).contains("which is read, and would be replaced"), "{}", error(&done));
        assert_eq!(fs::read(path.join(input)).unwrap(), before);
    }
}

#[test]
fn what_killed_runs_left_is_gone_after_the_next_one() {
    let folder = folder();
    let path = folder.path();
    let names = || {
        let names = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_str().unwrap().ends_with(".unfinished")).count()
    };
    for k in 0..240 {
        fs::write(path.join(format!(".uphill-{k:010}.unfinished")), "half").unwrap();
    }
    assert_eq!(names(), 240);
    let done = run(path, &["grad", "P = a", "--at", "a=1", "--output", "out.txt"], b"");
    assert!(done.status.success(), "{}", error(&done));
    assert_eq!(names(), 0);
}
