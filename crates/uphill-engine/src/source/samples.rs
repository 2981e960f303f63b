//! The way from samples to sums: a function for one sample, and around it tiles, leaves and a tree.

use super::body::affine;
use super::function::{Writer, function_text};
use super::language::Language;
use super::signature::Kind;
use crate::error::Error;
use crate::run::LEAVES;

// The templates say so too.
const _: () = assert!(LEAVES == 64);

impl Writer<'_> {
    /// The functions for samples, and the lines that run them over all samples.
    pub(super) fn samples(&mut self) -> Result<String, Error> {
        let (language, program) = (self.shared.language, self.shared.program);
        let layout = &program.layout;
        let ends = self.outputs(|place| place.per_sample(), "each");
        let inner = self.parameters(&[Kind::Inputs, Kind::Row, Kind::Memory, Kind::Lane]);
        let whole =
            self.parameters(&[Kind::Inputs, Kind::Row, Kind::OneOfEach, Kind::Memory, Kind::Lane]);
        let mut text = self.copies("row", layout.per_call, layout.column_count);
        let parts = std::mem::take(&mut self.sections.sample);
        text += &self.section("sample", &program.sample, &parts, &inner, &ends, &mut 0)?;
        let name = format!("{}sample", self.shared.prefix);
        self.functions += &function_text(language, &name, &whole, &text);
        let (all, one) = self.sample_arguments();
        let count = match language {
            Language::Rust => "samples.len()",
            Language::C => "count",
        };
        let mut lines = Vec::new();
        let sums = layout.sum_count;
        if sums == 0 {
            lines.push(language.each("s", "0", count));
            lines.push(format!("    {name}({one}, 0);"));
            lines.push("}".into());
        } else {
            self.functions += &self.tree(&all, &one);
            let (levels, prefix) = (self.shared.memory.levels, &self.shared.prefix);
            let tile = program.tile;
            lines.push(language.each("k", "0", &sums.to_string()));
            lines.push(format!("    m[{levels} + k] = 0.0;"));
            lines.push("}".into());
            let call = format!("    {prefix}tree({all}, 0, ");
            lines.extend(match language {
                Language::Rust => [
                    format!("let tiles = samples.len().div_ceil({tile});"),
                    "if tiles > 0 {".into(),
                    call + "usize::min(tiles, 64), tiles, 0);",
                    "}".into(),
                ],
                Language::C => [
                    format!("const size_t tiles = count / {tile} + (count % {tile} != 0);"),
                    "if (tiles > 0) {".into(),
                    call + "tiles < 64 ? tiles : 64, tiles, 0);",
                    "}".into(),
                ],
            });
            let place = self.shared.memory.place(layout.sums).unwrap_or(0);
            lines.push(language.each("k", "0", &sums.to_string()));
            let at = affine(place, &[(1, "k")], "");
            lines.push(format!("    m[{at}] = m[{levels} + k];"));
            lines.push("}".into());
        }
        if let Some(place) = self.shared.memory.place(layout.sample_count) {
            lines.push(match language {
                Language::Rust => format!("m[{place}] = samples.len() as f64;"),
                Language::C => format!("m[{place}] = (double)count;"),
            });
        }
        Ok(lines.iter().map(|line| format!("    {line}\n")).collect())
    }

    /// The arguments for all samples, and those for sample `s`.
    fn sample_arguments(&self) -> (String, String) {
        let (width, outputs) = (self.shared.program.layout.column_count, self.per_sample());
        let (mut all, mut one) = (vec!["inputs".to_owned()], vec!["inputs".to_owned()]);
        match self.shared.language {
            Language::Rust => {
                all.push("samples".into());
                one.push("&samples[s]".into());
                if outputs > 0 {
                    all.push("each".into());
                    one.push("&mut each[s]".into());
                }
            }
            Language::C => {
                if width > 0 {
                    all.push("samples".into());
                    one.push(format!("samples + {width} * s"));
                }
                all.push("count".into());
                if outputs > 0 {
                    all.push("each".into());
                    one.push(format!("each + {outputs} * s"));
                }
            }
        }
        if self.shared.memory.size > 0 {
            all.push("m".into());
            one.push("m".into());
        }
        (all.join(", "), one.join(", "))
    }

    fn tree(&self, all: &str, one: &str) -> String {
        let memory = &self.shared.memory;
        let sums = self.shared.program.layout.sum_count;
        let template = match self.shared.language {
            Language::Rust => include_str!("text/samples.rs.in"),
            Language::C => include_str!("text/samples.c.in"),
        };
        let parameters = self.parameters(&[Kind::Inputs, Kind::Samples, Kind::Each, Kind::Memory]);
        let parameters: Vec<String> = parameters.into_iter().map(|(_, text)| text).collect();
        template
            .replace("NAME_", &self.shared.prefix)
            .replace("PARAMETERS", &parameters.join(", "))
            .replace("ARGUMENTS", all)
            .replace("SAMPLE", one)
            .replace("PARTIAL_SUMS", &(8 * sums).to_string())
            .replace("PARTIALS", &memory.partials.to_string())
            .replace("LEVELS", &memory.levels.to_string())
            .replace("SUMS", &sums.to_string())
            .replace("TILE", &self.shared.program.tile.to_string())
    }
}
