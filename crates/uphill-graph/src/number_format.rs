//! Numbers in JSON that read back to the same bits.
//!
//! JSON has no infinities and no NaN, so these three are the strings `"inf"`, `"-inf"` and `"NaN"`; every other number
//! is written as the shortest decimal that reads back to it, with the sign of zero. A NaN is one NaN: which of its bit
//! patterns it has differs between processors and is not kept. Binary formats get the number as it is.
//!
//! For `#[serde(with = "crate::number_format")]` on a number; [`Exact`] is a number inside something else.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::ser::{Serialize, Serializer};

/// A number that is written so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exact(pub(crate) f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = match self.0 {
            x if x.is_finite() || !serializer.is_human_readable() => {
                return serializer.serialize_f64(x);
            }
            x if x.is_nan() => "NaN",
            x if x > 0.0 => "inf",
            _ => "-inf",
        };
        serializer.serialize_str(text)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(NumberVisitor).map(Exact)
        } else {
            f64::deserialize(deserializer).map(Exact)
        }
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, \"NaN\", \"inf\" or \"-inf\"")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
        Ok(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
        match text {
            "NaN" => Ok(f64::NAN),
            "inf" => Ok(f64::INFINITY),
            "-inf" => Ok(f64::NEG_INFINITY),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

pub(crate) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Exact(*number).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Exact::deserialize(deserializer).map(|number| number.0)
}

#[cfg(test)]
mod tests {
    use super::Exact;

    #[derive(Debug, serde::Serialize, serde::Deserialize)]
    struct Numbers {
        #[serde(with = "super")]
        one: f64,
        perhaps: Option<Exact>,
        many: Vec<Exact>,
    }

    #[test]
    fn every_bit_comes_back() {
        let many = vec![
            0.0,
            -0.0,
            5e-324,
            -f64::MIN_POSITIVE / 3.0,
            f64::MAX,
            f64::MIN,
            0.1 + 0.2,
            1.0 / 3.0,
            1e22,
            9_007_199_254_740_993.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ];
        for &one in &many {
            let many = many.iter().copied().map(Exact).collect();
            let numbers = Numbers { one, perhaps: Some(Exact(one)), many };
            let text = serde_json::to_string(&numbers).unwrap();
            let read: Numbers = serde_json::from_str(&text).unwrap();
            assert_eq!(read.one.to_bits(), one.to_bits());
            assert_eq!(read.perhaps.unwrap().0.to_bits(), one.to_bits());
            let bits = |x: &[Exact]| x.iter().map(|x| x.0.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&read.many), bits(&numbers.many));
        }
    }

    #[test]
    fn hand_written_numbers_are_read() {
        let text = r#"{"one": -0, "perhaps": null, "many": [3, -7, 1E2, 18446744073709551616]}"#;
        let read: Numbers = serde_json::from_str(text).unwrap();
        assert_eq!(read.one.to_bits(), (-0.0_f64).to_bits());
        assert_eq!(read.perhaps, None);
        assert_eq!(read.many, [3.0, -7.0, 100.0, 18_446_744_073_709_551_616.0].map(Exact));
        let wrong = serde_json::from_str::<Numbers>(r#"{"one": "infinity", "many": []}"#);
        assert_eq!(
            wrong.unwrap_err().to_string(),
            "invalid value: string \"infinity\", expected a number, \"NaN\", \"inf\" or \"-inf\" at line 1 column 18"
        );
    }
}
