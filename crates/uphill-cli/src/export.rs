//! `uphill export`: a formula or a saved network as a file of ONNX, for programs that know nothing of uphill.

use clap::Args;
use uphill_onnx::Width;

use crate::error::Error;
use crate::file::{Destination, Input};
use crate::grad::chosen;
use crate::output::Output;
use crate::{formula, model, roles};

const EXAMPLES: &str = "\
Examples:
  uphill export --model iris.json --onnx iris.onnx
      a network, from columns as they stand in a table to the computed class

  uphill export 'P = a*exp(-k*t)' --gradient --onnx slope.onnx
      a formula and its derivatives; each input is a tensor with as many entries as there are rows

  uphill export --model iris.json --single --onnx iris.onnx
      with floats of 32 bits";

/// Write a formula or a saved network as ONNX.
///
/// The file has operators of ONNX 1.12 (opset 17), and of `ai.onnx.ml` 3 for columns of text, and floats of 64 bits unless
/// --single is given. A network takes the columns of its table as they stand there, each a tensor with rows and one column: it
/// scales numbers, fills missing ones (NaN, or an empty text) if it was trained with --fill, and makes inputs of categories.
/// Loops of a formula are written out. What ONNX has no operator for, such as `gamma`, is an error that names it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The formula; `@FILE` reads it from a file, `-` from standard input
    #[arg(required_unless_present = "model")]
    pub formula: Option<String>,

    /// Instead of a formula, a network that `uphill train --save` wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["formula", "of", "gradient"])]
    pub model: Option<String>,

    /// Write ONNX to this file, whole
    #[arg(long, value_name = "FILE")]
    pub onnx: String,

    /// Only this definition of the formula, an output or not; may be given several times
    #[arg(long, value_name = "NAME", value_parser = crate::list::single)]
    pub of: Vec<String>,

    /// The derivatives of the output by each input, too
    #[arg(long)]
    pub gradient: bool,

    /// Floats of 32 bits
    #[arg(long)]
    pub single: bool,

    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
}

/// Exports.
///
/// # Errors
///
/// Those of formula or model; [`Error::Onnx`] for what ONNX has not; those of writing.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let to = Destination::new(&arguments.onnx, arguments.force);
    let read = [
        ("the formula", arguments.formula.as_deref().and_then(formula::file)),
        ("the model", arguments.model.as_deref()),
    ];
    roles::tell_apart(&read, &[("--onnx", Some(&to))])?;
    to.check()?;
    let width = if arguments.single { Width::Single } else { Width::Double };
    let bytes = match (&arguments.formula, &arguments.model) {
        (Some(text), _) => {
            let function = chosen(&formula::read(text)?, &arguments.of)?;
            let function = match (arguments.gradient, function.output_count()) {
                (false, _) => function,
                (true, 1) => function.with_gradient()?,
                (true, _) => {
                    let outputs = crate::names::few(
                        function.output_names().collect::<Vec<_>>().iter().map(String::as_str),
                    );
                    let what =
                        format!("--gradient is of one output; choose one of {outputs} by --of");
                    return Err(Error::Use(what));
                }
            };
            uphill_onnx::function(&function, width)?
        }
        (None, model) => {
            model::read(&Input::from(model.as_deref().unwrap_or("-")))?.to_onnx(width)?
        }
    };
    to.write(|file| file.write_all(&bytes).map_err(|source| to.failed(source)))?;
    if to != Destination::Standard {
        let size = crate::numbers::counted(bytes.len(), "byte");
        output
            .remark(&format!("{to}: ONNX with operators of opset {}, {size}", uphill_onnx::OPSET));
    }
    Ok(())
}
