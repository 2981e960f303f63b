//! Colours by what they are for: dark on light or light on dark, readable by the colour-blind.
//!
//! Lines have the colours of Okabe and Ito, fields those of viridis (van der Walt and Smith), which grow lighter all
//! the way up. Wherever colour tells two things apart, a shape, a dash or a word does so, too.

/// What ground a picture is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Dark lines on white.
    #[default]
    Light,
    /// Light lines on near black.
    Dark,
}

/// What a colour is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Paint {
    /// The ground of the picture.
    Ground,
    /// Text and what matters.
    Ink,
    /// Labels of axes, frames.
    Muted,
    /// Lines of a grid.
    Faint,
    /// The ground of boxes.
    Box,
    /// The ground of inputs.
    InputBox,
    /// The ground of outputs.
    OutputBox,
    /// The first line, values, positive weights: blue.
    First,
    /// The second line, adjoints, negative weights: orange.
    Second,
    /// The third line: green.
    Third,
    /// The path uphill, in both themes.
    Trail,
    /// White in both themes.
    White,
    /// Black in both themes.
    Black,
    /// A class, by its number: samples of it.
    Class(usize),
    /// The ground of a region of a class.
    Region(usize),
    /// A value between 0 and 1 of a field, in both themes.
    Field(f64),
    /// The same in the shade: 1 is full light.
    Shaded(f64, f64),
}

/// Colours of classes, on light and dark ground; then they come again.
pub(crate) const CLASSES: [[u32; 2]; 8] = [
    [0x00_72_b2, 0x3f_9f_d8],
    [0xd5_5e_00, 0xf0_7d_2c],
    [0x00_9e_73, 0x2f_c7_9a],
    [0xb9_5a_91, 0xd8_8f_b8],
    [0xb5_86_00, 0xf0_c2_42],
    [0x3d_93_c4, 0x8c_d0_f4],
    [0x6b_5b_95, 0xa9_9a_d4],
    [0x70_70_70, 0xb0_b0_b0],
];

/// Red, green, blue.
pub(crate) type Colour = [u8; 3];

/// Every paint that has a name of its own in a style sheet.
pub(crate) const NAMED: [(Paint, &str); 26] = [
    (Paint::Ground, "ground"),
    (Paint::Ink, "ink"),
    (Paint::Muted, "muted"),
    (Paint::Faint, "faint"),
    (Paint::Box, "box"),
    (Paint::InputBox, "input-box"),
    (Paint::OutputBox, "output-box"),
    (Paint::First, "first"),
    (Paint::Second, "second"),
    (Paint::Third, "third"),
    (Paint::Region(0), "region-0"),
    (Paint::Class(0), "class-0"),
    (Paint::Region(1), "region-1"),
    (Paint::Class(1), "class-1"),
    (Paint::Region(2), "region-2"),
    (Paint::Class(2), "class-2"),
    (Paint::Region(3), "region-3"),
    (Paint::Class(3), "class-3"),
    (Paint::Region(4), "region-4"),
    (Paint::Class(4), "class-4"),
    (Paint::Region(5), "region-5"),
    (Paint::Class(5), "class-5"),
    (Paint::Region(6), "region-6"),
    (Paint::Class(6), "class-6"),
    (Paint::Region(7), "region-7"),
    (Paint::Class(7), "class-7"),
];

/// Viridis at 17 places.
const VIRIDIS: [Colour; 17] = [
    [68, 1, 84],
    [72, 24, 106],
    [71, 45, 123],
    [66, 64, 134],
    [59, 82, 139],
    [51, 99, 141],
    [44, 114, 142],
    [38, 130, 142],
    [33, 145, 140],
    [31, 159, 136],
    [39, 173, 129],
    [61, 188, 116],
    [92, 200, 99],
    [129, 211, 77],
    [170, 220, 50],
    [213, 226, 26],
    [253, 231, 37],
];

/// The colour of a paint.
pub(crate) fn colour(paint: Paint, theme: Theme) -> Colour {
    let [light, dark] = match paint {
        Paint::Ground => [0xff_ff_ff, 0x14_17_1a],
        Paint::Ink => [0x1a_1a_1a, 0xec_ef_f1],
        Paint::Muted => [0x59_59_59, 0xa9_b1_b8],
        Paint::Faint => [0xe0_e0_e0, 0x34_3a_40],
        Paint::Box => [0xf4_f5_f6, 0x23_29_2e],
        Paint::InputBox => [0xe3_f1_fa, 0x12_2f_42],
        Paint::OutputBox => [0xfd_ee_dc, 0x42_2a_10],
        Paint::First => [0x00_69_a8, 0x56_b4_e9],
        Paint::Second => [0xb3_48_00, 0xf0_9a_36],
        Paint::Third => [0x00_7d_5b, 0x2f_c7_9a],
        Paint::Trail => [0xd5_5e_00; 2],
        Paint::White => [0xff_ff_ff; 2],
        Paint::Black => [0; 2],
        Paint::Class(class) => CLASSES[class % CLASSES.len()],
        Paint::Region(class) => {
            let (ground, ink) = (colour(Paint::Ground, theme), colour(Paint::Class(class), theme));
            let mixed = |k: usize| 0.74 * f64::from(ground[k]) + 0.26 * f64::from(ink[k]);
            return std::array::from_fn(|k| mixed(k).round() as u8);
        }
        Paint::Field(height) => return field(height),
        Paint::Shaded(height, light) => {
            return field(height).map(|part| (f64::from(part) * light.clamp(0.0, 1.0)) as u8);
        }
    };
    let [_, red, green, blue] = u32::to_be_bytes(if theme == Theme::Light { light } else { dark });
    [red, green, blue]
}

fn field(height: f64) -> Colour {
    let place = height.clamp(0.0, 1.0) * 16.0;
    let below = (place as usize).min(15);
    let part = place - below as f64;
    std::array::from_fn(|k| {
        let (low, high) = (f64::from(VIRIDIS[below][k]), f64::from(VIRIDIS[below + 1][k]));
        (low + part * (high - low)).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as in WCAG 2.
    fn luminance(colour: Colour) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
    }

    fn contrast(one: Paint, other: Paint, theme: Theme) -> f64 {
        let (a, b) = (luminance(colour(one, theme)), luminance(colour(other, theme)));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn letters_stand_out_from_their_ground() {
        let letters = [Paint::Ink, Paint::Muted, Paint::First, Paint::Second, Paint::Third];
        let grounds = [Paint::Ground, Paint::Box, Paint::InputBox, Paint::OutputBox];
        for theme in [Theme::Light, Theme::Dark] {
            for letter in letters {
                for ground in grounds {
                    let ratio = contrast(letter, ground, theme);
                    // 4.5 is what WCAG asks of small text.
                    let needed = if letter == Paint::Third { 3.0 } else { 4.5 };
                    assert!(ratio >= needed, "{letter:?} on {ground:?}, {theme:?}: {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn samples_stand_out_from_regions() {
        for theme in [Theme::Light, Theme::Dark] {
            for class in 0..CLASSES.len() {
                let ratio = contrast(Paint::Class(class), Paint::Region(class), theme);
                assert!(ratio >= 2.4, "{class}, {theme:?}: {ratio:.2}");
                assert!(contrast(Paint::Ink, Paint::Region(class), theme) >= 4.5, "{class}");
            }
        }
    }

    #[test]
    fn fields_grow_lighter() {
        let heights = (0..=64).map(|k| luminance(field(f64::from(k) / 64.0)));
        assert!(heights.collect::<Vec<_>>().is_sorted());
    }
}
