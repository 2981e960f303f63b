//! Draws of parameters, and what they tell: means, spreads, quantiles, and whether the chains agree.

use std::fmt;

use uphill_graph::Scalar;

use crate::error::Error;

/// Draws from the posterior of a fit's parameters, by name. Feature `nuts`.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior {
    names: Vec<String>,
    /// For each parameter its draws, chain after chain.
    draws: Vec<Vec<f64>>,
    chains: usize,
    divergences: usize,
}

impl Posterior {
    /// From chains of draws, each of one number a name.
    pub(crate) fn new(
        names: Vec<String>,
        chains: Vec<Vec<Vec<f64>>>,
        divergences: usize,
    ) -> Posterior {
        let mut draws = vec![Vec::new(); names.len()];
        for draw in chains.iter().flatten() {
            draws.iter_mut().zip(draw).for_each(|(all, number)| all.push(*number));
        }
        Posterior { names, draws, chains: chains.len(), divergences }
    }

    /// The names of the parameters that were free, in the model's order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of chains.
    #[must_use]
    pub fn chains(&self) -> usize {
        self.chains
    }

    /// How many draws diverged: a few in a thousand do little harm, many tell of a corner that the sampler can't get into.
    #[must_use]
    pub fn divergences(&self) -> usize {
        self.divergences
    }

    fn of(&self, name: &str) -> Result<&[f64], Error> {
        let place = self.names.iter().position(|other| other == name);
        let place = place.ok_or_else(|| Error::unknown("free parameter", name, &self.names))?;
        Ok(&self.draws[place])
    }

    /// All draws of a parameter, chain after chain, each as long as the others. Numbers of one place in two of these lists
    /// belong together.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`], here and below, if no free parameter has this name.
    pub fn draws(&self, name: &str) -> Result<&[f64], Error> {
        self.of(name)
    }

    /// The mean of a parameter.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn mean(&self, name: &str) -> Result<f64, Error> {
        Ok(mean(self.of(name)?))
    }

    /// The standard deviation of a parameter: what a standard error is to a fit.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn standard_deviation(&self, name: &str) -> Result<f64, Error> {
        Ok(variance(self.of(name)?).sqrt())
    }

    /// The covariances of the parameters, in the order of [`Posterior::names`].
    #[must_use]
    pub fn covariance(&self) -> Vec<Vec<f64>> {
        let means: Vec<f64> = self.draws.iter().map(|draws| mean(draws)).collect();
        let entry = |a: usize, b: usize| {
            let (one, other) = (&self.draws[a], &self.draws[b]);
            let products = one.iter().zip(other).map(|(x, y)| (x - means[a]) * (y - means[b]));
            products.sum::<f64>() / (one.len() - 1) as f64
        };
        let all = 0..self.names.len();
        all.clone().map(|a| all.clone().map(|b| entry(a, b)).collect()).collect()
    }

    /// The number below which a parameter is with this probability, between draws in proportion.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`]; [`Error::Invalid`] unless the probability lies between 0 and 1.
    pub fn quantile(&self, name: &str, probability: f64) -> Result<f64, Error> {
        if !(0.0..=1.0).contains(&probability) {
            let what = format!("a probability lies between 0 and 1, got {probability}");
            return Err(Error::invalid(what));
        }
        let mut sorted = self.of(name)?.to_vec();
        sorted.sort_by(f64::total_cmp);
        let place = probability * (sorted.len() - 1) as f64;
        let (below, part) = (place.floor() as usize, place.fract());
        let above = sorted[(below + 1).min(sorted.len() - 1)];
        Ok(sorted[below] + part * (above - sorted[below]))
    }

    /// Between which numbers a parameter is with a probability such as 0.95, with as much left over on both sides.
    ///
    /// # Errors
    ///
    /// As [`Posterior::quantile`].
    pub fn interval(&self, name: &str, probability: f64) -> Result<(f64, f64), Error> {
        let rest = (1.0 - probability) / 2.0;
        Ok((self.quantile(name, rest)?, self.quantile(name, 1.0 - rest)?))
    }

    /// R̂, by how much the spread of all draws is greater than that within halves of chains: near 1 where chains agree, and more
    /// than 1.01 where they have not come to one distribution yet. NaN for draws that are all the same.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn r_hat(&self, name: &str) -> Result<f64, Error> {
        let halves = Halves::of(self.of(name)?, self.chains);
        Ok((halves.total / halves.within).sqrt())
    }

    /// How many independent draws would tell the mean as well (Geyer's sum of autocorrelations): some hundreds are
    /// plenty for means and deviations.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn effective_draws(&self, name: &str) -> Result<f64, Error> {
        let draws = self.of(name)?;
        let halves = Halves::of(draws, self.chains);
        // Autocorrelations are summed in pairs, which fall and stay above 0 but for noise.
        let (mut sum, mut least) = (0.0, f64::INFINITY);
        for lag in (0..halves.length().saturating_sub(1)).step_by(2) {
            let pair = halves.correlation(lag) + halves.correlation(lag + 1);
            if pair.is_nan() || pair <= 0.0 {
                break;
            }
            least = least.min(pair);
            sum += least;
        }
        let count = draws.len() as f64;
        // Draws may be better than independent ones, but no more can be seen than this.
        let most = count * Scalar::ln(count) / std::f64::consts::LN_10;
        Ok((count / (2.0 * sum - 1.0).max(count / most)).min(most))
    }
}

impl fmt::Display for Posterior {
    /// A line for each parameter, then how many draws there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in &self.names {
            let told = || -> Result<String, Error> {
                let (low, high) = self.interval(name, 0.95)?;
                Ok(format!(
                    "{name} = {:.6e} ± {:.2e}, 95 % within {low:.6e} and {high:.6e}, {:.0} effective draws, R-hat {:.3}",
                    self.mean(name)?,
                    self.standard_deviation(name)?,
                    self.effective_draws(name)?,
                    self.r_hat(name)?
                ))
            };
            writeln!(f, "{}", told().map_err(|_| fmt::Error)?)?;
        }
        let draws = self.draws.first().map_or(0, Vec::len);
        write!(f, "{draws} draws of {} chains, {} divergences", self.chains, self.divergences)
    }
}

/// Each chain cut in two, with the spread within them and over all.
struct Halves<'d> {
    halves: Vec<&'d [f64]>,
    means: Vec<f64>,
    /// The mean variance of a half.
    within: f64,
    /// The variance of all, as the halves estimate it.
    total: f64,
}

impl Halves<'_> {
    fn of(draws: &[f64], chains: usize) -> Halves<'_> {
        let length = draws.len() / chains / 2;
        let halves: Vec<&[f64]> = draws
            .chunks(draws.len() / chains)
            .flat_map(|chain| [&chain[..length], &chain[chain.len() - length..]])
            .collect();
        let means: Vec<f64> = halves.iter().map(|half| mean(half)).collect();
        let within = mean(&halves.iter().map(|half| variance(half)).collect::<Vec<_>>());
        let count = length as f64;
        let total = (count - 1.0) / count * within + variance(&means);
        Halves { halves, means, within, total }
    }

    fn length(&self) -> usize {
        self.halves[0].len()
    }

    /// The correlation of draws so far apart, over all halves.
    fn correlation(&self, lag: usize) -> f64 {
        let length = self.length();
        let of_half = |(half, mean): (&&[f64], &f64)| {
            let pairs = half.iter().zip(&half[lag..]);
            pairs.map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>() / (length - 1) as f64
        };
        let covariances: Vec<f64> = self.halves.iter().zip(&self.means).map(of_half).collect();
        1.0 - (self.within - mean(&covariances)) / self.total
    }
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

fn variance(numbers: &[f64]) -> f64 {
    let mean = mean(numbers);
    let squares: f64 = numbers.iter().map(|number| (number - mean) * (number - mean)).sum();
    squares / (numbers.len() - 1) as f64
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::Posterior;

    /// Draws of which each keeps a part of the one before, and of chains that lie apart.
    fn drawn(kept: f64, apart: f64) -> Posterior {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut chain = |number: usize| {
            let mut last = 0.0;
            let mut draw = || {
                let sum: f64 = (0..12).map(|_| random.random::<f64>()).sum();
                last = kept * last + (1.0 - kept * kept).sqrt() * (sum - 6.0);
                vec![last + apart * number as f64]
            };
            (0..50).for_each(|_| drop(draw()));
            (0..2000).map(|_| draw()).collect()
        };
        Posterior::new(vec!["x".into()], (0..4).map(&mut chain).collect(), 0)
    }

    #[test]
    fn diagnoses_agree_with_what_is_known_of_the_draws() {
        // (1 - kept)/(1 + kept) of the draws are worth something.
        for (kept, low, high) in [(0.0, 6500.0, 9500.0), (0.5, 2200.0, 3200.0), (0.9, 300.0, 560.0)]
        {
            let posterior = drawn(kept, 0.0);
            let effective = posterior.effective_draws("x").unwrap();
            assert!(low < effective && effective < high, "{kept}: {effective}");
            assert!((posterior.r_hat("x").unwrap() - 1.0).abs() < 0.01);
            assert!((posterior.standard_deviation("x").unwrap() - 1.0).abs() < 0.1);
        }
        let apart = drawn(0.0, 1.0);
        assert!(apart.r_hat("x").unwrap() > 1.5, "{apart}");
        assert!(apart.effective_draws("x").unwrap() < 20.0, "{apart}");
    }

    #[test]
    fn quantiles_lie_between_draws() {
        let draws = [3.0, 1.0, 2.0, 5.0, 4.0].map(|x| vec![x]).to_vec();
        let posterior = Posterior::new(vec!["x".into()], vec![draws], 0);
        for (probability, expected) in [(0.0, 1.0), (0.5, 3.0), (0.625, 3.5), (1.0, 5.0)] {
            assert_eq!(posterior.quantile("x", probability).unwrap(), expected);
        }
        let error = posterior.quantile("x", 1.5).unwrap_err().to_string();
        assert_eq!(error, "a probability lies between 0 and 1, got 1.5");
        assert!(
            posterior.mean("y").unwrap_err().to_string().contains("free parameter is named `y`")
        );
    }
}
