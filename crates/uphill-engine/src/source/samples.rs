//! The way from samples to sums: a function for one sample, and around it tiles, leaves and a tree.

use super::body::affine;
use super::function::{Writer, function_text};
use super::language::Language;
use super::signature::Kind;
use crate::code::LEAVES;
use crate::error::Error;

// The templates say so too.
const _: () = assert!(LEAVES == 64);

impl Writer<'_> {
    /// The functions for samples, and the lines that run them over all samples.
    pub(super) fn samples(&mut self) -> Result<String, Error> {
        let (language, program) = (self.shared.language, self.shared.program);
        let layout = &program.layout;
        let mut ends = self.outputs(|place| place.per_sample(), "each");
        let inner = self.parameters(&[Kind::Inputs, Kind::Row, Kind::Memory, Kind::Lane]);
        let whole = self.parameters(&[
            Kind::Inputs,
            Kind::Given,
            Kind::OneOfEach,
            Kind::Memory,
            Kind::Lane,
        ]);
        let mut text = self.gathered_row();
        text += &self.copies("row", layout.per_call, layout.column_count);
        let parts = std::mem::take(&mut self.sections.sample);
        let (added, additions) = self.additions();
        ends.declared = added;
        text += &self.section("sample", &program.sample, &parts, &inner, &ends, &mut 0)?;
        text += &additions;
        let name = format!("{}sample", self.shared.prefix);
        self.functions += &function_text(language, &name, &whole, &text);
        let (all, one) = self.sample_arguments();
        let count = match language {
            Language::Rust => "samples.len()",
            Language::C => "count",
        };
        let mut lines = Vec::new();
        if let Some(place) = self.shared.memory.place(layout.targets)
            && layout.target_count > 0
        {
            lines.push(language.each("k", "0", &layout.target_count.to_string()));
            lines.push(format!("    m[{place} + k] = 0.0;"));
            lines.push("}".into());
        }
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

    /// Lines that put what a sample gathers behind its columns.
    fn gathered_row(&self) -> String {
        let (language, program) = (self.shared.language, self.shared.program);
        let gathering = &program.gathering;
        if gathering.indices.is_empty() {
            return String::new();
        }
        let mut lines = Vec::new();
        for (number, index) in gathering.indices.iter().enumerate() {
            lines.push(match language {
                Language::Rust => format!("let index{number} = row[{}] as usize;", index.column),
                Language::C => {
                    format!("const size_t index{number} = (size_t)row[{}];", index.column)
                }
            });
        }
        let mut all: Vec<String> = (0..gathering.given).map(|k| format!("row[{k}]")).collect();
        for gather in &gathering.gathers {
            let from = gather.from - program.layout.shared;
            all.extend(
                (from..from + gather.width).map(|from| {
                    format!("inputs[{from} + {} * index{}]", gather.width, gather.index)
                }),
            );
        }
        let list = all.join(", ");
        match language {
            Language::Rust => lines.push(format!("let row = &[{list}];")),
            Language::C => {
                lines.push(format!("const double all[{}] = {{{list}}};", all.len()));
                lines.push("row = all;".into());
                // Where nothing of a row is read.
                lines.push("(void)row;".into());
            }
        }
        lines.iter().map(|line| format!("    {line}\n")).collect()
    }

    /// Names for what a sample adds at places of its own, and the lines that add it.
    fn additions(&self) -> (Vec<(String, u32)>, String) {
        let (language, program) = (self.shared.language, self.shared.program);
        let (mut names, mut lines) = (Vec::new(), String::new());
        for (number, scatter) in program.gathering.scatters.iter().enumerate() {
            let declared = match language {
                Language::Rust => format!("let added{number}"),
                Language::C => format!("const double added{number}"),
            };
            names.push((declared, scatter.address));
            let first = program.layout.targets + scatter.first;
            let place = self.shared.memory.place(first).unwrap_or(0);
            let (stride, index) = (scatter.stride, scatter.index);
            lines += &format!("    m[{place} + {stride} * index{index}] += added{number};\n");
        }
        (names, lines)
    }

    /// The arguments for all samples, and those for sample `s`.
    fn sample_arguments(&self) -> (String, String) {
        let (width, outputs) = (self.shared.program.gathering.given, self.per_sample());
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
