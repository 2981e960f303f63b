//! Numbers in reports: as text for people, and in JSON so that infinities and NaN come back.
//!
//! JSON has no such numbers; here they are the strings `"inf"`, `"-inf"` and `"NaN"`.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Word(String),
}

pub(crate) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.is_finite() || !serializer.is_human_readable() {
        return number.serialize(serializer);
    }
    plain(*number).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    if !deserializer.is_human_readable() {
        return f64::deserialize(deserializer);
    }
    match Written::deserialize(deserializer)? {
        Written::Number(number) => Ok(number),
        Written::Word(word) => match word.as_str() {
            "NaN" => Ok(f64::NAN),
            "inf" => Ok(f64::INFINITY),
            "-inf" => Ok(f64::NEG_INFINITY),
            _ => Err(D::Error::custom("expected a number, \"NaN\", \"inf\" or \"-inf\"")),
        },
    }
}

/// For lists of points.
pub(crate) mod lists {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Exact(#[serde(with = "super")] f64);

    pub(crate) fn serialize<S: Serializer>(
        lists: &[Vec<f64>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let exact = |list: &Vec<f64>| list.iter().map(|&number| Exact(number)).collect::<Vec<_>>();
        serializer.collect_seq(lists.iter().map(exact))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Vec<f64>>, D::Error> {
        let lists = Vec::<Vec<Exact>>::deserialize(deserializer)?;
        Ok(lists.into_iter().map(|list| list.into_iter().map(|exact| exact.0).collect()).collect())
    }
}

fn plain(number: f64) -> String {
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

/// Up to ten significant digits, without zeros at the end, and never `-0`.
pub(crate) fn ten_digits(number: f64) -> String {
    digits(number, 10)
}

/// Two significant digits: for errors.
pub(crate) fn two_digits(number: f64) -> String {
    digits(number, 2)
}

fn digits(number: f64, count: usize) -> String {
    if number == 0.0 || !number.is_finite() {
        return plain(number);
    }
    let scientific = format!("{number:.*e}", count - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let mantissa = match mantissa.contains('.') {
        true => mantissa.trim_end_matches('0').trim_end_matches('.'),
        false => mantissa,
    };
    match exponent.parse::<i32>() {
        // The rounded number, written out.
        Ok(-4..=9) => scientific.parse::<f64>().map_or(scientific.clone(), plain),
        _ => format!("{mantissa}e{exponent}"),
    }
}

/// How many representable numbers lie between two: 0 if they are equal, none if one is infinite or NaN.
pub(crate) fn ulps(a: f64, b: f64) -> Option<u64> {
    if !(a.is_finite() && b.is_finite()) {
        return None;
    }
    let from_zero = |x: f64| x.abs().to_bits();
    Some(if a.is_sign_negative() == b.is_sign_negative() {
        from_zero(a).abs_diff(from_zero(b))
    } else {
        from_zero(a) + from_zero(b)
    })
}

#[cfg(test)]
mod tests {
    use super::{ten_digits, two_digits, ulps};

    #[test]
    fn numbers_are_short_and_right() {
        let text =
            [1.0 / 3.0, 2.0, -0.0, 1e-20, -1234.5, f64::NAN, 12_345_678_901.0].map(ten_digits);
        assert_eq!(text, ["0.3333333333", "2", "0", "1e-20", "-1234.5", "NaN", "1.23456789e10"]);
        assert_eq!([0.000_123_4, 9.99, 1e6].map(two_digits), ["0.00012", "10", "1000000"]);
    }

    #[test]
    fn ulps_count_the_numbers_between() {
        assert_eq!(ulps(1.0, 1.0 + f64::EPSILON), Some(1));
        assert_eq!(ulps(0.0, -0.0), Some(0));
        assert_eq!(ulps(5e-324, -5e-324), Some(2));
        assert_eq!(ulps(1.0, f64::INFINITY), None);
    }
}
