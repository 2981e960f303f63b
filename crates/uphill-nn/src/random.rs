//! Random numbers with the same bits on every machine: ChaCha8, whose stream is specified, through `rand`'s portable
//! draws. A test pins them, so that a new version of `rand` that draws otherwise is noticed.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One of many independent streams of a seed.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    pub(crate) fn new(seed: u64, stream: u64) -> Stream {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(stream);
        Stream(generator)
    }

    /// A number in [−1, 1), 53 random bits.
    pub(crate) fn symmetric(&mut self) -> f64 {
        2.0 * self.0.random::<f64>() - 1.0
    }

    /// The numbers below `count` in random order.
    pub(crate) fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        order.shuffle(&mut self.0);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;

    #[test]
    fn streams_are_pinned() {
        let mut stream = Stream::new(7, 0);
        // From another program's ChaCha8, written from its specification.
        assert_eq!(stream.symmetric().to_bits(), 4_602_932_985_078_681_902);
        assert_eq!(Stream::new(7, 1).permutation(8), [2, 7, 5, 3, 1, 4, 0, 6]);
        let mut order = Stream::new(3, 9).permutation(1000);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
    }
}
