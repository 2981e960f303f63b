//! A scene as a Mermaid flowchart.
//!
//! Mermaid reads Markdown and character references in quoted labels, so all that could mean something there is written
//! as a reference: `#42;` is a star. Colours are those of the DOT form.

use super::{Look, Scene, Shape};

/// Class names and their looks, in the order in which they are defined.
const CLASSES: [(&str, &str); 6] = [
    ("variable", "fill:#d9ecf8,stroke:#0072b2,color:#1a1a1a"),
    ("parameter", "fill:#d9ecf8,stroke:#0072b2,color:#1a1a1a,stroke-dasharray:4"),
    ("named", "fill:#f5f5f5,stroke:#666666,color:#1a1a1a"),
    ("operation", "fill:#f5f5f5,stroke:#666666,color:#1a1a1a"),
    ("number", "fill:none,stroke:none,color:#808080,font-size:12px"),
    ("output", "fill:#fde8d0,stroke:#d55e00,color:#1a1a1a"),
];

pub(super) fn write(scene: &Scene) -> String {
    let mut text = String::from("flowchart LR\n");
    within(scene, None, "  ", &mut text);
    for arrow in &scene.arrows {
        let label = arrow.place.as_ref().map(|place| format!("|\"{}\"|", escape(place)));
        text += &format!("  {} -->{} {}\n", arrow.from, label.unwrap_or_default(), arrow.to);
    }
    for (name, look) in CLASSES {
        if scene.shapes.iter().any(|shape| class(shape) == name) {
            text += &format!("  classDef {name} {look}\n");
        }
    }
    text
}

/// The shapes in a frame, or in none, then the frames there.
fn within(scene: &Scene, frame: Option<usize>, indent: &str, text: &mut String) {
    for shape in scene.shapes.iter().filter(|shape| shape.frame == frame) {
        let lines: Vec<String> = shape.lines.iter().map(|line| escape(line)).collect();
        let (open, close) = match shape.look {
            _ if shape.is_output => ("[[", "]]"),
            Look::Operation => ("([", "])"),
            _ => ("[", "]"),
        };
        let label = lines.join("<br/>");
        *text += &format!("{indent}{}{open}\"{label}\"{close}:::{}\n", shape.key, class(shape));
    }
    for (number, inner) in scene.frames.iter().enumerate().filter(|(_, f)| f.parent == frame) {
        *text += &format!("{indent}subgraph loop_{}[\"{}\"]\n", inner.key, escape(&inner.title));
        within(scene, Some(number), &format!("{indent}  "), text);
        *text += &format!("{indent}end\n");
    }
}

fn class(shape: &Shape) -> &'static str {
    match shape.look {
        _ if shape.is_output => "output",
        Look::Variable => "variable",
        Look::Parameter => "parameter",
        Look::Named => "named",
        Look::Operation => "operation",
        Look::Number => "number",
    }
}

/// One line of a label. Letters, digits and harmless signs stay; every other ASCII sign becomes a character reference,
/// and so does what would begin a list or a heading.
fn escape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("#quot;"),
            '\n' => out.push_str("<br/>"),
            '+' | '-' | '=' if !out.is_empty() => out.push(c),
            '.' if rest.peek().is_some_and(char::is_ascii_digit) => out.push(c),
            '[' | ']' | ',' | '/' | '^' | ' ' => out.push(c),
            _ if c.is_ascii_alphanumeric() || !c.is_ascii() => out.push(c),
            _ => out.push_str(&format!("#{};", u32::from(c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn labels_say_what_names_say() {
        assert_eq!(escape(r#"Robert→H1 "a\b""#), "Robert→H1 #quot;a#92;b#quot;");
        assert_eq!(escape("w[3] = 0.5"), "w[3] = 0.5");
        assert_eq!(escape("-a + b - c*d"), "#45;a + b - c#42;d");
        assert_eq!(escape("1. <b>*x*</b> #1;"), "1#46; #60;b#62;#42;x#42;#60;/b#62; #35;1#59;");
    }
}
