//! What things are called here, by the names that other tools have for them.

use crate::names;

/// What things are called here, and what other tools call them. Of several lines, the first one counts whose name the
/// command has.
pub(crate) type Called = (&'static str, &'static [&'static str]);

const VALUES: &[Called] = &[
    ("plain", &["sgd", "gd", "gradient-descent", "gradient-ascent", "ascent", "descent", "none"]),
    ("ascent", &["sgd", "gd", "gradient-descent", "gradient-ascent", "plain", "descent", "adam"]),
    ("momentum", &["nesterov", "heavy-ball"]),
    (
        "levenberg-marquardt",
        &["lm", "levenberg", "marquardt", "lmfit", "trf", "gauss-newton", "least-squares"],
    ),
    ("quasi-newton", &["bfgs", "lbfgs", "l-bfgs-b", "lbfgsb"]),
    ("sigmoid", &["logistic", "logsig", "expit"]),
    ("identity", &["linear", "none", "purelin"]),
    ("relu", &["rectifier", "rectified"]),
    ("softmax", &["softargmax"]),
    ("standard", &["zscore", "z-score", "standardize", "standardise", "normalize"]),
    ("range", &["minmax", "min-max", "unit", "0-1"]),
    ("none", &["off", "no", "raw"]),
    (
        "squared-error",
        &["mse", "sse", "rss", "l2", "least-squares", "squared", "mean-squared-error", "quadratic"],
    ),
    ("rms", &["rmse", "root-mean-square"]),
    (
        "cross-entropy",
        &[
            "log-loss",
            "logloss",
            "nll",
            "crossentropy",
            "categorical-crossentropy",
            "bce",
            "deviance",
        ],
    ),
    ("log-likelihood", &["likelihood", "ml", "mle", "normal", "gaussian"]),
    ("huber", &["robust", "smooth-l1"]),
];

/// What a word of other tools is called here, of what is known here.
pub(crate) fn called(
    word: &str,
    table: &[Called],
    is_known: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    let word = word.to_lowercase().replace('_', "-");
    let line = table.iter().find(|(here, there)| is_known(here) && there.contains(&word.as_str()));
    line.map(|&(here, _)| here)
}

/// What a value is called here, of these.
pub(crate) fn value<'k>(
    word: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Option<String> {
    let here = called(word, VALUES, |name| known.clone().any(|known| known == name));
    here.or_else(|| names::nearest(word, known)).map(str::to_owned)
}
