//! Random numbers with the same bits on every machine and in every version: ChaCha8, and nothing else of a library's.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

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
        let unit = (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        2.0 * unit - 1.0
    }

    /// A whole number below `bound`, each as likely as the others (Lemire's multiplication with rejection).
    fn below(&mut self, bound: u64) -> u64 {
        let rejected = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(bound);
            if product as u64 >= rejected {
                return (product >> 64) as u64;
            }
        }
    }

    /// The numbers below `count` in random order (Fisher and Yates).
    pub(crate) fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, self.below(last as u64 + 1) as usize);
        }
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
        assert_eq!(Stream::new(7, 1).permutation(8), [0, 2, 6, 4, 3, 5, 1, 7]);
        let mut order = Stream::new(3, 9).permutation(1000);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
    }
}
