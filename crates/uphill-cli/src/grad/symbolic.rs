//! `--symbolic`: derivatives as formulas, without a point.

use uphill_graph::{Derivative, Explanation, Formulas, Function, Written};

use super::Arguments;
use crate::error::Error;
use crate::json::Json;

/// The formulas, or the derivations that were asked for, as text, LaTeX or JSON.
pub(super) fn text(function: &Function, arguments: &Arguments) -> Result<String, Error> {
    let derivations = derivations(function, arguments)?;
    if arguments.json {
        let formulas = formulas(function, arguments)?;
        return Ok(json(function, &formulas, &derivations, arguments).line() + "\n");
    }
    if arguments.explain.is_some() {
        let texts = derivations.iter().map(|(_, _, derivation)| told(derivation, arguments));
        return Ok(texts.collect::<Vec<_>>().join("\n"));
    }
    let formulas = formulas(function, arguments)?;
    Ok(if arguments.latex {
        formulas.latex()
    } else if arguments.ascii {
        formulas.ascii()
    } else {
        formulas.to_string()
    })
}

fn formulas(function: &Function, arguments: &Arguments) -> Result<Formulas, Error> {
    Ok(if arguments.hessian {
        function.hessian_formulas()?
    } else {
        function.gradient_formulas()?
    })
}

/// Output, input, derivation.
fn derivations(
    function: &Function,
    arguments: &Arguments,
) -> Result<Vec<(String, String, Explanation)>, Error> {
    let Some(asked) = &arguments.explain else { return Ok(Vec::new()) };
    let mut list = Vec::new();
    for output in function.output_names() {
        let by = super::explained(function, asked)?;
        let derivations = function.derive_each(&output, &by)?;
        let each = by.into_iter().zip(derivations);
        list.extend(each.map(|(by, derivation)| (output.clone(), by, derivation)));
    }
    Ok(list)
}

/// A derivation in the script that was asked for.
pub(super) fn told(explanation: &Explanation, arguments: &Arguments) -> String {
    if arguments.latex {
        explanation.latex()
    } else if arguments.ascii {
        explanation.ascii()
    } else {
        explanation.to_string()
    }
}

fn json(
    function: &Function,
    formulas: &Formulas,
    derivations: &[(String, String, Explanation)],
    arguments: &Arguments,
) -> Json {
    // What a program gets, it can read back.
    let written = |formula: &Written| {
        let text = if arguments.latex { formula.latex() } else { formula.ascii() };
        Json::Text(text.to_owned())
    };
    let by_output = |entry: &dyn Fn(&str) -> Json| {
        let outputs = function.output_names();
        let entries = outputs.map(|name| {
            let own = entry(&name);
            (name, own)
        });
        Json::Object(entries.collect())
    };
    let of = |output: &str, order: usize| {
        let own = formulas.derivatives.iter();
        own.filter(move |one| one.by.len() == order && one.of == output)
            .cloned()
            .collect::<Vec<Derivative>>()
    };
    let first = |output: &str| {
        let own = of(output, 1);
        Json::Object(own.iter().map(|one| (one.by[0].clone(), written(&one.formula))).collect())
    };
    let second = |output: &str| {
        let own = of(output, 2);
        let rows = own.chunk_by(|a, b| a.by[0] == b.by[0]);
        let row = |row: &[Derivative]| {
            let row = row.iter().map(|one| (one.by[1].clone(), written(&one.formula)));
            Json::Object(row.collect())
        };
        Json::Object(rows.map(|same| (same[0].by[0].clone(), row(same))).collect())
    };
    let definitions = formulas.definitions.iter();
    let definitions = definitions.map(|one| (one.name.clone(), written(&one.formula)));
    let mut object = vec![
        ("definition", Json::Object(definitions.collect())),
        ("derivative", by_output(&first)),
    ];
    if arguments.hessian {
        object.push(("second_derivative", by_output(&second)));
    }
    if !derivations.is_empty() {
        let own = |output: &str| {
            let own = derivations.iter().filter(|(of, ..)| of == output);
            let entry = |(_, by, how): &(_, String, Explanation)| {
                (by.clone(), Json::Text(told(how, arguments)))
            };
            Json::Object(own.map(entry).collect())
        };
        object.push(("explanation", by_output(&own)));
    }
    Json::Object(object.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
