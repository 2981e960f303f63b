//! The elementary functions that a text brings along: the kernels' own text in Rust, and in C what tests/c_kernels
//! translates it to.

use std::collections::BTreeSet;

use super::function::indented;
use super::library::{Library, Module};
use crate::error::Error;

/// The names of kernels that are called.
pub(super) type Needs = BTreeSet<&'static str>;

const OPERATIONS: &str = include_str!("text/operations.rs.in");

/// What is of single precision by itself; the texts are put in their place.
const SINGLE: &str = "pub fn mul_add_f32() {}\npub fn sqrt_f32() {}\n";

/// What the library of C kernels is made of, in the order in which it is written.
const C_FILES: [(&str, &str); 4] = [
    ("basis", include_str!("text/basis.c.in")),
    ("tuples", include_str!("text/tuples.c.in")),
    (LIBM, include_str!("text/libm.c.in")),
    ("kernels", include_str!("text/kernels.c.in")),
];

/// The file whose functions come with a notice.
const LIBM: &str = "libm";
const NOTICE: &str = include_str!("text/notice.c.in");

const C_PREAMBLE: &str = include_str!("text/preamble.c.in");

/// The first lines, and the module `kernel` if anything is needed of it.
pub(super) fn rust_kernels(
    needs: &Needs,
    with_std: bool,
    from_crate: bool,
) -> Result<String, Error> {
    let own = [("operations", OPERATIONS), ("single", SINGLE)];
    let mut library = Library::new(uphill_kernels::source::FILES.into_iter().chain(own));
    for (of, behind, in_libm) in [("f64", "", ""), ("f32", "_f32", "f")] {
        let (multiply_add, root) = match with_std {
            true => (format!("{of}::mul_add(a, b, c)"), format!("{of}::sqrt(x)")),
            false => (format!("libm::fma{in_libm}(a, b, c)"), format!("libm::sqrt{in_libm}(x)")),
        };
        let parameters = format!("a: {of}, b: {of}, c: {of}");
        library.replace(
            &format!("mul_add{behind}"),
            function(&format!("mul_add{behind}({parameters}) -> {of}"), &multiply_add),
        );
        library.replace(
            &format!("sqrt{behind}"),
            function(&format!("sqrt{behind}(x: {of}) -> {of}"), &root),
        );
    }
    let chosen = library.closure(needs.iter().copied()).map_err(|name| missing(name, "Rust"))?;
    let modules = library.modules(&chosen);
    let is_own =
        |module: &Module<'_>| matches!(module.name, "operations" | "single") || !from_crate;
    let uses_libm = modules
        .iter()
        .filter(|module| is_own(module))
        .any(|module| module.items.iter().any(|(_, text)| text.contains("libm::")));
    let mut text = format!("// Written by uphill {}: ", env!("CARGO_PKG_VERSION"));
    text += "change what it was written from, not this.\n";
    if !with_std || from_crate && !needs.is_empty() {
        text += "// For the edition of 2018 or later.\n";
    }
    if uses_libm {
        text += "// Needs the crate `libm`, version 0.2.\n";
    }
    if from_crate && !needs.is_empty() {
        text += "// Needs the crate `uphill-kernels`.\n";
    }
    if modules.is_empty() {
        return Ok(text);
    }
    text += "\n#[allow(clippy::all, dead_code, unreachable_pub, unused_imports)]\nmod kernel {\n";
    for module in &modules {
        let mut own: Vec<&str> = module
            .items
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| needs.contains(name))
            .collect();
        own.sort_unstable();
        // With `self`, and `std` below, the text is also one of the edition of 2015, which plain `rustc` compiles.
        let path = match is_own(module) {
            true => format!("self::{}", module.name),
            false => "uphill_kernels".into(),
        };
        match own.as_slice() {
            [] => {}
            [name] => text += &format!("    pub use {path}::{name};\n"),
            names => text += &format!("    pub use {path}::{{{}}};\n", names.join(", ")),
        }
    }
    for module in modules.iter().filter(|module| is_own(module)) {
        text += &format!("\n    mod {} {{\n", module.name);
        let mut paragraphs = Vec::new();
        let mut imports = String::new();
        for (path, name) in &module.imports {
            let path = match path.strip_prefix("crate::") {
                Some(_) if from_crate => "uphill_kernels".into(),
                Some(module) => format!("super::{module}"),
                None => path.clone(),
            };
            imports += &format!("use {path}::{name};\n");
        }
        paragraphs.extend((!imports.is_empty()).then_some(imports));
        paragraphs.extend(module.items.iter().map(|(name, item)| own_item(needs, name, item)));
        text += &indented(&indented(&paragraphs.join("\n")));
        text += "    }\n";
    }
    text += "}\n";
    Ok(if with_std { text.replace("core::f64", "std::f64") } else { text })
}

/// The first lines, and functions in the order in which they call each other.
pub(super) fn c_kernels(needs: &Needs, is_single: bool) -> Result<String, Error> {
    let library = Library::new(C_FILES);
    let names: Vec<String> = needs.iter().map(|name| format!("uphill_{name}")).collect();
    let chosen = library
        .closure(names.iter().map(String::as_str))
        .map_err(|name| missing(name.trim_start_matches("uphill_"), "C; Rust source has it"))?;
    // Compilers for which 1 is true evaluate `float` as `double`, and that as it is.
    let wider = if is_single { "" } else { " && FLT_EVAL_METHOD != 1" };
    let mut text =
        C_PREAMBLE.replace("VERSION", env!("CARGO_PKG_VERSION")).replace("OR_WIDER", wider);
    for module in library.modules(&chosen) {
        if module.name == LIBM {
            text += NOTICE;
        }
        let mut is_constant = false;
        for (_, item) in &module.items {
            // Numbers stand together.
            let follows = is_constant;
            is_constant = item.starts_with("static const ");
            text += if follows && is_constant { "" } else { "\n" };
            text += item;
        }
        if module.name == LIBM {
            text += "\n/* The following is uphill's own again. */\n";
        }
    }
    Ok(text)
}

/// The name of the function by which a text of this first function tells how it was compiled, and its text.
pub(super) fn c_check(first: &str) -> (String, String) {
    let name = format!("{first}_check");
    let text = include_str!("text/check.c.in").replace("NAME", &name);
    (name, text)
}

/// An item's text. Whether an elementary function is worth copying to where it is called, the compiler decides: there
/// may be thousands of calls.
fn own_item(needs: &Needs, name: &str, text: &str) -> String {
    const SMALL: usize = 300;
    if needs.contains(name) && text.len() > SMALL {
        text.replace("#[inline(always)]", "#[inline]")
    } else {
        text.into()
    }
}

fn function(head: &str, value: &str) -> String {
    format!("#[inline(always)]\npub fn {head} {{\n    {value}\n}}\n")
}

fn missing(name: &str, language: &str) -> Error {
    Error::Unsupported { what: format!("`{name}` as source text in {language}") }
}
