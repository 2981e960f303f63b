//! Texts compiled and run: one file and one process for many functions, numbers in and out as bytes.

#![allow(clippy::print_stdout, reason = "whoever runs the tests should know what was left out")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::{Language, Source};
use crate::{Backend, Program, Samples};

/// A program and where it is to be run.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) program: Program,
    pub(super) runs: Vec<Run>,
    /// The same function over samples that are all of its inputs: what single precision makes of a point.
    #[cfg(feature = "f32")]
    pub(super) over_points: Option<Program>,
}

/// One call: inputs, and samples row after row.
pub(super) struct Run {
    pub(super) inputs: Vec<f64>,
    pub(super) samples: usize,
    pub(super) rows: Vec<f64>,
}

impl Run {
    pub(super) fn once(inputs: Vec<f64>) -> Run {
        Run { inputs, samples: 0, rows: Vec::new() }
    }
}

impl Case {
    pub(super) fn new(name: impl Into<String>, program: Program, runs: Vec<Run>) -> Case {
        Case {
            name: name.into(),
            program,
            runs,
            #[cfg(feature = "f32")]
            over_points: None,
        }
    }

    fn function(&self, number: usize) -> String {
        format!("f_{number}")
    }

    /// What lanes of single precision give, as doubles.
    #[cfg(feature = "f32")]
    fn due_in_single(&self) -> Vec<f64> {
        let mut all = Vec::new();
        for run in &self.runs {
            let (program, shared, numbers, samples) = match &self.over_points {
                Some(points) => (points, [].as_slice(), &run.inputs, 1),
                None => (&self.program, run.inputs.as_slice(), &run.rows, run.samples),
            };
            let numbers: Vec<f32> = numbers.iter().map(|&x| x as f32).collect();
            let width = program.gathering.given as usize;
            let samples = match width {
                0 => Samples::without_columns(samples),
                _ => Samples::rows(&numbers, width).unwrap(),
            };
            let outputs = program.eval_samples_f32(shared, &samples).unwrap();
            let columns = outputs.per_sample.chunks_exact(samples.len().max(1));
            let columns: Vec<&[f32]> = columns.collect();
            for s in 0..samples.len() {
                all.extend(columns.iter().map(|column| f64::from(column[s])));
            }
            all.extend(outputs.per_call);
        }
        all
    }

    /// What the reference gives, in the order of the text: a row of `each` for each sample, then `outputs`.
    pub(super) fn due(&self) -> Vec<f64> {
        let mut workspace = self.program.workspace().backend(Backend::Reference);
        let mut all = Vec::new();
        for run in &self.runs {
            let mut outputs = vec![f64::NAN; self.program.output_length(run.samples)];
            if !self.program.over_samples {
                self.program.run(&mut workspace, &run.inputs, &mut outputs).unwrap();
                all.extend(outputs);
                continue;
            }
            let width = self.program.gathering.given as usize;
            let (program, inputs) = (&self.program, &run.inputs);
            if width == 0 {
                let samples = Samples::without_columns(run.samples);
                program.run_samples(&mut workspace, inputs, &samples, &mut outputs).unwrap();
            } else {
                let samples = Samples::rows(&run.rows, width).unwrap();
                program.run_samples(&mut workspace, inputs, &samples, &mut outputs).unwrap();
            }
            let (mut each, mut per_call, mut rest) = (Vec::new(), Vec::new(), outputs.as_slice());
            let places = self.program.outputs.runs().iter();
            let places = places.flat_map(|run| (0..run.count).map(|_| run.place));
            for place in places {
                let is_each = place.per_sample().is_some();
                let (here, behind) = rest.split_at(if is_each { run.samples } else { 1 });
                rest = behind;
                if is_each {
                    each.push(here);
                } else {
                    per_call.push(here[0]);
                }
            }
            all.extend((0..run.samples).flat_map(|s| each.iter().map(move |column| column[s])));
            all.extend(per_call);
        }
        all
    }

    fn given(&self) -> impl Iterator<Item = f64> {
        let numbers = |run: &Run| {
            let count = self.program.over_samples.then_some(run.samples as f64);
            let mut all = run.inputs.clone();
            all.extend(count.iter().chain(&run.rows));
            all
        };
        self.runs.iter().map(numbers).collect::<Vec<_>>().into_iter().flatten()
    }
}

/// The text of all functions.
pub(super) fn text(source: Source<'_>, cases: &[Case]) -> String {
    let functions = cases.iter().enumerate();
    let source = functions.fold(source, |source, (number, case)| {
        source.function(case.function(number), &case.program)
    });
    source.text().unwrap()
}

/// Where what comes out differs from the reference.
pub(super) fn differences(program: &Path, cases: &[Case], due: &[Vec<f64>]) -> Vec<String> {
    let given: Vec<u8> = cases.iter().flat_map(Case::given).flat_map(f64::to_le_bytes).collect();
    let mut child =
        Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut to = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || to.write_all(&given));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{}: {}", program.display(), output.status);
    let mut got = output.stdout.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap()));
    let mut differences = Vec::new();
    for (case, due) in cases.iter().zip(due) {
        let mut is_told = false;
        for (k, &due) in due.iter().enumerate() {
            let got = got.next().expect("as many numbers as the reference gives");
            let same = got.to_bits() == due.to_bits() || got.is_nan() && due.is_nan();
            if !same && !is_told {
                let given: Vec<f64> = case.given().take(6).collect();
                let at = match case.runs.len() {
                    1 if case.runs[0].rows.len() >= case.runs[0].samples => {
                        let width = case.program.gathering.given.max(1) as usize;
                        let row = case.runs[0].rows.chunks(width).nth(k);
                        row.unwrap_or(&given).to_vec()
                    }
                    _ => given,
                };
                let name = &case.name;
                differences.push(format!("{name}, number {k}, at {at:?}: {got:e}, due {due:e}"));
                // The numbers behind belong to the next case only when this one's are taken.
                is_told = true;
            }
        }
    }
    assert!(got.next().is_none(), "no more numbers than the reference gives");
    differences
}

/// The types of what there is one of a call and of a sample.
type Types<'t> = [&'t str; 2];

fn types<'t>(case: &Case, is_single: bool, [double, single]: Types<'t>) -> Types<'t> {
    match (is_single, case.program.over_samples) {
        (false, _) => [double, double],
        (true, true) => [double, single],
        (true, false) => [single, single],
    }
}

/// Compiles Rust text with a `main` around it; `flags` go to the compiler.
pub(super) fn build_rust(
    folder: &Path,
    text: &str,
    cases: &[Case],
    flags: &[&str],
    is_single: bool,
) -> PathBuf {
    let mut main = String::from(
        "#![allow(unused_mut)]
        use std::io::{Read, Write};
        pub struct In(Vec<f64>, usize);
        impl In {
            pub fn next(&mut self) -> f64 { self.1 += 1; self.0[self.1 - 1] }
            pub fn take<const N: usize>(&mut self) -> [f64; N] { std::array::from_fn(|_| self.next()) }
        }
        pub fn put<T: Into<f64> + Copy>(to: &mut Vec<u8>, x: &[T]) {
            for &x in x { to.extend(Into::<f64>::into(x).to_le_bytes()); }
        }
        fn main() {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).unwrap();
            let numbers = bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap()));
            let mut from = In(numbers.collect(), 0);
            let mut to = Vec::new();
        ",
    );
    for (number, case) in cases.iter().enumerate() {
        let name = case.function(number);
        let outputs = &case.program.outputs;
        let (each, per_call) = (outputs.per_sample(), outputs.per_call());
        let [call, sample] = types(case, is_single, ["f64", "f32"]);
        let mut arguments = vec!["&inputs".to_owned()];
        let _ = writeln!(main, "for _ in 0..{} {{", case.runs.len());
        let _ = writeln!(main, "let inputs = from.take().map(|x| x as {call});");
        if case.program.over_samples {
            main += "let count = from.next() as usize;";
            let _ = writeln!(
                main,
                "let samples = (0..count).map(|_| from.take().map(|x| x as {sample}));"
            );
            main += "let samples: Vec<_> = samples.collect();";
            arguments.push("&samples".into());
            if each > 0 {
                let _ = writeln!(main, "let mut each = vec![[{sample}::NAN; {each}]; count];");
                arguments.push("&mut each".into());
            }
        }
        let _ = writeln!(main, "let mut outputs = [{call}::NAN; {per_call}];");
        if per_call > 0 || !case.program.over_samples {
            arguments.push("&mut outputs".into());
        }
        for (kind, of) in [("WORKSPACE", call), ("SINGLES", sample)] {
            let size = format!("{}_{kind}", name.to_uppercase());
            if text.contains(&format!("const {size}:")) {
                let name = kind.to_lowercase();
                let _ = writeln!(main, "let mut {name} = Box::new([{of}::NAN; text::{size}]);");
                arguments.push(format!("&mut {name}"));
            }
        }
        let _ = writeln!(main, "text::{name}({});", arguments.join(", "));
        if each > 0 {
            main += "for row in &each { put(&mut to, row); }";
        }
        main += "put(&mut to, &outputs); }\n";
    }
    main += "std::io::stdout().write_all(&to).unwrap(); }\nmod text;\n";
    std::fs::write(folder.join("main.rs"), main).unwrap();
    std::fs::write(folder.join("text.rs"), text).unwrap();
    let program = folder.join("rust_program");
    let mut command = rustc("2021");
    command.arg("-o").arg(&program).arg(folder.join("main.rs")).args(flags);
    with_crates(&mut command);
    succeed(command);
    program
}

/// Compiles Rust text as a library of an edition.
pub(super) fn build_library(folder: &Path, text: &str, edition: &str) {
    let file = folder.join("library.rs");
    std::fs::write(&file, text).unwrap();
    let mut command = rustc(edition);
    command.args(["--crate-type=lib", "--emit=metadata", "--out-dir"]).arg(folder).arg(file);
    with_crates(&mut command);
    succeed(command);
}

fn rustc(edition: &str) -> Command {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(compiler);
    command.args(["--edition", edition, "-Dwarnings"]);
    command
}

/// The crates that this very test was built with, or others like them.
fn with_crates(command: &mut Command) {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap();
    for name in ["libm", "uphill_kernels"] {
        let start = format!("lib{name}-");
        let files = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
        let is_crate = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&start) && name.ends_with(".rlib")
        };
        let time = |path: &PathBuf| path.metadata().and_then(|file| file.modified()).ok();
        if let Some(path) = files.filter(is_crate).max_by_key(time) {
            command.arg("--extern").arg(format!("{name}={}", path.display()));
        }
    }
    command.arg("-L").arg(format!("dependency={}", folder.display()));
}

/// The C compilers that there are.
pub(super) fn c_compilers() -> impl Iterator<Item = &'static str> {
    let works = |name: &&str| {
        Command::new(name).arg("--version").output().is_ok_and(|out| out.status.success())
    };
    ["gcc", "clang"].into_iter().filter(works)
}

/// Compiles C text with a `main` behind it.
pub(super) fn build_c(
    compiler: &str,
    folder: &Path,
    text: &str,
    cases: &[Case],
    flags: &[&str],
    is_single: bool,
) -> PathBuf {
    let mut main = text.to_owned();
    main += "\n#include <stdio.h>\n#include <stdlib.h>\n";
    for of in if is_single { ["double", "float"].as_slice() } else { &["double"] } {
        let _ = writeln!(
            main,
            "static inline void get_{of}({of} *x, size_t n) {{ for (size_t k = 0; k < n; ++k) {{ \
             double y; if (fread(&y, 8, 1, stdin) != 1) exit(2); x[k] = ({of})y; }} }}\n\
             static inline void put_{of}(const {of} *x, size_t n) {{ for (size_t k = 0; k < n; ++k) {{ \
             double y = x[k]; if (fwrite(&y, 8, 1, stdout) != 1) exit(3); }} }}"
        );
    }
    main += "static void *room(size_t n) { return malloc(8 * n + 8); }\nint main(void) {\n";
    for (number, case) in cases.iter().enumerate() {
        let name = case.function(number);
        let outputs = &case.program.outputs;
        let (each, per_call) = (outputs.per_sample(), outputs.per_call());
        let layout = &case.program.layout;
        let (inputs, width) = (layout.shared_count, case.program.gathering.given);
        let [call, sample] = types(case, is_single, ["double", "float"]);
        let mut arguments = vec!["inputs"];
        let _ = writeln!(main, "for (int run = 0; run < {}; ++run) {{", case.runs.len());
        let _ = writeln!(main, "{call} *inputs = room({inputs}), *outputs = room({per_call});");
        let _ = writeln!(main, "get_{call}(inputs, {inputs});");
        if case.program.over_samples {
            main += "double number; get_double(&number, 1); const size_t count = (size_t)number;\n";
            let _ = writeln!(main, "{sample} *samples = room({width} * count);");
            let _ = writeln!(main, "{sample} *each = room({each} * count);");
            let _ = writeln!(main, "get_{sample}(samples, {width} * count);");
            arguments.extend((width > 0).then_some("samples"));
            arguments.push("count");
            arguments.extend((each > 0).then_some("each"));
        }
        if per_call > 0 || !case.program.over_samples {
            arguments.push("outputs");
        }
        let mut freed = String::new();
        for (kind, of, space) in [("WORKSPACE", call, "workspace"), ("SINGLES", sample, "singles")]
        {
            let size = format!("{}_{kind}", name.to_uppercase());
            if text.contains(&format!("#define {size} ")) {
                let _ = writeln!(main, "{of} *{space} = room({size});");
                freed += &format!("free({space}); ");
                arguments.push(space);
            }
        }
        let _ = writeln!(main, "{name}({});", arguments.join(", "));
        if case.program.over_samples {
            let _ =
                writeln!(main, "put_{sample}(each, {each} * count); free(samples); free(each);");
        }
        let _ = writeln!(main, "put_{call}(outputs, {per_call}); free(inputs); free(outputs);");
        main += &format!("{freed}}}\n");
    }
    main += "return 0; }\n";
    let (file, program) = (folder.join("main.c"), folder.join("c_program"));
    std::fs::write(&file, main).unwrap();
    let mut command = Command::new(compiler);
    command.args(["-Wall", "-Wextra", "-Werror", "-o"]).arg(&program).arg(&file);
    command.args(flags).arg("-lm");
    succeed(command);
    program
}

fn succeed(mut command: Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{}", &text[..text.len().min(6000)]);
}

/// A compiler, and flags for it.
pub(super) type Build<'b> = (&'b str, &'b [&'b str]);

/// Emits all cases as one text, and looks at what comes out of each build of it. Compilers of C that aren't there are
/// left out.
pub(super) fn check(language: Language, cases: &[Case], builds: &[Build<'_>]) {
    check_with(language, cases, builds, Case::due, false);
}

/// The same in single precision, beside the lanes of it.
#[cfg(feature = "f32")]
pub(super) fn check_single(language: Language, cases: &[Case], builds: &[Build<'_>]) {
    check_with(language, cases, builds, Case::due_in_single, true);
}

fn check_with(
    language: Language,
    cases: &[Case],
    builds: &[Build<'_>],
    due: fn(&Case) -> Vec<f64>,
    is_single: bool,
) {
    let source = Source::new(language);
    let text = text(if is_single { source.in_single_precision() } else { source }, cases);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let due: Vec<Vec<f64>> = cases.iter().map(due).collect();
    let known: Vec<&str> = c_compilers().collect();
    if language == Language::C && known.is_empty() {
        println!("C source is not tested: there is neither `gcc` nor `clang`");
    }
    for (compiler, flags) in builds {
        let program = match language {
            Language::Rust => build_rust(folder, &text, cases, flags, is_single),
            Language::C if !known.contains(compiler) => continue,
            Language::C => build_c(compiler, folder, &text, cases, flags, is_single),
        };
        let differences = differences(&program, cases, &due);
        assert!(differences.is_empty(), "{compiler} {flags:?}\n{}", differences.join("\n"));
    }
}
