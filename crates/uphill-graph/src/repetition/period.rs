//! The period of a list, and where in it a body best begins.

/// The shortest period of a list, if it is seen three times at least.
pub(crate) fn period(keys: &[u64]) -> Option<usize> {
    // The longest beginning that is an end too, for each beginning (Knuth, Morris and Pratt).
    let mut border = vec![0_usize; keys.len()];
    for end in 1..keys.len() {
        let mut length = border[end - 1];
        while length > 0 && keys[length] != keys[end] {
            length = border[length - 1];
        }
        border[end] = length + usize::from(keys[length] == keys[end]);
    }
    let period = keys.len() - border.last().copied()?;
    (3 * period <= keys.len()).then_some(period)
}

/// The places of a period before which the fewest values are alive, given for the second of two periods what is read there:
/// who makes it and who reads it.
pub(crate) fn least_crossed(
    period: usize,
    reads: impl Iterator<Item = (usize, usize)>,
) -> Vec<usize> {
    // How far behind each maker its last reader is.
    let mut reach = vec![0; period];
    for (maker, reader) in reads {
        let reach = &mut reach[maker % period];
        *reach = reader.saturating_sub(maker).min(period).max(*reach);
    }
    let mut crossing = vec![0_i64; period + 1];
    for (maker, &reach) in reach.iter().enumerate() {
        // Places between the maker and its last reader are crossed.
        let end = maker + 1 + reach;
        crossing[(maker + 1).min(period)] += 1;
        crossing[end.min(period)] -= 1;
        if let Some(over) = end.checked_sub(period) {
            crossing[0] += 1;
            crossing[over] -= 1;
        }
    }
    let (mut least, mut now, mut best) = (i64::MAX, 0, Vec::new());
    for (cut, change) in crossing[..period].iter().enumerate() {
        now += change;
        if now < least {
            least = now;
            best.clear();
        }
        if now == least {
            best.push(cut);
        }
    }
    best
}
