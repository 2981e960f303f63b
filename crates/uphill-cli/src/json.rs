//! JSON with keys in the order in which they were given, and numbers that read back to the same bits.
//!
//! A whole number has no `.0`; infinities and NaN, which JSON lacks, are the texts `"inf"`, `"-inf"` and `"NaN"`.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::visible::is_control;

/// A value of JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Keys and values, in this order.
    Object(Vec<(String, Json)>),
    /// What serde made of something else.
    Other(serde_json::Value),
}

impl Json {
    /// An object of numbers.
    pub(crate) fn numbers<'a>(
        names: impl IntoIterator<Item = &'a str>,
        numbers: impl IntoIterator<Item = f64>,
    ) -> Json {
        let entries = names.into_iter().zip(numbers);
        Json::Object(entries.map(|(name, x)| (name.to_owned(), Json::Number(x))).collect())
    }

    /// One line of text.
    pub(crate) fn line(&self) -> String {
        // Writing text to memory has no way to fail: keys are texts, numbers are finite.
        escaped(&serde_json::to_string(self).unwrap_or_default())
    }
}

/// JSON without any character that a terminal would do something by: such stand in texts alone, where `\u009b` is the
/// same.
pub(crate) fn escaped(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut text, c| {
        match is_control(c) {
            // All of them have four digits.
            true => text += &format!("\\u{:04x}", u32::from(c)),
            false => text.push(c),
        }
        text
    })
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        /// Whole numbers up to here have the same bits after a way through an integer.
        const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;
        match self {
            Json::Number(x) if x.is_nan() => to.serialize_str("NaN"),
            Json::Number(x) if x.is_infinite() => {
                to.serialize_str(if *x > 0.0 { "inf" } else { "-inf" })
            }
            Json::Number(x) => {
                let minus_zero = *x == 0.0 && x.is_sign_negative();
                if x.fract() == 0.0 && x.abs() <= LARGEST_WHOLE && !minus_zero {
                    to.serialize_i64(*x as i64)
                } else {
                    to.serialize_f64(*x)
                }
            }
            Json::Text(text) => to.serialize_str(text),
            Json::List(list) => to.collect_seq(list),
            Json::Object(entries) => {
                let mut map = to.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Json::Other(value) => value.serialize(to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        for x in [0.0, -0.0, -11.0, 0.1 + 0.2, 1e300, 5e-324, 9_007_199_254_740_993.0, f64::MAX] {
            let text = Json::List(vec![Json::Number(x)]).line();
            let read: Vec<f64> = serde_json::from_str(&text).unwrap();
            assert_eq!(read[0].to_bits(), x.to_bits(), "{text}");
        }
    }

    #[test]
    fn what_terminals_would_obey_is_escaped() {
        let text = "\u{1b}[2J \u{7f} \u{9b}31m \u{202e} \u{2066} ö\n";
        let line = Json::Text(text.into()).line();
        assert_eq!(line, r#""\u001b[2J \u007f \u009b31m \u202e \u2066 ö\n""#);
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn keys_keep_their_order() {
        let object = Json::numbers(["b", "a"], [15.0, f64::NEG_INFINITY]);
        assert_eq!(object.line(), r#"{"b":15,"a":"-inf"}"#);
    }
}
