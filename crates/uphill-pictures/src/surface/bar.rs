//! The bar that tells which colour is which P, beside contours and beside the solid surface.

use super::Surface;
use crate::chart::{NAME_SIZE, TICK_SIZE};
use crate::font;
use crate::scene::{Anchor, Outline, Picture, Point, Stroke, Text};
use crate::theme::Paint;

const WIDE: f64 = 22.0;

/// Where the bar stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) height: f64,
}

/// The room that the bar needs with its numbers and its name.
pub(super) fn width(surface: &Surface) -> f64 {
    let labels = surface.levels.labels().iter().map(|label| font::width(label, TICK_SIZE));
    WIDE + 10.0 + labels.fold(0.0, f64::max) + 12.0 + NAME_SIZE + 8.0
}

impl Bar {
    /// Draws one colour a band, or where the surface has them, all between.
    pub(super) fn draw(self, picture: &mut Picture, surface: &Surface, is_smooth: bool) {
        let Bar { left, top, height } = self;
        let (levels, bottom) = (&surface.levels, top + height);
        let bands = levels.bands();
        let strips = if is_smooth { bands * (64 / bands).max(1) } else { bands };
        let tall = height / strips as f64;
        for strip in 0..strips {
            // A little taller, so that no ground shows between.
            let rest = if strip == 0 { 0.0 } else { 0.5 };
            let paint = Paint::Field((strip as f64 + 0.5) / strips as f64);
            let top = bottom - tall * (strip as f64 + 1.0);
            let outline = Outline::Box { left, top, width: WIDE, height: tall + rest, round: 0.0 };
            picture.shape(outline, Some(paint.into()), None);
        }
        let around = Outline::Box { left, top, width: WIDE, height, round: 0.0 };
        picture.shape(around, None, Some(Stroke::new(Paint::Muted, 1.0)));
        let band = height / bands as f64;
        let every = (16.0 / band).ceil().max(1.0) as usize;
        let mut widest = 0.0_f64;
        for (k, label) in levels.labels().iter().enumerate().step_by(every) {
            let is_flat = levels.bounds().len() == 1;
            let y = if is_flat { top + band / 2.0 } else { bottom - band * k as f64 };
            let x = left + WIDE;
            let mark = [Point::new(x, y), Point::new(x + 5.0, y)];
            picture.line(&mark, Stroke::new(Paint::Muted, 1.0));
            let text = Text::new(x + 9.0, y + 4.5, TICK_SIZE, label.as_str());
            picture.text(text.paint(Paint::Muted));
            widest = widest.max(font::width(label, TICK_SIZE));
        }
        let x = left + WIDE + 9.0 + widest + 12.0 + NAME_SIZE / 2.0;
        let name = font::fitted(&surface.name, NAME_SIZE, height);
        let y = top + height / 2.0;
        picture.text(Text::new(x, y, NAME_SIZE, name).anchor(Anchor::Middle).turned());
    }
}
