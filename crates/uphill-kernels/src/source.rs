//! The text of this crate's kernels, for programs that write programs: what they write then has the same bits by being
//! the same code. `uphill-engine` translates it to C, too, so kernels keep to what its translator reads: functions, loops
//! and `match`, without closures and `Option`.

/// Each file with kernels: the module's name and its text.
///
/// ```
/// let (name, text) = uphill_kernels::source::FILES[0];
/// assert_eq!(name, "arithmetic");
/// assert!(text.contains("pub fn powi(x: f64, n: i32) -> f64 {"));
/// ```
pub const FILES: [(&str, &str); 12] = [
    ("arithmetic", include_str!("arithmetic.rs")),
    ("erfc", include_str!("erfc.rs")),
    ("exp", include_str!("exp.rs")),
    ("gamma", include_str!("gamma.rs")),
    ("hyperbolic", include_str!("hyperbolic.rs")),
    ("inverse", include_str!("inverse.rs")),
    ("log", include_str!("log.rs")),
    ("polygamma", include_str!("polygamma.rs")),
    ("power", include_str!("power.rs")),
    ("rounding", include_str!("rounding.rs")),
    ("special", include_str!("special.rs")),
    ("trig", include_str!("trig.rs")),
];
