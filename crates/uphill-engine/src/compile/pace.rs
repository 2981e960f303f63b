//! Addresses that go on evenly from iteration to iteration, or from column to column: they need no table.

/// Addresses, seen one after the other, and the distance from each to the next while that is the same.
pub(super) struct Pace {
    latest: u32,
    by: Option<i64>,
    is_even: bool,
}

impl Pace {
    pub(super) fn new(first: u32) -> Pace {
        Pace { latest: first, by: None, is_even: true }
    }

    pub(super) fn next(&mut self, address: u32) {
        let by = i64::from(address) - i64::from(self.latest);
        self.is_even &= *self.by.get_or_insert(by) == by;
        self.latest = address;
    }

    pub(super) fn step(&self) -> Option<i32> {
        i32::try_from(self.by.unwrap_or(0)).ok().filter(|_| self.is_even)
    }
}

/// The distance between neighbours, if it is the same throughout.
pub(super) fn steady(addresses: &[u32]) -> Option<i32> {
    let (&first, rest) = addresses.split_first()?;
    let mut pace = Pace::new(first);
    rest.iter().for_each(|&address| pace.next(address));
    pace.step()
}

#[cfg(test)]
mod tests {
    use super::steady;

    #[test]
    fn only_even_distances_are_steady() {
        assert_eq!(steady(&[7]), Some(0));
        assert_eq!(steady(&[7, 5, 3, 1]), Some(-2));
        assert_eq!(steady(&[7, 7, 7]), Some(0));
        assert_eq!(steady(&[7, 8, 9, 11]), None);
        assert_eq!(steady(&[0, u32::MAX]), None);
    }
}
