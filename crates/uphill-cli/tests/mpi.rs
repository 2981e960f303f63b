//! The command under `mpirun`: the bytes of one process for any number of ranks, and failures that are told and end.
//!
//! Where there is no `mpirun`, nothing can be run.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use uphill_table::{FileKind, Writer, Written};

const ROWS: usize = 20_000;

/// Runs `uphill` on so many ranks; none is the process alone.
fn run(folder: &Path, ranks: usize, arguments: &[&str]) -> Output {
    let uphill = env!("CARGO_BIN_EXE_uphill");
    let mut command = match ranks {
        0 => Command::new(uphill),
        _ => {
            let mut command = Command::new("mpirun");
            command.args([
                "--allow-run-as-root",
                "--oversubscribe",
                "-n",
                &ranks.to_string(),
                uphill,
            ]);
            command
        }
    };
    // Processes of one machine need no network.
    command
        .env("OMPI_MCA_btl", "self,vader")
        .env("OMPI_MCA_btl_vader_single_copy_mechanism", "none");
    command.env("OMPI_MCA_pml", "ob1").env("RAYON_NUM_THREADS", "1");
    command.current_dir(folder).args(arguments).output().unwrap()
}

fn has_mpirun() -> bool {
    Command::new("mpirun").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// A table in one file, the same rows behind many blank lines, and in three files.
fn tables(folder: &Path) {
    let header = "x,colour,note,y\n";
    let mut rows = Vec::new();
    for row in 0..ROWS {
        let x = (row as f64 * 0.618_033_988_749_894_9).fract();
        let colour = ["red", "green", "blue"][row * row % 3];
        // A line end within quotes, so that not every line is a row.
        let note = if row % 2 == 0 { "plain" } else { "\"two\nlines, quoted\"" };
        let y = 2.0 * x + if colour == "red" { 1.0 } else { 0.0 };
        rows.push(format!("{x},{colour},{note},{y}\n"));
    }
    let all = header.to_owned() + &rows.concat();
    // So long a beginning without a row that whole ranks find nothing else.
    std::fs::write(folder.join("late.csv"), "\n".repeat(2 * all.len()) + &all).unwrap();
    std::fs::write(folder.join("all.csv"), all).unwrap();
    for (part, rows) in [&rows[..9_001], &rows[9_001..9_003], &rows[9_003..]].iter().enumerate() {
        let name = format!("part-{part}.csv");
        let mut text = header.to_owned() + &rows.concat();
        if part == 1 {
            // Columns may stand in another order in each.
            text = "y,x,colour,note\n".into();
            for row in *rows {
                let (others, y) = row.trim_end().rsplit_once(',').unwrap();
                let _ = writeln!(text, "{y},{others}");
            }
        }
        std::fs::write(folder.join(name), text).unwrap();
        if cfg!(feature = "parquet") {
            columns(&folder.join(format!("part-{part}.parquet")), header, rows);
        }
    }
}

/// The same rows as a file of columns.
fn columns(path: &Path, header: &str, rows: &[String]) {
    let kinds = [Written::Numbers, Written::Texts, Written::Texts, Written::Numbers];
    let names = header.trim().split(',').map(str::to_owned);
    let columns: Vec<(String, Written)> = names.zip(kinds).collect();
    let mut file = std::fs::File::create(path).unwrap();
    let mut writer = Writer::new(&mut file, "part", FileKind::Parquet, &columns).unwrap();
    for row in rows {
        // The note may have a comma.
        let (others, y) = row.trim_end().rsplit_once(',').unwrap();
        for (cell, (_, kind)) in others.splitn(3, ',').chain([y]).zip(&columns) {
            match kind {
                Written::Numbers => writer.number(Some(cell.parse().unwrap())),
                _ => writer.text(Some(cell)),
            }
        }
        writer.end_row().unwrap();
    }
    writer.finish().unwrap();
}

fn told(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{}\n{out}\n{err}", output.status)
}

#[test]
fn any_number_of_ranks_gives_the_bytes_of_one_process() {
    if !has_mpirun() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    tables(folder);
    let train = |ranks: usize, table: &str, save: &str, more: &[&str]| {
        let mut line =
            vec!["train", table, "--save", save, "--json", "--memory", "200KiB", "--quiet"];
        line.extend(more);
        let output = run(folder, ranks, &line);
        assert!(output.status.success(), "{line:?} on {ranks} ranks: {}", told(&output));
        let report = String::from_utf8(output.stdout).unwrap().replace(save, "…");
        (std::fs::read(folder.join(save)).unwrap(), report)
    };
    let fresh: Vec<&str> =
        "--target y --ignore note --batch all --validation 0.2 --changes 4 --force"
            .split(' ')
            .collect();
    let alone = train(0, "all.csv", "alone.json", &fresh);
    let on_to = |from: &'static str| ["--resume", from, "--changes", "6", "--force"];
    let further = train(0, "all.csv", "further.json", &on_to("alone.json"));
    let fit = |ranks: usize, table: &str| {
        let line = ["fit", "y = a + b*x + c*(x > 0.5)", "--data", table, "--start", "a=0,b=0,c=0"];
        let files = ["--json", "--residuals", "residuals.csv", "--force", "--quiet"];
        let output = run(folder, ranks, &[&line[..], &files[..]].concat());
        assert!(output.status.success(), "{ranks} ranks: {}", told(&output));
        (output.stdout, std::fs::read(folder.join("residuals.csv")).unwrap())
    };
    let fitted = fit(0, "all.csv");
    let mut wrong = String::new();
    for ranks in [1, 2, 3, 4] {
        let columns = cfg!(feature = "parquet").then_some("part-*.parquet");
        for table in ["all.csv", "late.csv", "part-*.csv"].into_iter().chain(columns) {
            if train(ranks, table, "ranks.json", &fresh) != alone {
                let _ = writeln!(wrong, "train {table} on {ranks} ranks");
            }
            if fit(ranks, table) != fitted {
                let _ = writeln!(wrong, "fit {table} on {ranks} ranks");
            }
        }
        if train(ranks, "part-?.csv", "ranks.json", &on_to("alone.json")) != further {
            let _ = writeln!(wrong, "resume on {ranks} ranks");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn failures_are_told_once_and_leave_nothing() {
    if !has_mpirun() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    tables(folder);
    let text = std::fs::read_to_string(folder.join("part-2.csv")).unwrap();
    std::fs::write(folder.join("other-1.csv"), &text).unwrap();
    std::fs::write(folder.join("other-2.csv"), text.replacen("colour", "hue", 1)).unwrap();
    std::fs::write(folder.join("slip-1.csv"), &text).unwrap();
    std::fs::write(folder.join("slip-2.csv"), text.clone() + "0.5,red,plain,wrong\n").unwrap();
    let lines = text.lines().count() + 1;
    let slip = format!("slip-2.csv, line {lines}, column `y`: expected a number");
    let _gone = std::os::unix::fs::symlink("nowhere.csv", folder.join("gone-2.csv"));
    std::fs::write(folder.join("gone-1.csv"), &text).unwrap();
    let fine = "--target y --ignore note --batch all --changes 2 --save";
    // Table, options, exit code, and what is told.
    let cases: [(&str, String, i32, &str); 8] = [
        (
            "none-*.csv",
            format!("{fine} new.json"),
            1,
            "can't read `none-*.csv`: no file's name matches this pattern",
        ),
        (
            "gone-*.csv",
            format!("{fine} new.json"),
            1,
            "can't read `gone-2.csv`: there is no such file",
        ),
        (
            "other-*.csv",
            format!("{fine} new.json"),
            1,
            "other-2.csv, column `colour`: there is no such column; expected the columns of `other-1.csv`: x, colour",
        ),
        ("slip-*.csv", format!("{fine} new.json"), 1, &slip),
        (
            "all.csv",
            format!("{fine} /dev/full"),
            1,
            "can't write `/dev/full`: no room is left on the device",
        ),
        (
            "all.csv",
            "--target y --ignore note --save new.json".into(),
            2,
            "3 ranks share the rows of each change, so it looks at all 15000: give --batch all, or run one rank",
        ),
        ("-", format!("{fine} new.json"), 2, "standard input can't be shared by ranks"),
        ("all.csv", "--target z --save new.json".into(), 2, "no column is named `z` in all.csv"),
    ];
    let mut wrong = String::new();
    for (table, options, code, sentence) in cases {
        let line: Vec<&str> = ["train", table].into_iter().chain(options.split(' ')).collect();
        let output = run(folder, 3, &line);
        let text = told(&output);
        let is_right = output.status.code() == Some(code)
            && text.contains(&format!("error: {sentence}"))
            && text.matches("error:").count() == 1
            && output.stdout.is_empty()
            && !folder.join("new.json").exists();
        if !is_right {
            let _ = writeln!(wrong, "{table} {options}: expected {code}, {sentence}\n{text}");
        }
    }
    let left: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let _ = left
        .iter()
        .filter(|name| name.to_string_lossy().contains("new.json"))
        .try_for_each(|name| writeln!(wrong, "left behind: {name:?}"));
    assert!(wrong.is_empty(), "{wrong}");
}

/// One rank of three is killed in the midst of a training: the others end, nothing is written, and both who is lost and that
/// something failed are told.
#[test]
fn a_killed_rank_ends_all() {
    if !has_mpirun() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    tables(folder);
    let uphill = env!("CARGO_BIN_EXE_uphill");
    // The last rank ends itself once it has begun, in the way of a machine that fails.
    let script = format!(
        "if [ \"$OMPI_COMM_WORLD_RANK\" = 2 ]; then \"{uphill}\" \"$@\" & child=$!; \
         while ! grep -q 'training on' progress; do :; done; kill -9 $child; kill -9 $$; fi; \
         if [ \"$OMPI_COMM_WORLD_RANK\" = 0 ]; then exec \"{uphill}\" \"$@\" 2>progress; fi; exec \"{uphill}\" \"$@\""
    );
    std::fs::write(folder.join("progress"), "").unwrap();
    let output = Command::new("mpirun")
        .args(["--allow-run-as-root", "--oversubscribe", "-n", "3", "sh", "-c", &script, "uphill"])
        .args([
            "train",
            "all.csv",
            "--target",
            "y",
            "--ignore",
            "note",
            "--batch",
            "all",
            "--changes",
            "1000000000",
        ])
        .args(["--save", "new.json"])
        .env("OMPI_MCA_btl", "self,vader")
        .env("OMPI_MCA_btl_vader_single_copy_mechanism", "none")
        .env("OMPI_MCA_pml", "ob1")
        .env("RAYON_NUM_THREADS", "1")
        .current_dir(folder)
        .output()
        .unwrap();
    let text = told(&output) + &std::fs::read_to_string(folder.join("progress")).unwrap();
    assert!(!output.status.success(), "{text}");
    assert!(!folder.join("new.json").exists(), "{text}");
    assert!(text.contains("rank 2"), "{text}");
}
