//! Which rows are for training, for testing and for validation: drawn by a seed, in one pass, without a list of rows.
//!
//! Each class gives the same share of its rows, rounded so that the parts have the right sizes in total as nearly as
//! whole rows allow. Which rows these are is a draw without replacement: going through the rows, a row is taken with
//! probability (still needed)/(still to come). So the same seed gives the same parts, and nothing but a few counts is kept.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// To climb by.
    Training,
    /// To say at the end how good the network is on rows that it has not seen.
    Test,
    /// To say when to stop.
    Validation,
}

/// The stream of the seed for this draw; training draws from the streams below.
const STREAM: u64 = u64::MAX;

/// Draws a part for each row.
///
/// ```
/// use uphill_table::split::{Part, Split};
///
/// // 8 rows of one class, a quarter of them for the test; the same ones for the same seed.
/// let mut split = Split::new(&[8], 0.25, 0.0, 0);
/// let test = (0..8).filter(|_| split.next(0) == Part::Test).count();
/// assert_eq!(test, 2);
/// ```
#[derive(Debug)]
pub struct Split {
    generator: ChaCha8Rng,
    classes: Vec<Needed>,
}

#[derive(Debug, Clone, Copy)]
struct Needed {
    to_come: usize,
    test: usize,
    validation: usize,
}

impl Split {
    /// For so many rows of each class, and these shares of them for testing and validation.
    #[must_use]
    pub fn new(rows_by_class: &[usize], test: f64, validation: f64, seed: u64) -> Split {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(STREAM);
        // Rounding the running totals, not each class, keeps the totals right.
        let mut rows = 0;
        let mut before = (0, 0);
        let classes = rows_by_class.iter().map(|&to_come| {
            rows += to_come;
            let total = |share: f64| (share * rows as f64).round() as usize;
            let now = (total(test), total(validation));
            let needed = Needed { to_come, test: now.0 - before.0, validation: now.1 - before.1 };
            before = now;
            needed
        });
        let classes = classes.collect();
        Split { generator, classes }
    }

    /// Where the draw stands, for whoever has the rows that follow.
    #[must_use]
    pub fn state(&self) -> Vec<u64> {
        let word = self.generator.get_word_pos();
        let classes = self.classes.iter().flat_map(|needed| {
            [needed.to_come, needed.test, needed.validation].map(|count| count as u64)
        });
        // A draw of 2⁶⁴ words has no end.
        [word as u64].into_iter().chain(classes).collect()
    }

    /// Goes on from where another draw of the same seed and classes stands; false if the state is not of such a one.
    #[must_use]
    pub fn go_on(&mut self, state: &[u64]) -> bool {
        let Some((&word, counts)) = state.split_first() else { return false };
        let (counts, rest) = counts.as_chunks::<3>();
        if counts.len() != self.classes.len() || !rest.is_empty() {
            return false;
        }
        self.generator.set_word_pos(u128::from(word));
        for (needed, counts) in self.classes.iter_mut().zip(counts) {
            let [to_come, test, validation] = counts.map(|count| count as usize);
            *needed = Needed { to_come, test, validation };
        }
        true
    }

    /// What the next row is for, given its class.
    ///
    /// # Panics
    ///
    /// If there is no such class.
    pub fn next(&mut self, class: usize) -> Part {
        let needed = &mut self.classes[class];
        // 53 random bits, in [0, 1).
        let place = self.generator.random::<f64>() * needed.to_come as f64;
        needed.to_come = needed.to_come.saturating_sub(1);
        if place < needed.test as f64 {
            needed.test -= 1;
            Part::Test
        } else if place < (needed.test + needed.validation) as f64 {
            needed.validation -= 1;
            Part::Validation
        } else {
            Part::Training
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Split};

    #[test]
    fn shares_are_kept_in_each_class_and_in_total() {
        let classes = [50, 50, 50, 1, 3];
        for seed in 0..20 {
            let mut split = Split::new(&classes, 0.25, 0.1, seed);
            let mut counts = [[0; 3]; 5];
            for row in 0..50 {
                for class in 0..5 {
                    if row < classes[class] {
                        counts[class][split.next(class) as usize] += 1;
                    }
                }
            }
            let total = |part: Part| counts.iter().map(|count| count[part as usize]).sum::<usize>();
            assert_eq!(total(Part::Test), 39, "0.25 of 154");
            assert_eq!(total(Part::Validation), 15, "0.1 of 154");
            for count in &counts[..3] {
                assert!((12..=13).contains(&count[Part::Test as usize]), "{count:?}");
            }
        }
    }

    #[test]
    fn the_draw_is_pinned_and_fair() {
        let draw = |seed| {
            let mut split = Split::new(&[12], 0.25, 0.0, seed);
            (0..12).filter(|_| split.next(0) == Part::Test).collect::<Vec<_>>()
        };
        assert_eq!(draw(0), draw(0));
        let mut hits = [0; 12];
        for seed in 0..4000 {
            let drawn = draw(seed);
            assert_eq!(drawn.len(), 3);
            drawn.into_iter().for_each(|row| hits[row] += 1);
        }
        assert!(hits.iter().all(|&hits| (890..1110).contains(&hits)), "{hits:?}");
    }
}
