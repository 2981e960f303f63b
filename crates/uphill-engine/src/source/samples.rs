//! The way from samples to sums: a function for one sample, and around it tiles, leaves and a tree.

use super::function::{Writer, function_text};
use super::language::Language;
use super::shared::affine;
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
        let inner = self.shared.parameters(&[Kind::Inputs, Kind::Row, Kind::Memory, Kind::Lane]);
        let whole = self.shared.parameters(&[
            Kind::Inputs,
            Kind::Given,
            Kind::OneOfEach,
            Kind::Memory,
            Kind::Lane,
        ]);
        let mut text = self.gathered_row();
        text += &self.copies(
            self.shared.memory_of_samples(),
            "row",
            layout.per_call,
            layout.column_count,
        );
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
        // What samples read of the call, rounded once.
        let memory = &self.shared.memory;
        let read = if memory.singles > 0 { memory.read_of_call.as_slice() } else { &[] };
        for run in read.chunk_by(|one, next| one + 1 == *next) {
            let (first, end) = (run[0].to_string(), run[run.len() - 1] + 1);
            lines.push(language.each("k", &first, &end.to_string()));
            lines.push(format!("    singles[k] = {};", language.rounded("m[k]")));
            lines.push("}".into());
        }
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
            all.extend((from..from + gather.width).map(|from| {
                let input = format!("inputs[{from} + {} * index{}]", gather.width, gather.index);
                if self.shared.is_single { language.rounded(&input) } else { input }
            }));
        }
        let list = all.join(", ");
        match language {
            Language::Rust => lines.push(format!("let row = &[{list}];")),
            Language::C => {
                let of = language.type_of(self.shared.of_sample());
                lines.push(format!("const {of} all[{}] = {{{list}}};", all.len()));
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
                Language::C => {
                    format!("const {} added{number}", language.type_of(self.shared.of_sample()))
                }
            };
            names.push((declared, scatter.address));
            let first = program.layout.targets + scatter.first;
            let place = self.shared.memory.place(first).unwrap_or(0);
            let (stride, index) = (scatter.stride, scatter.index);
            let mut added = format!("added{number}");
            if self.shared.is_single {
                added = language.widened(&added);
            }
            lines += &format!("    m[{place} + {stride} * index{index}] += {added};\n");
        }
        (names, lines)
    }

    /// The arguments for all samples, and those for sample `s`.
    fn sample_arguments(&self) -> (String, String) {
        let (width, outputs) = (self.shared.program.gathering.given, self.shared.per_sample());
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
        let memory = &self.shared.memory;
        for (name, _) in
            [("m", memory.size), ("singles", memory.singles)].iter().filter(|m| m.1 > 0)
        {
            all.push((*name).into());
            one.push((*name).into());
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
        let parameters =
            self.shared.parameters(&[Kind::Inputs, Kind::Samples, Kind::Each, Kind::Memory]);
        let parameters: Vec<String> = parameters.into_iter().map(|(_, text)| text).collect();
        let partials = self.shared.memory_of_samples();
        let mut total = total(partials, 0, 1, memory.lanes);
        if self.shared.is_single {
            total = self.shared.language.widened(&format!("({total})"));
        }
        template
            .replace("NAME_", &self.shared.prefix)
            .replace("TOTAL", &total)
            .replace("MEMORY[", &format!("{partials}["))
            .replace("LANES", &memory.lanes.to_string())
            .replace("PARAMETERS", &parameters.join(", "))
            .replace("ARGUMENTS", all)
            .replace("SAMPLE", one)
            .replace("PARTIAL_SUMS", &(memory.lanes * sums as usize).to_string())
            .replace("PARTIALS", &memory.partials.to_string())
            .replace("LEVELS", &memory.levels.to_string())
            .replace("SUMS", &sums.to_string())
            .replace("TILE", &self.shared.program.tile.to_string())
    }
}

/// A tile's partial sums from `first` on, each so many further: the upper half is added to the lower half, and so on.
fn total(array: &str, first: usize, step: usize, lanes: usize) -> String {
    if step == lanes {
        return if first == 0 { format!("{array}[p]") } else { format!("{array}[p + {first}]") };
    }
    let halves = [first, first + step].map(|first| total(array, first, 2 * step, lanes));
    let [lower, upper] =
        halves.map(|half| if 2 * step == lanes { half } else { format!("({half})") });
    format!("{lower} + {upper}")
}
