//! Looking around where a climb ended: whether that is a summit, or only a place at which the climb saw no way up.
//!
//! A summit has no slope and falls to all sides. Where P doesn't bend along a direction, nothing can be told from the
//! place itself; so it is walked along it, up to a million times its size, until P changes. What rounding can do is known
//! ([`Sizes::noise`](crate::hill::Sizes)), so that "doesn't change" and "higher" have a meaning.

use crate::climb::{Climber, Space};
use crate::dense::{Square, dot};
use crate::error::Error;
use crate::place::{ABOVE_NOISE, PACE, Place};

/// What the ground is like at a place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ground {
    /// P falls to all sides, or is kept from rising by bounds; but hardly along these mixes of parameters, each told by the
    /// part of itself by which a parameter changes.
    Summit(Vec<Vec<f64>>),
    /// Higher ground, or a slope that leads there.
    Higher(Vec<f64>),
    /// P is as high along mixes of these parameters, however far; each told like those of a summit.
    Valley { places: Vec<usize>, ways: Vec<Vec<f64>> },
    /// P doesn't change with these parameters nearby; from these points on it does.
    Plateau { flat: Vec<usize>, tries: Vec<Vec<f64>> },
    /// P has a slope that the climb did not follow; here Newton's step leads.
    Slope(Vec<f64>),
    /// P's second derivatives are not finite, and nothing higher is found beside: only the climb can tell.
    Unknown,
}

/// A gain that is so small a part of P is none: parameters are then off by some 10⁻⁵ of their standard errors.
const NO_GAIN: f64 = 1e-10;
/// So many parameters without effect are walked along; of more, others are like these.
const MOST_WALKS: usize = 12;
/// So many points are tried from a plateau, for each of its parameters.
const MOST_TRIES: usize = 6;

/// Looks around; and by how much P may be off here.
pub(crate) fn look_around<'r>(
    climber: &mut dyn Climber<'r>,
    space: &Space,
    at: &[f64],
) -> Result<(Ground, f64), Error> {
    let (value, slopes) = climber.hill().slopes(at)?;
    let noise = ABOVE_NOISE * climber.hill().sizes(at)?.noise + f64::MIN_POSITIVE;
    let place = Place { space, at, value, slopes, noise };
    Ok((place.ground(climber)?, noise))
}

impl Place<'_> {
    fn ground<'r>(&self, climber: &mut dyn Climber<'r>) -> Result<Ground, Error> {
        let free = self.space.free(self.at, &self.slopes);
        let mut flat = Vec::new();
        // Pressed against a bound by no slope: only what lies beyond can tell.
        for place in (0..self.at.len()).filter(|place| !free.contains(place)) {
            if self.space.fixed[place] || self.slope(place) > self.noise {
                continue;
            }
            match self.inward(climber, place)? {
                Inward::Higher(point) => return Ok(Ground::Higher(point)),
                Inward::Level => flat.push(place),
                Inward::Lower => {}
            }
        }
        let curvature = climber.hill().curvature(self.at)?;
        let bend = |&place: &usize| {
            let unit = self.space.unit(place, self.at);
            -curvature.at(place, place) * unit * unit
        };
        let mut bent = Vec::new();
        for &place in &free {
            let bend = bend(&place).abs();
            let is_flat = self.slope(place) <= self.noise
                && (bend <= self.noise || !bend.is_finite() && self.is_level(climber, place)?);
            if is_flat { flat.push(place) } else { bent.push(place) }
        }
        let curved = curvature.part(&bent);
        if curved.is_finite() {
            if let Some(ground) = self.along_curves(climber, &bent, &curved)? {
                return Ok(ground);
            }
        } else {
            return match self.beside(climber, &bent)? {
                Some(point) => Ok(Ground::Higher(point)),
                None if flat.is_empty() => Ok(Ground::Unknown),
                None => self.along_flat(climber, &flat),
            };
        }
        let ground = self.along_idle(climber, &bent, &curvature)?;
        match ground {
            None | Some(Ground::Valley { .. }) if !flat.is_empty() => {
                self.along_flat(climber, &flat)
            }
            None => Ok(Ground::Summit(self.weak(&bent, &curved))),
            Some(ground) => Ok(ground),
        }
    }

    /// Mixes of parameters, each by a part of itself, along which P bends so little that it may be as high far away.
    fn weak(&self, bent: &[usize], curvature: &Square) -> Vec<Vec<f64>> {
        /// P falls by less than this part of itself where the parameters change by all of themselves.
        const WEAK: f64 = 1e-6;
        /// Rounding of eigenvalues, as a part of the largest.
        const ROUNDING: f64 = 1e-13;
        const MOST: usize = 3;
        let bend = |row: usize, column: usize| {
            -curvature.at(row, column) * self.size(bent[row]) * self.size(bent[column])
        };
        let bends = Square::from_fn(bent.len(), bend);
        if !bends.is_finite() {
            return Vec::new();
        }
        let mut eigen = bends.eigen();
        eigen.sort_by(|one, other| one.0.total_cmp(&other.0));
        let largest = eigen.last().map_or(0.0, |(value, _)| *value);
        let least = (WEAK * self.value.abs() + self.noise).max(ROUNDING * largest);
        let mut weak = Vec::new();
        for (_, vector) in eigen.into_iter().filter(|(value, _)| *value <= least).take(MOST) {
            let top = vector.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
            let mut way = vec![0.0; self.at.len()];
            let (mut parts, mut bend) = (0, 0.0);
            for (k, &place) in bent.iter().enumerate() {
                way[place] = vector[k] / top;
                parts += usize::from(way[place].abs() > 1e-3);
                let unit = self.space.unit(place, self.at);
                bend -= curvature.at(k, k) * (way[place] * unit).powi(2);
            }
            // One that is nearly 0 by itself is well known in its own unit.
            if parts > 1 || bend <= least {
                weak.push(way);
            }
        }
        weak
    }

    /// A way, told by the part of itself by which each parameter changes; the largest is 1.
    fn in_parts(&self, way: &[f64]) -> Vec<f64> {
        let parts: Vec<f64> =
            way.iter().enumerate().map(|(place, way)| way / self.size(place)).collect();
        let top = parts.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
        parts.into_iter().map(|part| part / top).collect()
    }

    /// From a bound inward.
    fn inward<'r>(&self, climber: &mut dyn Climber<'r>, place: usize) -> Result<Inward, Error> {
        let mut way = vec![0.0; self.at.len()];
        way[place] = -self.space.side(place, self.at) * self.space.unit(place, self.at);
        let mut found = Inward::Level;
        let mut highest = self.value + self.noise;
        let mut step = 1.0;
        while step > 1e-15 {
            let point = self.space.moved(self.at, &way, step);
            let value = climber.hill().value(&point)?;
            if value > highest && self.is_higher(climber, &point, value)? {
                highest = value;
                found = Inward::Higher(point);
            } else if value < self.value - self.noise && found == Inward::Level {
                found = Inward::Lower;
            }
            step /= PACE;
        }
        Ok(found)
    }

    /// What second derivatives tell, of parameters that P bends along.
    fn along_curves<'r>(
        &self,
        climber: &mut dyn Climber<'r>,
        bent: &[usize],
        curvature: &Square,
    ) -> Result<Option<Ground>, Error> {
        /// A bend upwards that is so small a part of the parameters' own is rounding.
        const UPWARDS: f64 = 1e-8;
        /// A bend that is so small a part of them gives no step.
        const STRAIGHT: f64 = 1e-12;
        let scale = |place: usize| {
            let own = curvature.at(place, place).abs();
            let least = self.noise / self.space.unit(bent[place], self.at).powi(2);
            1.0 / own.max(least).max(f64::MIN_POSITIVE).sqrt()
        };
        let scales: Vec<f64> = (0..bent.len()).map(scale).collect();
        let scaled = Square::from_fn(bent.len(), |row, column| {
            -curvature.at(row, column) * scales[row] * scales[column]
        });
        let slopes: Vec<f64> =
            bent.iter().zip(&scales).map(|(&place, scale)| self.slopes[place] * scale).collect();
        let (mut gain, mut newton) = (0.0, vec![0.0; self.at.len()]);
        for (value, vector) in scaled.eigen() {
            let mut way = vec![0.0; self.at.len()];
            for ((&place, part), scale) in bent.iter().zip(&vector).zip(&scales) {
                way[place] = part * scale;
            }
            if value < -UPWARDS
                && let Some(point) = self.higher(climber, &way)?
            {
                return Ok(Some(Ground::Higher(point)));
            }
            let along = dot(&slopes, &vector);
            if value > STRAIGHT {
                gain += along * along / value / 2.0;
                newton.iter_mut().zip(&way).for_each(|(n, way)| *n += along / value * way);
            } else if let Some(point) = self.uphill(&way, along) {
                return Ok(Some(Ground::Slope(point)));
            }
        }
        if gain > (ABOVE_NOISE * self.noise).max(NO_GAIN * self.value.abs()) {
            return Ok(Some(Ground::Slope(self.space.moved(self.at, &newton, 1.0))));
        }
        Ok(None)
    }

    /// A point uphill along a straight slope, if a step of a unit gains more than rounding.
    fn uphill(&self, way: &[f64], along: f64) -> Option<Vec<f64>> {
        let step = along.signum() / self.reach(way);
        let is_steep = (step * along).abs() > ABOVE_NOISE * self.noise;
        (is_steep && step.is_finite()).then(|| self.space.moved(self.at, way, step))
    }

    /// Without second derivatives: a higher point a little to one side.
    fn beside<'r>(
        &self,
        climber: &mut dyn Climber<'r>,
        places: &[usize],
    ) -> Result<Option<Vec<f64>>, Error> {
        for &place in places {
            let mut way = vec![0.0; self.at.len()];
            way[place] = 1.0;
            if let Some(point) = self.higher(climber, &way)? {
                return Ok(Some(point));
            }
        }
        Ok(None)
    }

    /// Along mixes of parameters that the data don't tell apart.
    fn along_idle<'r>(
        &self,
        climber: &mut dyn Climber<'r>,
        bent: &[usize],
        curvature: &Square,
    ) -> Result<Option<Ground>, Error> {
        /// A bend along a way that is so small a part of the parameters' own is none.
        const STRAIGHT: f64 = 1e-6;
        /// A parameter has part in a mix if it moves P by this part of what another does.
        const PART: f64 = 1e-4;
        let (mut valley, mut ways) = (Vec::new(), Vec::new());
        for way in climber.idle(self.at, bent)? {
            let (mut bend, mut own) = (0.0, 0.0);
            for &row in bent {
                let line = bent.iter().map(|&column| curvature.at(row, column) * way[column]);
                bend += way[row] * line.sum::<f64>();
                own += (way[row] * way[row] * curvature.at(row, row)).abs();
            }
            if f64::abs(bend) > STRAIGHT * own {
                continue;
            }
            let points = self.walk(climber, &way, 8)?;
            if let Some(point) = self.highest(climber, points)? {
                return Ok(Some(Ground::Higher(point)));
            }
            // What its parameters do to P by themselves.
            let alone = |place: usize| way[place].abs() * curvature.at(place, place).abs().sqrt();
            let most = bent.iter().fold(0.0_f64, |most, &place| most.max(alone(place)));
            valley.extend(bent.iter().copied().filter(|&place| alone(place) > PART * most));
            ways.push(self.in_parts(&way));
        }
        valley.sort_unstable();
        valley.dedup();
        Ok((!valley.is_empty()).then_some(Ground::Valley { places: valley, ways }))
    }

    /// A higher point where several parameters move together: one by one they may do nothing, as the factors of a product
    /// that are all 0.
    fn together<'r>(
        &self,
        climber: &mut dyn Climber<'r>,
        flat: &[usize],
    ) -> Result<Option<Vec<f64>>, Error> {
        if flat.len() < 2 {
            return Ok(None);
        }
        // All the same way; every other one the other way; the first one the other way.
        let patterns: [fn(usize) -> bool; 3] = [|_| false, |k| k % 2 == 1, |k| k == 0];
        for is_turned in patterns {
            let mut way = vec![0.0; self.at.len()];
            for (k, &place) in flat.iter().enumerate() {
                let unit = self.space.unit(place, self.at);
                way[place] = if is_turned(k) { -unit } else { unit };
            }
            if let Some(point) = self.higher(climber, &way)? {
                return Ok(Some(point));
            }
        }
        Ok(None)
    }

    /// Along parameters that P doesn't depend on here.
    fn along_flat<'r>(
        &self,
        climber: &mut dyn Climber<'r>,
        flat: &[usize],
    ) -> Result<Ground, Error> {
        let here = self.space.free(self.at, &self.slopes);
        let (mut idle, mut level, mut tries) = (Vec::new(), Vec::new(), Vec::new());
        for &place in flat.iter().take(MOST_WALKS) {
            let (mut equal, mut other) = (Vec::new(), Vec::new());
            for number in self.numbers(place) {
                let mut point = self.at.to_vec();
                point[place] = number;
                let value = climber.hill().value(&point)?;
                if self.is_higher(climber, &point, value)? {
                    return Ok(Ground::Higher(point));
                }
                if (value - self.value).abs() <= self.noise {
                    equal.push(point);
                } else if value.is_finite() {
                    other.push(point);
                }
            }
            // As high, but with a slope by another parameter that is not there from here.
            let mut steep = Vec::new();
            for point in equal {
                let (value, slopes) = climber.hill().slopes(&point)?;
                let least = ABOVE_NOISE * self.noise.max(f64::EPSILON * value.abs());
                // The climb may have left a little slope: that is no news.
                let is_steep = |&place: &usize| {
                    let slope = slopes[place].abs() * self.space.unit(place, &point);
                    let left = if here.contains(&place) { self.slope(place) } else { 0.0 };
                    slope > least.max(ABOVE_NOISE * left)
                };
                if self.space.free(&point, &slopes).iter().any(is_steep) {
                    steep.push(point);
                }
            }
            if steep.is_empty() && other.is_empty() {
                idle.push(place);
            } else {
                level.push(place);
            }
            tries.extend(steep.into_iter().take(MOST_TRIES));
            tries.extend(other.into_iter().take(MOST_TRIES));
        }
        if let Some(point) = self.together(climber, flat)? {
            return Ok(Ground::Higher(point));
        }
        Ok(match level.is_empty() {
            true => {
                let alone = |&place: &usize| {
                    (0..self.at.len()).map(|other| f64::from(u8::from(other == place))).collect()
                };
                Ground::Valley { ways: idle.iter().map(alone).collect(), places: idle }
            }
            false => Ground::Plateau { flat: level, tries },
        })
    }

    /// Numbers to which a parameter is moved, from near to far.
    fn numbers(&self, place: usize) -> Vec<f64> {
        let (own, unit) = (self.at[place], self.space.unit(place, self.at));
        let (low, high) = self.space.bounds[place];
        let mut numbers = Vec::new();
        for exponent in 1..=10 {
            let factor = PACE.powi(exponent);
            numbers.extend([own / factor, own * factor]);
            numbers.extend([1.0, -1.0].map(|side| own + side * unit * factor / 64.0));
        }
        if (high - low).is_finite() {
            numbers.extend((0..=8).map(|k| low + (high - low) * f64::from(k) / 8.0));
        }
        numbers.push(0.0);
        let mut within: Vec<f64> = Vec::new();
        for number in numbers {
            let number = self.space.within(place, number);
            if number != own && !within.contains(&number) {
                within.push(number);
            }
        }
        within
    }
}

#[derive(PartialEq)]
enum Inward {
    Higher(Vec<f64>),
    Level,
    Lower,
}
