//! Functions taken out of source text: those that are needed, and what they need.
//!
//! Text is read as rustfmt writes it: an item begins and ends in the first column. What an item needs are the names in
//! it that are items beside it, or that its file imports. A file without imports, as in C, sees all files.

use std::collections::{BTreeMap, BTreeSet};

/// Files with functions, constants and structures.
pub(super) struct Library {
    files: Vec<File>,
}

struct File {
    module: String,
    items: Vec<Item>,
    /// Imported names: where each comes from, the part before the last `::`.
    imports: BTreeMap<String, String>,
}

struct Item {
    name: String,
    text: String,
    /// Called like a function: a local variable of the same name is none of its uses.
    is_function: bool,
}

/// Items by file and number.
pub(super) type Chosen = BTreeSet<(usize, usize)>;

impl Library {
    pub(super) fn new<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Library {
        Library { files: files.into_iter().map(|(module, text)| File::new(module, text)).collect() }
    }

    /// Gives an item another text.
    pub(super) fn replace(&mut self, name: &str, text: String) {
        let items = self.files.iter_mut().flat_map(|file| &mut file.items);
        if let Some(item) = items.into_iter().find(|item| item.name == name) {
            item.text = text;
        }
    }

    /// The functions of these names and all that they need, or the name that there is no function of.
    pub(super) fn closure<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<Chosen, &'n str> {
        let mut open = Vec::new();
        for name in names {
            open.push(self.find(name).ok_or(name)?);
        }
        let mut chosen = Chosen::new();
        while let Some(next) = open.pop() {
            if chosen.insert(next) {
                let (file, item) = (&self.files[next.0], &self.files[next.0].items[next.1]);
                open.extend(words(&item.text).filter_map(|word| self.used(next.0, file, word)));
            }
        }
        Ok(chosen)
    }

    fn find(&self, name: &str) -> Option<(usize, usize)> {
        self.files.iter().enumerate().find_map(|(number, file)| {
            let item = file.items.iter().position(|item| item.name == name);
            item.map(|item| (number, item))
        })
    }

    /// The item that a word in this file stands for.
    fn used(&self, number: usize, file: &File, word: Word<'_>) -> Option<(usize, usize)> {
        let own = file.items.iter().position(|item| item.name == word.text);
        let (number, item) = match own {
            Some(item) => (number, item),
            None if file.imports.is_empty() => self.find(word.text)?,
            None => match file.imports.get(word.text)?.strip_prefix("crate") {
                Some("") => self.find(word.text)?,
                Some(module) => {
                    let module = module.trim_start_matches(':');
                    let number = self.files.iter().position(|file| file.module == module)?;
                    let items = &self.files[number].items;
                    (number, items.iter().position(|item| item.name == word.text)?)
                }
                None => return None,
            },
        };
        let is_function = self.files[number].items[item].is_function;
        (!is_function || word.is_called).then_some((number, item))
    }

    /// Modules in order: the name, what it imports as (path, name), and its items.
    pub(super) fn modules(&self, chosen: &Chosen) -> Vec<Module<'_>> {
        let mut modules: Vec<Module<'_>> = Vec::new();
        for &(number, item) in chosen {
            let file = &self.files[number];
            if modules.last().is_none_or(|module| module.name != file.module) {
                modules.push(Module { name: &file.module, ..Module::default() });
            }
            if let Some(module) = modules.last_mut() {
                let item = &file.items[item];
                module.items.push((&item.name, &item.text));
                for word in words(&item.text) {
                    if let Some((name, path)) = file.imports.get_key_value(word.text)
                        && (!path.starts_with("crate")
                            || self.used(number, file, word).is_some_and(|i| chosen.contains(&i)))
                    {
                        let path = match self.find(name) {
                            Some((home, _)) if path == "crate" => {
                                format!("crate::{}", self.files[home].module)
                            }
                            _ => path.clone(),
                        };
                        module.imports.insert((path, name));
                    }
                }
            }
        }
        modules
    }
}

/// The chosen part of a file.
#[derive(Default)]
pub(super) struct Module<'l> {
    pub(super) name: &'l str,
    pub(super) imports: BTreeSet<(String, &'l str)>,
    /// Names and texts.
    pub(super) items: Vec<(&'l str, &'l str)>,
}

impl File {
    fn new(module: &str, text: &str) -> File {
        let mut file = File { module: module.into(), items: Vec::new(), imports: BTreeMap::new() };
        // What was read of the item that has begun, attributes included.
        let mut item = String::new();
        let mut header = String::new();
        let mut in_comment = false;
        for line in text.lines() {
            in_comment |= header.is_empty() && line.starts_with("/*");
            if in_comment {
                in_comment = !line.ends_with("*/");
                continue;
            }
            let is_first = header.is_empty();
            if is_first && (line.is_empty() || line.starts_with("//")) {
                continue;
            }
            item += line;
            item.push('\n');
            if is_first {
                if line.starts_with("#[") {
                    continue;
                }
                header = line.into();
            }
            let is_value = ["const ", "use ", "pub const ", "static const "]
                .iter()
                .any(|start| header.starts_with(start));
            let whole_line = is_first && line.ends_with([';', '}']);
            let last = line.starts_with(['}', ']']);
            if !(last || whole_line || is_value && line.ends_with(';')) {
                continue;
            }
            if header.starts_with("use ") {
                file.import(&item);
            } else {
                file.items.push(Item {
                    name: name(&header).into(),
                    is_function: header.contains("fn "),
                    text: std::mem::take(&mut item),
                });
            }
            item.clear();
            header.clear();
        }
        file
    }

    /// Reads `use path::{a, b};` or `use path::a;`.
    fn import(&mut self, text: &str) {
        let text = text.trim().trim_start_matches("use ").trim_end_matches(';');
        let (path, names) = match text.split_once("::{") {
            Some((path, names)) => (path, names.trim_end_matches('}')),
            None => text.rsplit_once("::").unwrap_or(("", text)),
        };
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            self.imports.insert(name.into(), path.into());
        }
    }
}

/// The name that an item's first line declares: the last word before what can follow a name.
fn name(header: &str) -> &str {
    let header = header.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
    let end = header.find(['(', '<', '[', ':', '=', '{']).unwrap_or(header.len());
    words(&header[..end]).last().map_or("", |word| word.text)
}

#[derive(Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    is_called: bool,
}

/// The words of a text, in order.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(is_part)?;
        let from = &rest[start..];
        let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        let (word, behind) = from.split_at(end);
        rest = behind;
        Some(Word { text: word, is_called: behind.starts_with('(') })
    })
}
