//! Numbers as text: for people with a few digits, for files so that they read back to the same bits, and sizes in bytes.

pub(crate) use uphill_table::words::{counted, digits, short};

/// Shortest text that reads back to the same bits.
pub(crate) fn exact(number: f64) -> String {
    format!("{number:?}")
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
    use super::{bytes, size};

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
