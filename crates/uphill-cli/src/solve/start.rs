//! Where variables start, and the numbers of parameters, from the command line.

use uphill_formula::Problem;
use uphill_graph::{Inputs, Role};

use crate::error::Error;
use crate::file::{Input, Limit};
use crate::formula;

/// The most bytes of a file of numbers: enough for a million names.
const LARGEST: u64 = 64 << 20;

/// A number for each input of a problem.
pub(super) struct Start {
    pub(super) numbers: Vec<f64>,
    /// What was guessed, and what was moved.
    pub(super) remarks: Vec<String>,
}

impl Start {
    /// The numbers that were given, and those that weren't.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`]; [`Error::Use`] for a parameter without a number, and for what is given by the wrong option;
    /// [`Error::Read`].
    pub(super) fn of(
        problem: &Problem,
        start: &[String],
        at: &[String],
        text: &str,
    ) -> Result<Start, Error> {
        let inputs = problem.inputs();
        let mut numbers: Vec<Option<f64>> = vec![None; inputs.len()];
        for (option, role, lists) in
            [("--start", Role::Variable, start), ("--at", Role::Parameter, at)]
        {
            for list in lists {
                for (name, number) in assignments(option, list, text)? {
                    let Ok(positions) = inputs.positions(&name) else {
                        let known = inputs.groups().iter().map(|group| group.name.as_str());
                        return Err(Error::unknown("input", &name, "the problem", known));
                    };
                    if inputs.is_variable(positions.start) != (role == Role::Variable) {
                        return Err(Error::Use(match role {
                            Role::Variable => format!(
                                "--start `{name}`: it is a parameter, whose number is given by --at"
                            ),
                            Role::Parameter => format!(
                                "--at `{name}`: it is a variable; --start says where it begins, and a constraint, \
                                 `{name} = {number}`, what it is"
                            ),
                        }));
                    }
                    numbers[positions].fill(Some(number));
                }
            }
        }
        let open = |role| without(inputs, &numbers, role);
        let parameters = open(Role::Parameter);
        if let Some(first) = parameters.first() {
            let names = crate::names::few(parameters.iter().map(String::as_str));
            let hint = formula::assigned(first);
            return Err(Error::Use(format!("--at gives no number for {names}; add {hint}")));
        }
        let variables = open(Role::Variable);
        let mut start: Vec<f64> = numbers.iter().map(|number| number.unwrap_or(0.0)).collect();
        let (mut moved, mut outside) = (false, Vec::new());
        for bound in problem.bounds() {
            for position in bound.positions.clone() {
                let within = start[position].clamp(bound.low, bound.high);
                if within != start[position] {
                    match numbers[position] {
                        None => moved = true,
                        Some(_) => outside.push(inputs.name(position)),
                    }
                }
                start[position] = within;
            }
        }
        let mut remarks = Vec::new();
        if !variables.is_empty() {
            let begin = if variables.len() == 1 { "starts" } else { "start" };
            let within = match moved {
                true => ", or at the number within the bounds that is next to it",
                false => "",
            };
            let names = crate::names::quoted(variables.iter().map(String::as_str));
            remarks.push(format!("{names} {begin} at 0{within}: --start gives other numbers"));
        }
        if !outside.is_empty() {
            let names = crate::names::quoted(outside.iter().map(String::as_str));
            remarks.push(format!(
                "{names}: starts outside of the bounds are moved to the numbers within that are next to them"
            ));
        }
        Ok(Start { numbers: start, remarks })
    }
}

/// The inputs of a role that have no number; vectors of which no entry has one by their names.
fn without(inputs: &Inputs, numbers: &[Option<f64>], role: Role) -> Vec<String> {
    let mut names = Vec::new();
    let mut start = 0;
    for group in inputs.groups() {
        let end = start + group.length.map_or(1, |length| length as usize);
        if group.role == role {
            match numbers[start..end].iter().all(Option::is_none) {
                true => names.push(group.name.clone()),
                false => {
                    let open = (start..end).filter(|&position| numbers[position].is_none());
                    names.extend(open.map(|position| inputs.name(position)));
                }
            }
        }
        start = end;
    }
    names
}

/// A list of names with numbers, or a file of such lists.
fn assignments(option: &str, given: &str, problem: &str) -> Result<Vec<(String, f64)>, Error> {
    let Some(file) = formula::file(given) else { return formula::assignments(option, given) };
    if file == "-" && problem == "-" {
        let what = format!(
            "the problem and {option} can't both come from standard input; name a file for one"
        );
        return Err(Error::Use(what));
    }
    let input = Input::from(file);
    let limit = Limit { what: "a list of numbers", bytes: LARGEST, can_begin: |_| true };
    let Ok(text) = String::from_utf8(input.read_all(&limit)?) else {
        let what = "its text is not UTF-8; save it as UTF-8";
        return Err(Error::Use(format!("can't read numbers for {option} from {input}: {what}")));
    };
    let list = formula::assignments(option, &text.replace(['\n', '\r', ';'], ","));
    let list = list.map_err(|error| Error::Use(format!("{input}: {error}")))?;
    if list.is_empty() {
        let what = "it has no numbers for";
        return Err(Error::Use(format!("{input}: {what} {option}, such as `x=1`")));
    }
    Ok(list)
}
