//! A scene as SVG: one line a thing, numbers with at most two decimals, colours of a theme or names of a style sheet.

use std::fmt::Write;

use crate::font::FAMILY;
use crate::scene::{Anchor, Group, Ink, Item, Outline, Picture, Point, Step, Stroke, Text};
use crate::theme::{CLASSES, NAMED, Paint, Theme, colour};

/// Where colours come from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Coat {
    Theme(Theme),
    /// The style sheet of the page around: `var(--ink)`.
    Page,
}

/// A file of its own.
pub(crate) fn write(picture: &Picture, theme: Theme) -> String {
    let (width, height) = (number(picture.width), number(picture.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FAMILY}\">\n"
    );
    out += &format!("<title>{}</title>\n", escape(&picture.title));
    if !picture.description.is_empty() {
        out += &format!("<desc>{}</desc>\n", escape(&picture.description));
    }
    let ground = hex(colour(Paint::Ground, theme));
    out += &format!("<rect width=\"{width}\" height=\"{height}\" fill=\"{ground}\"/>\n");
    items(&mut out, &picture.items, Coat::Theme(theme));
    out + "</svg>\n"
}

/// A part of a page, which has the colours in its style sheet.
pub(crate) fn inline(picture: &Picture, class: &str) -> String {
    let (width, height) = (number(picture.width), number(picture.height));
    let label = escape(&format!("{}. {}", picture.title, picture.description));
    let mut out = format!(
        "<svg class=\"{class}\" style=\"--natural:{width}px\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"group\" aria-label=\"{label}\">\n"
    );
    items(&mut out, &picture.items, Coat::Page);
    out + "</svg>\n"
}

fn items(out: &mut String, list: &[Item], coat: Coat) {
    for item in list {
        match item {
            Item::Shape { outline, fill, stroke } => {
                let style = fill_attributes(*fill, coat) + &stroke_attributes(*stroke, coat);
                shape(out, outline, &style);
            }
            Item::Text(text) => write_text(out, text, coat),
            Item::Group(group) => write_group(out, group, coat),
            Item::Mesh { faces, stroke } => {
                let style = stroke_attributes(Some(*stroke), coat);
                *out += &format!("<g{style}>\n");
                for (points, paint) in faces {
                    let path = path_data(&Outline::around(points));
                    *out += &format!("<path fill=\"{}\" d=\"{path}\"/>\n", named(*paint, coat));
                }
                *out += "</g>\n";
            }
        }
    }
}

fn shape(out: &mut String, outline: &Outline, style: &str) {
    let geometry = match outline {
        Outline::Box { left, top, width, height, round } => {
            let round =
                if *round > 0.0 { format!(" rx=\"{}\"", number(*round)) } else { String::new() };
            format!(
                "rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{round}",
                number(*left),
                number(*top),
                number(*width),
                number(*height)
            )
        }
        Outline::Circle { centre, radius } => format!(
            "circle cx=\"{}\" cy=\"{}\" r=\"{}\"",
            number(centre.x),
            number(centre.y),
            number(*radius)
        ),
        Outline::Path(_) => format!("path d=\"{}\"", path_data(outline)),
    };
    *out += &format!("<{geometry}{style}/>\n");
}

fn path_data(outline: &Outline) -> String {
    let Outline::Path(steps) = outline else { return String::new() };
    let mut data = String::new();
    let point = |p: &Point| format!("{} {}", number(p.x), number(p.y));
    let mut lines = false;
    for step in steps {
        let continues = lines && matches!(step, Step::Line(_));
        lines = matches!(step, Step::Line(_));
        let written = match step {
            Step::Move(to) => write!(data, "M{}", point(to)),
            Step::Line(to) if continues => write!(data, " {}", point(to)),
            Step::Line(to) => write!(data, "L{}", point(to)),
            Step::Curve(one, two, to) => {
                write!(data, "C{} {} {}", point(one), point(two), point(to))
            }
            Step::Close => write!(data, "z"),
        };
        debug_assert!(written.is_ok(), "a string takes all");
    }
    data
}

fn write_text(out: &mut String, text: &Text, coat: Coat) {
    let (x, y) = (number(text.at.x), number(text.at.y));
    let anchor = match text.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let turned =
        if text.turned { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
    let halo = match text.halo {
        true => format!(
            " stroke=\"{}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
            named(Paint::Ground, coat)
        ),
        false => String::new(),
    };
    let fill = named(text.paint, coat);
    let size = number(text.size);
    let content = escape(&text.content);
    *out += &format!(
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{fill}\"{anchor}{turned}{halo}>{content}</text>\n"
    );
}

fn write_group(out: &mut String, group: &Group, coat: Coat) {
    let attributes = group.attributes.iter();
    let attributes = attributes.map(|(name, value)| format!(" {name}=\"{}\"", escape(value)));
    *out += &format!("<g{}>\n", attributes.collect::<String>());
    if let Some(hint) = &group.hint {
        *out += &format!("<title>{}</title>\n", escape(hint));
    }
    items(out, &group.items, coat);
    *out += "</g>\n";
}

fn fill_attributes(fill: Option<Ink>, coat: Coat) -> String {
    match fill {
        None => " fill=\"none\"".into(),
        Some(ink) => format!(" fill=\"{}\"", named(ink.paint, coat)) + &opacity("fill", ink),
    }
}

fn stroke_attributes(stroke: Option<Stroke>, coat: Coat) -> String {
    let Some(stroke) = stroke else { return String::new() };
    let dash = match stroke.dash {
        Some([on, off]) => format!(" stroke-dasharray=\"{} {}\"", number(on), number(off)),
        None => String::new(),
    };
    format!(
        " stroke=\"{}\" stroke-width=\"{}\"{} stroke-linejoin=\"round\" stroke-linecap=\"round\"{dash}",
        named(stroke.ink.paint, coat),
        number(stroke.width),
        opacity("stroke", stroke.ink)
    )
}

fn opacity(what: &str, ink: Ink) -> String {
    if ink.opacity >= 1.0 {
        return String::new();
    }
    format!(" {what}-opacity=\"{}\"", number(ink.opacity))
}

fn named(paint: Paint, coat: Coat) -> String {
    // Colours of classes come again.
    let known_as = match paint {
        Paint::Class(class) => Paint::Class(class % CLASSES.len()),
        Paint::Region(class) => Paint::Region(class % CLASSES.len()),
        paint => paint,
    };
    let name = NAMED.iter().find(|(known, _)| *known == known_as);
    match (coat, name) {
        (Coat::Page, Some((_, name))) => format!("var(--{name})"),
        (Coat::Page, None) => hex(colour(paint, Theme::Light)),
        (Coat::Theme(theme), _) => hex(colour(paint, theme)),
    }
}

/// The colours of a theme as a style sheet has them.
pub(crate) fn style_sheet(theme: Theme) -> String {
    let line = |(paint, name): &(Paint, &str)| format!("--{name}:{};", hex(colour(*paint, theme)));
    NAMED.iter().map(line).collect()
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A coordinate: at most two decimals, none that say nothing.
pub(crate) fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// A text inside an element or a quoted attribute. Control characters, which XML can't hold, become `�`.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escape, number};

    #[test]
    fn numbers_are_short() {
        let numbers = [0.0, -0.001, 1.0, 2.5, 2.71234, -100.0, 1000.0].map(number);
        assert_eq!(numbers, ["0", "0", "1", "2.5", "2.71", "-100", "1000"]);
    }

    #[test]
    fn names_stay_text() {
        assert_eq!(
            escape("</script> & \"o'1\"\u{1}"),
            "&lt;/script&gt; &amp; &quot;o&#39;1&quot;\u{fffd}"
        );
    }
}
