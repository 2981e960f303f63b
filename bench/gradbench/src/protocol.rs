//! GradBench's protocol: a message in, an answer out, both one line of JSON.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::evals;
use crate::timing::Timing;

#[derive(Deserialize)]
struct Message<'a> {
    id: i64,
    kind: String,
    module: Option<String>,
    function: Option<String>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

#[derive(Default, Serialize)]
struct Answer {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<Vec<Timing>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The answer to a message. A function that fails is an answer, too; what is no message is an error.
pub(crate) fn answer(line: &str) -> Result<String, serde_json::Error> {
    let message: Message<'_> = serde_json::from_str(line)?;
    let mut answer = Answer { id: message.id, ..Answer::default() };
    let module = message.module.unwrap_or_default();
    match message.kind.as_str() {
        "start" => answer.tool = Some("uphill"),
        "define" => match evals::find(&module) {
            Ok(_) => answer.success = Some(true),
            Err(error) => {
                answer.success = Some(false);
                answer.error = Some(error.to_string());
            }
        },
        "evaluate" => {
            let input = message.input.map_or("null", RawValue::get);
            let function = message.function.unwrap_or_default();
            match evals::find(&module).and_then(|run| run(&function, input)) {
                Ok(timed) => {
                    answer.success = Some(true);
                    answer.output = Some(timed.output);
                    answer.timings = Some(timed.timings);
                }
                Err(error) => {
                    answer.success = Some(false);
                    answer.error = Some(error.to_string());
                }
            }
        }
        // Whatever else there comes to be is acknowledged.
        _ => {}
    }
    serde_json::to_string(&answer)
}
