//! The page's template: lines with fields in double braces, and sections that may be left out.

/// The template with its fields; sections that are not there are left out.
pub(super) fn filled(
    template: &str,
    fields: &[(&str, String)],
    sections: &[(&str, bool)],
) -> String {
    let mut out = String::with_capacity(template.len());
    let mut skipped: Option<&str> = None;
    for line in template.lines() {
        let line_field = line.trim();
        if let Some(name) = line_field.strip_prefix("{{begin ").and_then(|s| s.strip_suffix("}}")) {
            if sections.contains(&(name, false)) {
                skipped = Some(name);
            }
            continue;
        }
        if let Some(name) = line_field.strip_prefix("{{end ").and_then(|s| s.strip_suffix("}}")) {
            if skipped == Some(name) {
                skipped = None;
            }
            continue;
        }
        if skipped.is_some() {
            continue;
        }
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            let Some((name, after)) = after.split_once("}}") else {
                rest = after;
                continue;
            };
            let field = fields.iter().find(|(known, _)| *known == name);
            out.push_str(field.map_or("", |(_, text)| text));
            rest = after;
        }
        out.push_str(rest);
        out.push('\n');
    }
    out
}
