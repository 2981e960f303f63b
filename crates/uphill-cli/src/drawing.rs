//! How pictures are asked for and delivered: SVG or PNG, on a light or a dark ground, to a file or standard output.

use std::io::{self, IsTerminal};
use std::path::Path;

use clap::{Args, ValueEnum};
use uphill_pictures::{Picture, Theme};

use crate::error::Error;
use crate::file::Destination;
use crate::roles;

/// The options that every picture has.
#[derive(Debug, Args)]
pub struct Drawing {
    /// Write to this file, whole; its ending, .svg or .png, says the format
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "-",
        visible_alias = "out",
        help_heading = "Picture"
    )]
    pub output: String,

    /// What is written [default: by the file's ending; SVG to standard output]
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Picture")]
    pub format: Option<Format>,

    /// The ground it is drawn on
    #[arg(
        long,
        value_enum,
        value_name = "THEME",
        default_value = "light",
        help_heading = "Picture"
    )]
    pub theme: ThemeName,

    /// The pixels of a PNG for each unit of the picture
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 2.0,
        allow_negative_numbers = true,
        help_heading = "Picture"
    )]
    pub scale: f64,

    /// The title [default: what is drawn]
    #[arg(long, value_name = "TEXT", help_heading = "Picture")]
    pub title: Option<String>,

    /// Replace an existing file
    #[arg(long, help_heading = "Picture")]
    pub force: bool,
}

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines and letters as text, for any size
    Svg,
    /// Pixels
    Png,
}

/// The grounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ThemeName {
    /// Dark lines on white
    Light,
    /// Light lines on near black
    Dark,
}

/// Where a picture goes, and as what: checked before it is drawn.
#[derive(Debug)]
pub(crate) struct Target {
    to: Destination,
    format: Format,
    theme: Theme,
    scale: f64,
}

impl Drawing {
    /// Finds the format, and checks that the file can be written and is none of those that are read: nothing is
    /// changed.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] for a file whose ending says no format, a scale that is not above 0, or pixels on a terminal;
    /// [`Error::Exists`], [`Error::Write`].
    pub(crate) fn target(&self, read: &[(&str, Option<&str>)]) -> Result<Target, Error> {
        let format = match (self.format, self.output.as_str()) {
            (Some(format), _) => format,
            (None, "-") => Format::Svg,
            (None, file) => by_ending(file)?,
        };
        if !(self.scale > 0.0 && self.scale.is_finite()) {
            return Err(Error::Use(format!("--scale {}: give a number above 0", self.scale)));
        }
        if format == Format::Png && self.output == "-" && io::stdout().is_terminal() {
            let what = "a PNG is no text for a terminal; give --output FILE, or a pipe";
            return Err(Error::Use(what.into()));
        }
        let to = Destination::new(&self.output, self.force);
        roles::tell_apart(read, &[("--output", Some(&to))])?;
        to.check()?;
        let theme = match self.theme {
            ThemeName::Light => Theme::Light,
            ThemeName::Dark => Theme::Dark,
        };
        Ok(Target { to, format, theme, scale: self.scale })
    }
}

fn by_ending(file: &str) -> Result<Format, Error> {
    let path = Path::new(file);
    match path.extension().and_then(|ending| ending.to_str()).map(str::to_lowercase).as_deref() {
        Some("svg") => Ok(Format::Svg),
        Some("png") => Ok(Format::Png),
        // Devices have no ending; what is written there is text unless it is said otherwise.
        _ if path.exists() && !path.is_file() && !path.is_dir() => Ok(Format::Svg),
        _ => Err(Error::Use(format!(
            "`{file}` ends neither in .svg nor in .png; give --format svg or png"
        ))),
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to.fmt(f)
    }
}

impl Target {
    /// Where it goes.
    pub(crate) fn destination(&self) -> &Destination {
        &self.to
    }

    /// A file whose ending says the format, on a light ground; checked as by [`Drawing::target`].
    ///
    /// # Errors
    ///
    /// As [`Drawing::target`].
    pub(crate) fn of(file: &str, force: bool) -> Result<Target, Error> {
        let output = file.to_owned();
        let theme = ThemeName::Light;
        Drawing { output, format: None, theme, scale: 2.0, title: None, force }.target(&[])
    }

    /// Writes the picture, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`Error::Picture`] if there would be too many pixels; [`Error::Write`], [`Error::Exists`].
    pub(crate) fn write(&self, picture: &Picture) -> Result<(), Error> {
        let bytes = match self.format {
            Format::Svg => picture.svg(self.theme).into_bytes(),
            Format::Png => picture.png(self.theme, self.scale)?,
        };
        self.to.write(|file| file.write_all(&bytes).map_err(|source| self.to.failed(source)))
    }
}

/// A size in pixels from `800x640`.
pub(crate) fn size(text: &str) -> Result<[u32; 2], String> {
    let side =
        |text: &str| text.trim().parse::<u32>().ok().filter(|side| (320..=4000).contains(side));
    let sides =
        text.split_once(['x', '×']).and_then(|(width, height)| Some([side(width)?, side(height)?]));
    sides.ok_or_else(|| "expected width and height from 320 to 4000, such as 800x640".into())
}

#[cfg(test)]
mod tests {
    use super::{Format, by_ending, size};

    #[test]
    fn endings_and_sizes() {
        assert_eq!(by_ending("a.b/c.SVG").unwrap(), Format::Svg);
        assert_eq!(by_ending("c.png").unwrap(), Format::Png);
        let error = by_ending("hills.jpg").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`hills.jpg` ends neither in .svg nor in .png; give --format svg or png"
        );
        assert_eq!(size("800x640"), Ok([800, 640]));
        assert_eq!(size("800×640"), Ok([800, 640]));
        assert!(size("800").is_err() && size("10x10").is_err() && size("9999x640").is_err());
    }
}
