//! What was meant where a command line has a word that nothing knows: an option, a command, a value as other tools call
//! it, or a slip of the keys. Every hint works when it is followed; where there is none, the help is named.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use crate::command::CommandLine;
use crate::names;
use crate::synonyms::{Called, called, value};

const OPTIONS: &[Called] = &[
    ("passes", &["epochs", "epoch", "max-epochs", "num-epochs", "n-epochs"]),
    ("changes", &["iterations", "steps", "max-iter", "maxiter", "max-iterations", "updates"]),
    (
        "most-iterations",
        &["iterations", "steps", "max-iter", "maxiter", "max-iterations", "epochs", "maxfev"],
    ),
    ("steps", &["iterations", "epochs", "max-iter", "changes"]),
    ("rate", &["lr", "learning-rate", "eta", "alpha", "step-size", "step"]),
    ("batch", &["batch-size", "batchsize", "minibatch", "mini-batch", "batch-rows"]),
    (
        "performance",
        &["loss", "loss-function", "objective", "criterion", "cost", "metric", "error"],
    ),
    ("method", &["optimizer", "optimiser", "optim", "solver", "algorithm"]),
    ("decay", &["l2", "weight-decay", "regularization", "lambda", "penalty"]),
    (
        "hidden",
        &["layers", "hidden-layers", "hidden-size", "units", "neurons", "nodes", "hidden-units"],
    ),
    ("activation", &["activation-function", "nonlinearity", "transfer"]),
    (
        "target",
        &["label", "labels", "class", "response", "output-column", "target-column", "predict"],
    ),
    ("inputs", &["features", "columns", "predictors", "variables", "feature-columns"]),
    ("ignore", &["drop", "exclude", "skip", "without"]),
    ("category", &["categorical", "categories", "factor", "nominal"]),
    ("as-number", &["regression", "numeric", "continuous"]),
    ("test", &["test-size", "test-split", "test-part", "test-fraction"]),
    (
        "validation",
        &["val", "validation-split", "val-split", "holdout", "held-out", "validation-size", "dev"],
    ),
    ("patience", &["early-stopping", "early-stop"]),
    ("in-order", &["no-shuffle", "unshuffled"]),
    ("seed", &["random-state", "random-seed", "rng", "rng-seed"]),
    ("start", &["init", "initialization", "initial", "initial-weights", "guess", "p0", "x0"]),
    ("save", &["model", "model-out", "save-model", "output-model", "out", "export"]),
    ("resume", &["load", "continue", "checkpoint", "restore", "warm-start"]),
    ("history", &["log", "log-file", "logs", "history-file"]),
    ("picture", &["plot", "figure", "draw", "chart"]),
    ("delimiter", &["sep", "separator", "delim", "field-separator"]),
    ("force", &["overwrite", "replace", "clobber", "yes"]),
    ("fix", &["fixed", "hold", "constant", "freeze", "frozen"]),
    ("bounds", &["limits", "lower", "upper", "constraints", "range"]),
    ("weights", &["sample-weight", "sample-weights", "weight-column"]),
    ("sigma", &["yerr", "y-err", "errors", "stderr", "deviation"]),
    ("starts", &["multistart", "restarts", "n-starts"]),
    ("width", &["huber-delta", "delta"]),
    ("residuals", &["errors", "save-residuals"]),
    ("data", &["table", "csv", "file", "input-file", "dataset", "rows"]),
    ("at", &["point", "values", "where", "x0", "inputs", "subs", "params", "set"]),
    ("hessian", &["hess", "second", "second-derivatives"]),
    ("jacobian", &["jac", "matrix"]),
    ("trace", &["steps", "verbose", "show-steps", "graph-values"]),
    ("explain", &["wrt", "why", "derivation", "by"]),
    ("latex", &["tex", "katex", "mathjax"]),
    ("dot", &["graphviz", "graph"]),
    ("check", &["verify", "gradcheck", "numerical", "validate"]),
    ("tolerance", &["tol", "rtol", "atol", "epsilon", "eps"]),
    ("within", &["range", "between", "domain"]),
    ("random", &["samples", "points", "n-points", "trials"]),
    ("memory", &["max-memory", "memory-limit", "ram"]),
    ("output", &["file", "out-file", "outfile", "save", "destination"]),
    ("out", &["file", "output", "out-file", "outfile", "save", "output-file", "destination"]),
    ("title", &["name", "caption", "heading"]),
    ("theme", &["style", "dark", "light", "color-scheme", "palette"]),
    ("size", &["figsize", "resolution", "dimensions", "width", "height"]),
    ("width", &["size", "figsize"]),
    ("format", &["type", "image-format"]),
    ("grid", &["points", "samples", "density"]),
    ("solid", &["3d", "surface"]),
    ("names", &["labels", "axis-labels", "xlabel", "ylabel"]),
    ("row", &["sample", "example", "index", "line"]),
    ("folder", &["dir", "directory", "out-dir", "output-dir"]),
    ("json", &["as-json", "machine", "structured"]),
    ("quiet", &["silent", "no-progress"]),
];

const COMMANDS: &[Called] = &[
    (
        "grad",
        &[
            "gradient",
            "gradients",
            "derivative",
            "derive",
            "diff",
            "differentiate",
            "d",
            "eval",
            "jacobian",
            "hessian",
        ],
    ),
    ("fit", &["regress", "regression", "curve-fit", "curvefit", "least-squares"]),
    (
        "solve",
        &[
            "optimize",
            "optimise",
            "minimize",
            "minimise",
            "maximize",
            "maximise",
            "opt",
            "nlp",
            "constrained",
            "program",
            "subject-to",
        ],
    ),
    ("train", &["learn", "nn", "network", "run", "climb"]),
    ("predict", &["infer", "inference", "classify", "apply", "compute"]),
    ("evaluate", &["test", "score", "validate", "accuracy"]),
    ("check", &["verify", "gradcheck", "checkgrad", "compare"]),
    ("export", &["onnx", "convert", "save-as", "deploy", "freeze"]),
    ("plot", &["draw", "picture", "figure", "chart", "image"]),
    ("view", &["show", "html", "browse", "visualize", "visualise", "animate"]),
    ("formula", &["functions", "syntax", "notation", "grammar", "language", "formulas"]),
    ("lecture", &["slides", "explain", "tutorial", "learn-more", "course"]),
    ("siblings", &["family", "xor"]),
    ("completions", &["completion", "complete", "autocomplete"]),
    ("man", &["manual", "doc", "docs", "manpage"]),
    ("surface", &["contour", "contours", "hill", "landscape", "3d"]),
    ("learning", &["history", "loss", "training", "progress", "learning-curve"]),
    ("graph", &["dag", "tree", "computation"]),
    ("network", &["net", "nn", "model", "architecture"]),
    ("fit", &["residuals", "line"]),
];

/// The command that a line has chosen before it went wrong: `uphill plot surface`, and its options.
fn chosen(words: &[String]) -> (String, Command) {
    let mut command = CommandLine::command();
    command.build();
    let mut name = command.get_name().to_owned();
    for word in words.iter().skip(1) {
        if let Some(inner) = command.find_subcommand(word) {
            name = format!("{name} {}", inner.get_name());
            command = inner.clone();
        }
    }
    (name, command)
}

/// The long names of a command's options.
fn options(command: &Command) -> Vec<String> {
    let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let names = arguments.filter_map(|argument| argument.get_long_and_visible_aliases());
    names.flatten().map(str::to_owned).collect()
}

/// An error about a word that nothing knows, with a hint in place of clap's own, of which some lead nowhere.
pub(crate) fn advised(mut error: clap::Error, words: &[String]) -> clap::Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let hint = match error.kind() {
        ErrorKind::UnknownArgument => {
            text(ContextKind::InvalidArg).map(|word| option(&word, words))
        }
        ErrorKind::InvalidSubcommand => {
            text(ContextKind::InvalidSubcommand).map(|word| command(&word, words))
        }
        ErrorKind::InvalidValue => match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(known)) if !known.is_empty() => {
                let word = text(ContextKind::InvalidValue).unwrap_or_default();
                let value = value(&word, known.iter().map(String::as_str));
                value.map(|value| format!("did you mean '{value}'?"))
            }
            _ => return error,
        },
        _ => return error,
    };
    error.remove(ContextKind::SuggestedArg);
    error.remove(ContextKind::SuggestedSubcommand);
    error.remove(ContextKind::SuggestedValue);
    error.remove(ContextKind::Suggested);
    if let Some(hint) = hint {
        let hints = vec![StyledStr::from(hint)];
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(hints));
    }
    error
}

fn option(word: &str, words: &[String]) -> String {
    let (name, command) = chosen(words);
    let Some(long) = word.strip_prefix("--") else {
        return short(word, &name, &command);
    };
    let long = long.split('=').next().unwrap_or_default();
    let known = options(&command);
    let is_known = |name: &str| known.iter().any(|known| known == name);
    if let Some(here) = called(long, OPTIONS, is_known) {
        return format!("what other tools call '--{long}' is '--{here}' here");
    }
    if let Some(near) = names::nearest(long, known.iter().map(String::as_str)) {
        return format!("did you mean '--{near}'?");
    }
    let mut program = CommandLine::command();
    program.build();
    let others = program.get_subcommands().filter(|other| options(other).iter().any(|o| o == long));
    let others: Vec<String> =
        others.map(|other| format!("'uphill {} --help'", other.get_name())).collect();
    match others.as_slice() {
        [] => format!("'{name} --help' lists what can be given"),
        others => format!("'--{long}' belongs to another command: see {}", others.join(", ")),
    }
}

/// A word with one `-`, or one too many.
fn short(word: &str, name: &str, command: &Command) -> String {
    let takes = |what: &str| {
        command.get_positionals().any(|argument| {
            argument.get_value_names().is_some_and(|names| names.iter().any(|name| name == what))
        })
    };
    let (takes_formula, takes_table) = (takes("FORMULA"), takes("TABLE"));
    let long = word.trim_start_matches('-');
    if word.starts_with('-') {
        let known = options(command);
        let near = called(long, OPTIONS, |name| known.iter().any(|known| known == name));
        let exact = known.iter().find(|known| *known == long).map(String::as_str);
        if let Some(near) = exact.or(near) {
            return format!("did you mean '--{near}'?");
        }
        if takes_formula {
            return "a formula that begins with '-' is written with its name: 'P = -…'".into();
        }
    } else if takes_table && std::path::Path::new(word).exists() {
        return "several files are one table by a pattern in quotes, such as 'part-*.csv'".into();
    } else if takes_formula || command.get_positionals().next().is_some() {
        return format!("words with spaces between belong into quotes: '… {word}'");
    }
    format!("'{name} --help' lists what can be given")
}

fn command(word: &str, words: &[String]) -> String {
    let (name, command) = chosen(words);
    let known: Vec<&str> =
        command.get_subcommands().map(Command::get_name).filter(|name| *name != "help").collect();
    let here = called(word, COMMANDS, |name| known.contains(&name));
    match here.or_else(|| names::nearest(word, known.iter().copied())) {
        Some(here) => format!("did you mean '{name} {here}'?"),
        None => {
            let begins_formula = word.contains(['=', '*', '^', '(']);
            match begins_formula && name == "uphill" {
                true => "a formula stands behind a command: 'uphill grad FORMULA'".into(),
                false => format!("'{name} --help' lists all commands"),
            }
        }
    }
}
