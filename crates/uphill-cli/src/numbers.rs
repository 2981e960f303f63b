//! Numbers as text: for people with a few digits, for files so that they read back to the same bits, and sizes in bytes.

/// So many significant digits, without an exponent where that is readable.
pub(crate) fn digits(number: f64, count: usize) -> String {
    if number == 0.0 || !number.is_finite() {
        return format!("{}", number + 0.0);
    }
    let scientific = format!("{number:.*e}", count - 1);
    let Some((_, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    match exponent {
        -4..0 => format!("{number:.*}", count - 1 + exponent.unsigned_abs() as usize),
        0..9 => format!("{number:.*}", (count - 1).saturating_sub(exponent as usize)),
        _ => scientific,
    }
}

/// At most so many significant digits, without zeros at the end.
pub(crate) fn short(number: f64, count: usize) -> String {
    let text = digits(number, count);
    let (digits, exponent) = match text.split_once('e') {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (text.as_str(), None),
    };
    let digits = match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    };
    exponent.map_or(digits.to_owned(), |exponent| format!("{digits}e{exponent}"))
}

/// Shortest text that reads back to the same bits.
pub(crate) fn exact(number: f64) -> String {
    format!("{number:?}")
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(count: usize, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// A finite number, as an option's value.
pub(crate) fn number(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err("expected a finite number".into()),
        Err(_) => Err("expected a number".into()),
    }
}

/// A whole number that is not negative, as an option's value.
pub(crate) fn whole<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| "expected a whole number, 0 or more".into())
}

/// A number of bytes from `256MiB`, `1GiB`, `64KiB` or `1000`.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("G", 30), ("M", 20), ("K", 10), ("", 0)];
    let (number, shift) = units
        .iter()
        .find_map(|(unit, shift)| text.strip_suffix(unit).map(|number| (number.trim(), shift)))
        .unwrap_or((text, &0));
    let number: u64 =
        number.parse().map_err(|_| "expected a size such as 256MiB or 1GiB".to_owned())?;
    number.checked_shl(*shift).filter(|bytes| bytes >> shift == number).ok_or("too large".into())
}

/// A number of bytes for people: `1 MiB`, `1.5 GiB`, `17 bytes`.
pub(crate) fn size(bytes: u64) -> String {
    let units = [(1_u64 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{} {name}", short(bytes as f64 / unit as f64, 3)),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, digits, short, size};

    #[test]
    fn people_see_a_few_digits() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (12.345_678, "12.35"),
            (-0.001_234_56, "-0.001235"),
            (0.000_012_345, "1.234e-5"),
            (123_456.7, "123457"),
            (1e12, "1.000e12"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(digits(number, 4), expected);
        }
        for (number, expected) in
            [(-11.0, "-11"), (100.0, "100"), (0.25, "0.25"), (1e12, "1e12"), (1.5e-9, "1.5e-9")]
        {
            assert_eq!(short(number, 6), expected);
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes("256MiB"), Ok(256 << 20));
        assert_eq!(bytes("1000"), Ok(1000));
        let sizes = [17, 1 << 20, 3 << 29].map(size);
        assert_eq!(sizes, ["17 bytes", "1 MiB", "1.5 GiB"]);
        assert_eq!(bytes("2 G"), Ok(2 << 30));
        assert!(bytes("many").is_err() && bytes("99999999999GiB").is_err());
    }
}
