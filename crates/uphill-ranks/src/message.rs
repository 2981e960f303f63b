//! Numbers as bytes of a message, and back. What is cut short reads as nothing.

/// A message that is being written.
#[derive(Debug, Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn whole(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.whole(bytes.len() as u64);
        self.0.extend(bytes);
    }

    pub(crate) fn numbers(&mut self, numbers: &[f64]) {
        self.whole(numbers.len() as u64);
        self.0.reserve(8 * numbers.len());
        numbers.iter().for_each(|number| self.0.extend(number.to_le_bytes()));
    }
}

/// A message that is being read.
#[derive(Debug)]
pub(crate) struct Reader<'m>(pub(crate) &'m [u8]);

impl<'m> Reader<'m> {
    pub(crate) fn whole(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    pub(crate) fn count(&mut self) -> Option<usize> {
        self.whole().and_then(|number| usize::try_from(number).ok())
    }

    pub(crate) fn bytes(&mut self) -> Option<&'m [u8]> {
        let count = self.count()?;
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(crate) fn numbers(&mut self) -> Option<Vec<f64>> {
        let count = self.count()?.checked_mul(8)?;
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        let (eights, _) = bytes.as_chunks::<8>();
        Some(eights.iter().map(|eight| f64::from_le_bytes(*eight)).collect())
    }
}
