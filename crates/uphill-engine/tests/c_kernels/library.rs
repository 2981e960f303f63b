//! Items by module and name, and what names stand for.

use std::collections::{BTreeMap, HashMap};

use syn::{Item, ItemFn, Meta, UseTree, Visibility};

/// Operations that C and Rust both round correctly, by their names in C.
const SAME_IN_C: [&str; 10] =
    ["ceil", "copysign", "fabs", "floor", "fma", "fmod", "rint", "round", "scalbn", "sqrt"];

#[derive(Default)]
struct Module {
    items: HashMap<String, Item>,
    /// Imported names and whole paths.
    imports: HashMap<String, Vec<String>>,
}

/// What a name stands for.
pub(crate) enum Found<'l> {
    /// A function of C's library.
    Builtin(String),
    /// An item and its module.
    Item(String, &'l Item),
    Number(f64),
}

/// Rust text as items.
#[derive(Default)]
pub(crate) struct Library {
    modules: BTreeMap<String, Module>,
}

impl Library {
    /// Reads a file. Modules of the crate `libm` are named `libm/…`.
    pub(crate) fn add(&mut self, name: &str, text: &str) {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let module = self.modules.entry(name.into()).or_default();
        for item in file.items {
            module.add(item);
        }
    }

    /// What a path stands for in a module.
    pub(crate) fn find(&self, module: &str, path: &[String]) -> Option<Found<'_>> {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [name] => match self.item(module, name) {
                Some(found) => Some(found),
                None => self.find(module, self.modules[module].imports.get(*name)?),
            },
            ["libm" | "super", name] => self.in_libm(name),
            ["crate", home, name] => self.item(home, name),
            ["crate", name] => self.modules.keys().find_map(|home| self.item(home, name)),
            ["core" | "std", "f64", "consts", name] => constant(name).map(Found::Number),
            _ => None,
        }
    }

    /// The functions that users of a module see, in the order of their names.
    pub(crate) fn functions(&self, module: &str) -> Vec<&ItemFn> {
        let items = self.modules[module].items.values();
        let mut functions: Vec<&ItemFn> = items
            .filter_map(|item| match item {
                Item::Fn(item) if matches!(item.vis, Visibility::Public(_)) => Some(item),
                _ => None,
            })
            .collect();
        functions.sort_by_key(|item| item.sig.ident.to_string());
        functions
    }

    fn item(&self, module: &str, name: &str) -> Option<Found<'_>> {
        match (module, name) {
            ("arithmetic", "mul_add") => return Some(Found::Builtin("fma".into())),
            ("arithmetic", "sqrt") => return Some(Found::Builtin("sqrt".into())),
            _ => {}
        }
        self.modules.get(module)?.items.get(name).map(|item| Found::Item(module.into(), item))
    }

    fn in_libm(&self, name: &str) -> Option<Found<'_>> {
        if SAME_IN_C.contains(&name) {
            return Some(Found::Builtin(name.into()));
        }
        self.item(&format!("libm/{name}"), name).or_else(|| self.item("libm/mod", name))
    }
}

impl Module {
    fn add(&mut self, item: Item) {
        match item {
            Item::Use(item) => self.import(&mut Vec::new(), &item.tree),
            Item::Fn(item) if is_on(&item.attrs) => {
                // A function in a function is one beside it.
                for statement in &item.block.stmts {
                    if let syn::Stmt::Item(inner @ Item::Fn(_)) = statement {
                        self.add(inner.clone());
                    }
                }
                self.items.insert(item.sig.ident.to_string(), Item::Fn(item));
            }
            Item::Static(item) => {
                let (name, ty, value) = (item.ident, item.ty, item.expr);
                self.add(syn::parse_quote!(const #name: #ty = #value;));
            }
            Item::Const(item) if is_on(&item.attrs) => {
                self.items.insert(item.ident.to_string(), Item::Const(item));
            }
            Item::Struct(item) => {
                self.items.insert(item.ident.to_string(), Item::Struct(item));
            }
            _ => {}
        }
    }

    fn import(&mut self, path: &mut Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                self.import(path, &tree.tree);
                path.pop();
            }
            UseTree::Group(tree) => tree.items.iter().for_each(|tree| self.import(path, tree)),
            UseTree::Name(tree) => {
                let name = tree.ident.to_string();
                let path = path.iter().cloned().chain([name.clone()]).collect();
                self.imports.insert(name, path);
            }
            UseTree::Rename(_) | UseTree::Glob(_) => {}
        }
    }
}

/// Whether an item is compiled: the text is for every platform, without checks.
pub(crate) fn is_on(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().all(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string().replace(' ', "");
            // What of a table 64 bits have more is for numbers longer than `f64`.
            condition.starts_with("not(debug_assertions")
                || condition.contains("pointer_width=\"32\"")
        }
        _ => true,
    })
}

fn constant(name: &str) -> Option<f64> {
    use std::f64::consts;
    Some(match name {
        "FRAC_1_SQRT_2" => consts::FRAC_1_SQRT_2,
        "FRAC_2_PI" => consts::FRAC_2_PI,
        "FRAC_PI_2" => consts::FRAC_PI_2,
        "FRAC_PI_4" => consts::FRAC_PI_4,
        "LN_2" => consts::LN_2,
        "LOG10_E" => consts::LOG10_E,
        "LOG2_E" => consts::LOG2_E,
        "PI" => consts::PI,
        "SQRT_2" => consts::SQRT_2,
        _ => return None,
    })
}

/// The parts of a path.
pub(crate) fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}
