//! P over two of its inputs or weights: which two, their ranges, and the climb on the surface.
//!
//! A `Ground` (`ground.rs`) is what is climbed, a formula with its other inputs fixed or a saved network with its other
//! weights as they were saved; `climb.rs` goes uphill on it, `window.rs` says which part of it is seen. [`Hill`] holds
//! the options that make a surface of it.

mod climb;
mod ground;
mod window;

use clap::Args;
use uphill_pictures::{Axis, Surface};

use crate::error::Error;
use crate::output::Output;
use climb::Climb;
pub(crate) use ground::{Ground, Trail};
use window::Window;

/// How far an axis goes to each side of what is known of it, where no range is given.
const AROUND: f64 = 2.0;

/// The options of a surface.
#[derive(Debug, Args)]
pub struct Hill {
    /// The input or weight along the first axis, and its range, such as `w1=-1..1`
    /// [default: the first input that --at leaves open; the range holds the climb and its summit, or is 2 to each side
    /// at least]
    #[arg(
        long,
        value_name = "NAME[=LOW..HIGH]",
        allow_hyphen_values = true,
        help_heading = "Surface"
    )]
    pub x: Option<String>,

    /// The one along the second axis
    #[arg(
        long,
        value_name = "NAME[=LOW..HIGH]",
        allow_hyphen_values = true,
        help_heading = "Surface"
    )]
    pub y: Option<String>,

    /// Climb from here: the numbers of both, such as `0.5,-0.9`
    #[arg(long, value_name = "X,Y", allow_hyphen_values = true, help_heading = "Surface")]
    pub start: Option<String>,

    /// What the gradient is multiplied by in each step of the climb
    #[arg(
        long,
        value_name = "RATE",
        allow_negative_numbers = true,
        default_value_t = 0.1,
        requires = "start",
        help_heading = "Surface"
    )]
    pub rate: f64,

    /// The number of steps of the climb
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 50,
        value_parser = clap::value_parser!(u32).range(0..=1_000_000),
        requires = "start",
        help_heading = "Surface"
    )]
    pub steps: u32,

    /// Draw the gradient here as an arrow on the contours
    #[arg(long, value_name = "X,Y", allow_hyphen_values = true, help_heading = "Surface")]
    pub arrow: Option<String>,

    /// Draw a unit as long on both axes, so that the gradient is at right angles to the contours [default: so, unless
    /// one of two given ranges is more than four times the other]
    #[arg(long, conflicts_with = "own_units", help_heading = "Surface")]
    pub equal_units: bool,

    /// Give each axis a unit of its own, so that the ranges fill the picture
    #[arg(long, help_heading = "Surface")]
    pub own_units: bool,

    /// The number of values on each side of the grid on which P is computed
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 101,
        value_parser = clap::value_parser!(u16).range(2..=1000),
        help_heading = "Surface"
    )]
    pub grid: u16,
}

impl Hill {
    /// Whether anything asks for a surface.
    pub(crate) fn is_asked(&self) -> bool {
        [&self.x, &self.y, &self.start, &self.arrow].into_iter().any(Option::is_some)
    }

    /// The surface, with the climb from `--start` or the trail that is given, and the arrow.
    ///
    /// # Arguments
    ///
    /// `shape`: the width of the picture's frame by its height, to which ranges that nobody gave are made to suit.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] for numbers that can't be read or lead nowhere, [`Error::Picture`].
    pub(crate) fn surface(
        &self,
        ground: &Ground<'_>,
        trail: Option<Trail>,
        shape: f64,
        output: &Output,
    ) -> Result<Surface, Error> {
        let climb = match &self.start {
            Some(start) => Some(Climb::new(self, ground, ground.pair("--start", start)?)?),
            None => None,
        };
        let arrow = self.arrow.as_ref().map(|at| ground.pair("--arrow", at)).transpose()?;
        let (path, summit) = match (&climb, &trail) {
            (Some(climb), _) => (&climb.path[..], climb.summit),
            (None, Some(trail)) => (&trail.points[..], None),
            (None, None) => (&[][..], None),
        };
        let seen = path.iter().map(|point| [point[0], point[1]]).chain(arrow).chain(summit);
        let window = Window::new(self, ground, seen, shape);
        let axis = |k: usize| {
            let [low, high] = window.ranges[k];
            Axis::new(&ground.axes[k].label, low, high)
        };
        let axes = [axis(0)?, axis(1)?];
        let [xs, ys] = axes.each_ref().map(|axis| steps(axis, usize::from(self.grid)));
        let mut values = Vec::with_capacity(xs.len() * ys.len());
        for &y in &ys {
            for &x in &xs {
                values.push((ground.value)([x, y])?);
            }
        }
        let [x, y] = axes;
        let [x_name, y_name] = ground.axes.each_ref().map(|side| &side.name);
        let title = format!("{} over {x_name} and {y_name}{}", ground.name, ground.others);
        let mut surface =
            Surface::from_values(x, y, xs.len(), values)?.named(&ground.name).title(title);
        if window.has_equal_units {
            surface = surface.equal_units();
        } else if !path.is_empty() {
            surface = surface.note(
                "The axes have units of their own, so the way doesn't cross contours at right angles.",
            );
        }
        for note in &ground.notes {
            surface = surface.note(note);
        }
        if let Some(end) = climb.as_ref().and_then(|climb| climb.stopped.as_ref()) {
            output.remark(&format!("the climb stops {end}; a smaller --rate may help"));
            surface = surface.note(format!("The climb stops {end}."));
        }
        if let Some(at) = arrow {
            let gradient = (ground.slopes)(at)?;
            if gradient.iter().any(|slope| !slope.is_finite()) {
                let [x, y] = gradient;
                return Err(Error::Use(format!("--arrow: the gradient there is ({x}, {y})")));
            }
            surface = surface.gradient(at, gradient)?;
        }
        Ok(match (climb, trail) {
            (Some(climb), _) => surface.path(climb.path)?,
            (None, Some(trail)) => surface.projected_path(trail.points, trail.ends)?,
            (None, None) => surface,
        })
    }
}

/// Evenly spaced numbers over an axis.
fn steps(axis: &Axis, count: usize) -> Vec<f64> {
    let part = |k: usize| k as f64 / (count - 1) as f64;
    (0..count).map(|k| axis.low() * (1.0 - part(k)) + axis.high() * part(k)).collect()
}

#[cfg(test)]
mod tests;
