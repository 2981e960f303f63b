//! A scene in Graphviz's DOT language.
//!
//! Each node says its shape and colours itself, so that one can be copied into another picture. Fills are light with
//! dark letters, and what stands on the ground is mid-grey: it reads on white and on black. Blue and orange can be told
//! apart by the colour-blind, and each goes with a shape of its own.

use super::{Look, Scene, Shape};

const HEADER: &str = r##"  rankdir=LR;
  bgcolor="transparent";
  node [fontname="Helvetica,Arial,sans-serif", fontsize=12, fontcolor="#1a1a1a", width=0.4, height=0.3, margin="0.12,0.05"];
  edge [fontname="Helvetica,Arial,sans-serif", fontsize=9, fontcolor="#808080", color="#808080", arrowsize=0.7];
"##;

const FRAME: &str = r##"style=rounded; color="#808080"; fontcolor="#808080"; fontname="Helvetica,Arial,sans-serif"; fontsize=11;"##;

pub(super) fn write(scene: &Scene, title: &str) -> String {
    let mut text = format!("digraph \"{}\" {{\n{HEADER}", escape(title));
    within(scene, None, "  ", &mut text);
    let is_input = |shape: &&Shape| {
        matches!(shape.look, Look::Variable | Look::Parameter) && shape.frame.is_none()
    };
    let inputs: Vec<&str> =
        scene.shapes.iter().filter(is_input).map(|shape| shape.key.as_str()).collect();
    if inputs.len() > 1 {
        text += &format!("  {{ rank=same; {}; }}\n", inputs.join("; "));
    }
    for arrow in &scene.arrows {
        let label = arrow.place.as_ref().map(|place| format!(" [label=\"{}\"]", escape(place)));
        text += &format!("  {} -> {}{};\n", arrow.from, arrow.to, label.unwrap_or_default());
    }
    text + "}\n"
}

/// The shapes in a frame, or in none, then the frames there.
fn within(scene: &Scene, frame: Option<usize>, indent: &str, text: &mut String) {
    // Graphviz lays out from the bottom up, so the last node comes first.
    for shape in scene.shapes.iter().rev().filter(|shape| shape.frame == frame) {
        let lines: Vec<String> = shape.lines.iter().map(|line| escape(line)).collect();
        let label = lines.join("\\n");
        *text += &format!("{indent}{} [label=\"{label}\", {}];\n", shape.key, attributes(shape));
    }
    for (number, inner) in scene.frames.iter().enumerate().filter(|(_, f)| f.parent == frame) {
        *text += &format!(
            "{indent}subgraph cluster_{} {{\n{indent}  label=\"{}\"; {FRAME}\n",
            inner.key,
            escape(&inner.title)
        );
        within(scene, Some(number), &format!("{indent}  "), text);
        *text += &format!("{indent}}}\n");
    }
}

fn attributes(shape: &Shape) -> String {
    let form = match shape.look {
        Look::Number => return r##"shape=plain, fontsize=10, fontcolor="#808080""##.into(),
        Look::Operation => "shape=ellipse, style=filled",
        Look::Variable | Look::Named => "shape=box, style=filled",
        Look::Parameter => r#"shape=box, style="filled,dashed""#,
    };
    let double = if shape.is_output { ", peripheries=2" } else { "" };
    let (fill, line) = match shape.look {
        _ if shape.is_output => ("#fde8d0", "#d55e00"),
        Look::Variable | Look::Parameter => ("#d9ecf8", "#0072b2"),
        _ => ("#f5f5f5", "#666666"),
    };
    format!("{form}{double}, fillcolor=\"{fill}\", color=\"{line}\"")
}

/// For a quoted string; Graphviz reads character references such as `&lt;` in labels, too.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '&' => out.push_str("&amp;"),
            '\n' => out.push_str("\\n"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn labels_say_what_names_say() {
        assert_eq!(escape(r#"Robert→H1 "a\b" &lt;"#), r#"Robert→H1 \"a\\b\" &amp;lt;"#);
        assert_eq!(escape("two\nlines"), "two\\nlines");
    }
}
