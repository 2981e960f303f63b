//! Each picture of a page twice, for a large and a small screen.

use uphill_nn::Network;

use super::sliders::Sliders;
use crate::error::Error;
use crate::network::NetworkPicture;
use crate::scene::Picture;
use crate::surface::Surface;

/// Widths of the pictures for large and for small screens.
pub(super) const WIDE: u32 = 800;
pub(super) const NARROW: u32 = 360;

/// A network for a large and a small screen, whose lines are compared with the strongest weight.
pub(super) fn networks(
    network: &Network,
    weights: &[f64],
    unit: Option<&str>,
    strongest: f64,
) -> Result<Vec<Picture>, Error> {
    let picture = |width| {
        let mut picture = NetworkPicture::new(network, weights)?.title("The network").width(width);
        if let Some(unit) = unit {
            picture = picture.input_unit(unit);
        }
        Ok(picture.strongest(strongest).picture())
    };
    [WIDE, NARROW].into_iter().map(picture).collect()
}

/// Decision regions for a large and a small screen, with their frames; none without a plane.
pub(super) fn live_regions(sliders: &Sliders) -> Vec<(Picture, [f64; 4])> {
    let Some((_, regions)) = &sliders.plane else { return Vec::new() };
    let sized = |(width, height)| {
        let height = height + regions.notes_room(width);
        regions.clone().size(width, height).live()
    };
    [(WIDE, 600), (NARROW, 400)].map(sized).into()
}

/// From above and from the side, for a large and a small screen.
pub(super) fn drawings(surface: &Surface) -> [[crate::surface::Drawing; 2]; 2] {
    // Notes have room of their own.
    let sized = |width, height| {
        let height = height + surface.notes_room(width);
        surface.clone().within(width, height).drawings()
    };
    [sized(WIDE, 580), sized(NARROW, 360)]
}
