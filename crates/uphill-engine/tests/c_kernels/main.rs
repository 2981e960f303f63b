//! The C text of the kernels is a translation of their Rust text. Here it is made, and held to be what ships.
//!
//! `UPDATE_C_KERNELS=1 cargo test -p uphill-engine --test c_kernels` writes it anew. What the translation understands is
//! the part of Rust that kernels are written in; on anything else it stops and names it. Whether it is right, the suites
//! of source text tell, which run both texts and compare bits. The decision: docs/adr/0031-one-source-of-kernels.md.

mod body;
mod calls;
mod expression;
mod items;
mod library;
mod loops;
mod patterns;
mod statements;
mod types;
mod value;

use std::path::{Path, PathBuf};
use std::process::Command;

use body::Translator;
use library::Library;

/// Files of the crate `libm` that have something our kernels need.
const LIBM: [&str; 26] = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "cos",
    "erf",
    "exp",
    "hypot",
    "k_cos",
    "k_sin",
    "k_tan",
    "lgamma",
    "lgamma_r",
    "log",
    "log1p",
    "mod",
    "pow",
    "rem_pio2",
    "rem_pio2_large",
    "sin",
    "tan",
    "tgamma",
];

/// What is left out of a file: other ways of rounding than to the nearest, and a number for raising exceptions.
const LEFT_OUT: [(&str, &str, &str); 7] = [
    ("cbrt", "cbrt_round(x, Round::Nearest).val", "cbrt_round(x)"),
    ("cbrt", "cbrt_round(x: f64, round: Round) -> FpResult<f64>", "cbrt_round(x: f64) -> f64"),
    ("cbrt", "FpResult::ok", ""),
    ("cbrt", "round as usize", "0"),
    ("cbrt", "if round != Round::Nearest", "if cfg!(directed)"),
    ("cbrt", "cold_path();", ""),
    ("tan", "let x1p120 = f32::from_bits(0x7b800000);", ""),
];

/// What a tool of Rust prints.
fn printed(tool: &str, arguments: &[&str]) -> String {
    let path = std::env::var_os(tool.to_uppercase()).unwrap_or_else(|| tool.into());
    let mut command = Command::new(path);
    let output = command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.unwrap_or_else(|error| panic!("`{tool}` does not run: {error}"));
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("tools write UTF-8")
}

/// The files of the very version of `libm` that this was built with.
fn libm() -> PathBuf {
    let about = printed("rustc", &["-vV"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    // Of this platform alone: packages of others need not be there.
    let text = printed(
        "cargo",
        &["metadata", "--format-version", "1", "--offline", "--filter-platform", host],
    );
    let is_libm = |path: &PathBuf| {
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        folder == "libm" || folder.starts_with("libm-")
    };
    let manifests = text.split("\"manifest_path\":\"").filter_map(|part| part.split('"').next());
    let mut paths = manifests.map(|path| PathBuf::from(path.replace("\\\\", "/")));
    paths.find(is_libm).expect("cargo knows where `libm` is").with_file_name("src/math")
}

#[test]
fn the_c_text_is_the_translation_of_the_rust_text() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source/text");
    let mut library = Library::default();
    for (name, text) in uphill_kernels::source::FILES {
        library.add(name, text);
    }
    let operations = std::fs::read_to_string(folder.join("operations.rs.in")).unwrap();
    library.add("operations", &operations);
    let libm = libm();
    for name in LIBM {
        let mut text = std::fs::read_to_string(libm.join(format!("{name}.rs"))).unwrap();
        for (_, from, to) in LEFT_OUT.iter().filter(|(file, ..)| *file == name) {
            text = text.replace(from, to);
        }
        library.add(&format!("libm/{name}"), &text);
    }
    let mut translator = Translator::new(&library);
    let modules = uphill_kernels::source::FILES.map(|(name, _)| name);
    modules.into_iter().chain(["operations"]).for_each(|module| translator.all(module));
    let is_update = std::env::var_os("UPDATE_C_KERNELS").is_some();
    for (name, text) in
        ["tuples.c.in", "libm.c.in", "kernels.c.in"].into_iter().zip(&translator.texts)
    {
        let head = "/* Translated from Rust by tests/c_kernels: change what it is translated from, not this. */\n";
        let (path, text) = (folder.join(name), head.to_owned() + text);
        if is_update {
            let new = path.with_extension("new");
            std::fs::write(&new, &text).unwrap();
            std::fs::rename(&new, &path).unwrap();
        }
        let ships = std::fs::read_to_string(&path).unwrap_or_default();
        let first = ships.lines().zip(text.lines()).position(|(ships, due)| ships != due);
        assert!(
            ships == text,
            "source/text/{name} is not what the kernels are any more, from line {} on: run this test with \
             UPDATE_C_KERNELS=1, read the changes and commit them",
            first.map_or(ships.lines().count().min(text.lines().count()), |line| line) + 1
        );
    }
}
