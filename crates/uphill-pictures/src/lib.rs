//! Pictures of performance functions: data in, SVG, PNG or HTML out. Nothing is read or written.
//!
//! - [`Surface`]: P over two weights, as contours and as a surface in three dimensions, with the way uphill;
//! - [`Hill`]: a surface of P with a climb, over two inputs of a function or two weights of a network;
//! - [`Learning`]: P and the length of its gradient by change;
//! - [`GraphPicture`]: the computation graph of a function, with values and adjoints;
//! - [`NetworkPicture`]: a network, its weights as width and colour of lines;
//! - [`Regions`]: which class is computed where, over two inputs, with samples; of a network by a [`Plane`];
//! - [`Fit`]: data, a model's curve, residuals;
//! - [`View`]: one HTML file in which people step through the chain rule, drag along a training, and move the weights of
//!   a network by [`Sliders`].
//!
//! Every picture is a [`Picture`] first: [`Picture::svg`] writes text, [`Picture::png`] pixels, each on a [`Theme`]. The
//! same data gives the same bytes, so an SVG can be a snapshot in a test.
//!
//! ```
//! use uphill_pictures::{Axis, Surface, Theme};
//!
//! // The hills of the slides' Figure 1.
//! let hills = |x: f64, y: f64| (0.5 * x * x - 0.25 * y * y + 3.0).sin() * (2.0 * x + 1.0 - y.exp()).cos();
//! let surface = Surface::sample(Axis::new("w1", -1.0, 1.0)?, Axis::new("w2", -1.0, 1.0)?, hills)?;
//! let svg = surface.contours().svg(Theme::Light);
//! let png = surface.solid().png(Theme::Dark, 2.0)?;
//! # assert!(svg.ends_with("</svg>\n") && png.len() > 1000);
//! # Ok::<(), uphill_pictures::Error>(())
//! ```

mod axis;
mod chart;
mod error;
mod fit;
mod font;
mod graph;
mod hill;
mod learning;
mod network;
mod number;
mod plane;
mod png;
mod regions;
mod scene;
mod surface;
mod svg;
mod theme;
mod view;

pub use axis::Axis;
pub use error::Error;
pub use fit::Fit;
pub use graph::GraphPicture;
pub use hill::Hill;
pub use learning::Learning;
pub use network::NetworkPicture;
pub use plane::Plane;
pub use regions::Regions;
pub use scene::Picture;
pub use surface::Surface;
pub use theme::Theme;
pub use view::{Sliders, View};
