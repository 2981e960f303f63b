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
    pub(crate) fn permutation(&mut self, count: usize) -> Permutation {
        if count > LONGEST_LIST {
            return Permutation::Keys(Keys::new(count, std::array::from_fn(|_| self.0.random())));
        }
        let mut order: Vec<usize> = (0..count).collect();
        order.shuffle(&mut self.0);
        Permutation::List(order)
    }
}

/// More numbers than these are not listed: the list would take 8 bytes a sample, however the samples are kept.
const LONGEST_LIST: usize = 1 << 20;

/// Numbers in random order.
#[derive(Debug)]
pub(crate) enum Permutation {
    /// One after the other.
    List(Vec<usize>),
    /// Computed by place.
    Keys(Keys),
}

impl Permutation {
    /// The number at a place.
    pub(crate) fn at(&self, place: usize) -> usize {
        match self {
            Permutation::List(list) => list[place],
            Permutation::Keys(keys) => keys.at(place),
        }
    }
}

/// A bijection of the numbers below `count` that needs no list: a Feistel network over the next power of 4, which is gone
/// through again until the number is one of them (Black and Rogaway, Ciphers with arbitrary finite domains, 2002).
#[derive(Debug)]
pub(crate) struct Keys {
    count: u64,
    half: u32,
    rounds: [u64; 6],
}

impl Keys {
    fn new(count: usize, rounds: [u64; 6]) -> Keys {
        let count = count as u64;
        let bits = u64::BITS - count.saturating_sub(1).leading_zeros();
        Keys { count, half: bits.div_ceil(2).max(1), rounds }
    }

    fn at(&self, place: usize) -> usize {
        let low = (1_u64 << self.half) - 1;
        let mut number = place as u64;
        loop {
            let (mut left, mut right) = (number >> self.half, number & low);
            for key in self.rounds {
                (left, right) = (right, left ^ (mixed(right ^ key) & low));
            }
            number = left << self.half | right;
            if number < self.count {
                return number as usize;
            }
        }
    }
}

/// A number whose every bit depends on every bit (the finaliser of SplitMix64).
fn mixed(number: u64) -> u64 {
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

#[cfg(test)]
mod tests {
    use super::{Keys, LONGEST_LIST, Permutation, Stream};

    #[test]
    fn streams_are_pinned() {
        let mut stream = Stream::new(7, 0);
        // From another program's ChaCha8, written from its specification.
        assert_eq!(stream.symmetric().to_bits(), 4_602_932_985_078_681_902);
        let order = Stream::new(7, 1).permutation(8);
        let listed: Vec<usize> = (0..8).map(|place| order.at(place)).collect();
        assert_eq!(listed, [2, 7, 5, 3, 1, 4, 0, 6]);
    }

    #[test]
    fn a_permutation_has_each_number_once() {
        let shuffles = |count: usize| {
            let rounds = std::array::from_fn(|round| 0x9e37_79b9 * (round as u64 + 1));
            [Stream::new(3, 9).permutation(count), Permutation::Keys(Keys::new(count, rounds))]
        };
        for count in [1, 2, 3, 5, 1000, LONGEST_LIST + 7] {
            for order in shuffles(count) {
                let mut seen = vec![false; count];
                let mut near = 0;
                for place in 0..count {
                    let number = order.at(place);
                    assert!(!std::mem::replace(&mut seen[number], true), "{number} twice");
                    // Neighbours should not stay together.
                    near += usize::from(number.abs_diff(order.at((place + 1) % count)) < 10);
                }
                assert!(count < 1000 || near < count / 20, "{near} of {count} stayed together");
            }
        }
        let large = Stream::new(3, 9).permutation(LONGEST_LIST + 1);
        assert!(matches!(large, Permutation::Keys(_)));
        // Pinned: a training that is resumed must go on in the same order.
        assert_eq!([large.at(0), large.at(1), large.at(LONGEST_LIST)], [787_613, 591_435, 958_598]);
    }
}
