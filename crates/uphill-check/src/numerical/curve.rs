//! Second derivatives from values alone: differences of differences, extrapolated like slopes.
//!
//! On the diagonal `(f(x+h) - 2f(x) + f(x-h)) / h²`; off it, the same along both diagonals of a rectangle, a quarter of
//! their difference. Rounding enters divided by h², so fewer digits come out than for slopes.

use super::extrapolate::SHRINK;
use super::line::{Centre, Direction};
use super::track::{Choice, Quotients, Track};
use super::{Error, Estimate, Subject};

const STEPS: usize = 40;

/// `∂²f/∂x_i∂x_j` of a subject with one output.
pub(super) fn second<S: Subject + ?Sized>(
    subject: &S,
    centre: &Centre<'_>,
    (i, j): (usize, usize),
    first_step: f64,
) -> Result<Estimate, Error> {
    let (x, middle) = (centre.x, centre.values[0]);
    let mut track = Track::curvature();
    let mut steps = [i, j].map(|position| Direction::Axis(position).first_step(x, first_step));
    for _ in 0..STEPS {
        let [across, along] = steps;
        let reach = |first: f64, second: f64| {
            let mut point = x.to_vec();
            point[i] += first;
            if i != j {
                point[j] += second;
            }
            point
        };
        // Along the rising diagonal of the rectangle, then along the falling one.
        let points = [
            reach(across, along),
            reach(-across, -along),
            reach(across, -along),
            reach(-across, along),
        ];
        let used = if i == j { 2 } else { 4 };
        if points[..used].iter().any(|point| point == x) {
            break;
        }
        let references: Vec<&[f64]> = points[..used].iter().map(Vec::as_slice).collect();
        let (switch, crosses) = centre.switched(subject, &references);
        let mut values = [middle; 4];
        for (value, point) in values.iter_mut().zip(&references) {
            *value = centre.others(subject, point)?[0];
        }
        let area = across * along;
        let bend = |a: f64, b: f64| ((a - middle) + (b - middle)) / area;
        let rising = bend(values[0], values[1]);
        let falling = if i == j { 0.0 } else { bend(values[2], values[3]) };
        let size = values.iter().fold(0.0_f64, |a, b| a.max(b.abs())).max(middle.abs());
        let change = values.iter().fold(0.0_f64, |a, b| a.max((b - middle).abs()));
        track.push(Quotients {
            step: across,
            central: if i == j { rising } else { 0.25 * (rising - falling) },
            guards: [rising, falling],
            noise: 2.0 * f64::EPSILON * size / area,
            change,
            scale: change / area,
            crosses,
            switch,
        });
        if track.is_done() {
            break;
        }
        steps = [across / SHRINK, along / SHRINK];
    }
    Ok(match track.choice() {
        Some(Choice::Smooth { limit, row } | Choice::Wild { limit, row }) if middle.is_finite() => {
            Estimate {
                value: limit.value,
                error: limit.error,
                step: row.step,
                span: track.span(),
                switch: row.switch.map(|switch| subject.switch_name(switch)),
                ..Estimate::none()
            }
        }
        _ => Estimate::none(),
    })
}
