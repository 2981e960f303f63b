//! Types of the translated subset: numbers, arrays, tuples and structures, and types that a later line tells.

/// A type. References are what they refer to: C passes arrays by address, and nothing else is referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Unit,
    Bool,
    Float,
    /// The name in C.
    Whole(&'static str),
    /// Elements, and how many there are, as C text.
    Array(Box<Type>, String),
    /// An address, and how many elements there are as a variable of its own.
    Slice(Box<Type>),
    Tuple(Vec<Type>),
    /// The name in C, and the fields.
    Struct(String, Vec<(String, Type)>),
    /// Told later: a number of [`Inference`].
    Later(usize),
}

pub(crate) const SIZE: Type = Type::Whole("size_t");
pub(crate) const U32: Type = Type::Whole("uint32_t");
pub(crate) const U64: Type = Type::Whole("uint64_t");
pub(crate) const I32: Type = Type::Whole("int32_t");
pub(crate) const I64: Type = Type::Whole("int64_t");

/// The names of a tuple's entries in C.
pub(crate) const PLACES: [&str; 4] = ["first", "second", "third", "fourth"];

impl Type {
    /// The type of a number, by its name in Rust.
    pub(crate) fn number(name: &str) -> Option<Type> {
        Some(match name {
            "f64" => Type::Float,
            "bool" => Type::Bool,
            "usize" => SIZE,
            "u32" => U32,
            "u64" => U64,
            "i32" => I32,
            "i64" | "isize" => I64,
            _ => return None,
        })
    }

    /// The type before a name; arrays have their length behind it.
    pub(crate) fn name(&self) -> String {
        match self {
            Type::Unit => "void".into(),
            Type::Bool => "int".into(),
            Type::Float => "double".into(),
            Type::Whole(name) => (*name).into(),
            Type::Array(element, _) | Type::Slice(element) => element.name(),
            Type::Tuple(entries) => format!("struct {}", Type::tuple_name(entries)),
            Type::Struct(name, _) => format!("struct {name}"),
            Type::Later(_) => panic!("a type that no line tells"),
        }
    }

    /// The structure that stands for a tuple.
    pub(crate) fn tuple_name(entries: &[Type]) -> String {
        let names: Vec<String> =
            entries.iter().map(|entry| entry.name().replace("_t", "")).collect();
        format!("uphill_{}", names.join("_and_"))
    }

    /// A variable of this type.
    pub(crate) fn declare(&self, name: &str) -> String {
        match self {
            Type::Array(element, length) => element.declare(&format!("{name}[{length}]")),
            _ => format!("{} {name}", self.name()),
        }
    }
}

/// What is known by now of types that a later line tells.
#[derive(Default)]
pub(crate) struct Inference {
    told: Vec<Option<Type>>,
}

impl Inference {
    pub(crate) fn later(&mut self) -> Type {
        self.told.push(None);
        Type::Later(self.told.len() - 1)
    }

    pub(crate) fn known(&self, ty: &Type) -> Type {
        match ty {
            Type::Later(number) => match &self.told[*number] {
                Some(told) => self.known(told),
                None => ty.clone(),
            },
            Type::Tuple(entries) => {
                Type::Tuple(entries.iter().map(|entry| self.known(entry)).collect())
            }
            _ => ty.clone(),
        }
    }

    /// The two are one type; what one of them tells of the other is kept.
    pub(crate) fn same(&mut self, one: &Type, other: &Type) {
        match (self.known(one), self.known(other)) {
            (Type::Later(a), Type::Later(b)) if a == b => {}
            (Type::Later(number), told) | (told, Type::Later(number)) => {
                self.told[number] = Some(told);
            }
            (Type::Tuple(one), Type::Tuple(other)) => {
                one.iter().zip(&other).for_each(|(one, other)| self.same(one, other));
            }
            (
                Type::Array(one, _) | Type::Slice(one),
                Type::Array(other, _) | Type::Slice(other),
            ) => {
                self.same(&one, &other);
            }
            (one, other) => assert_eq!(one, other, "types that should be one"),
        }
    }

    /// A whole number's digits with what C wants behind them.
    fn literal(&self, ty: &Type, digits: &str) -> String {
        match self.known(ty) {
            U64 => format!("UINT64_C({digits})"),
            U32 => format!("{digits}u"),
            I64 => format!("INT64_C({digits})"),
            _ => digits.into(),
        }
    }

    /// Text in which declarations and numbers of types told later have their places, with these filled in.
    pub(crate) fn filled(&self, text: &str) -> String {
        let mut parts = text.split(MARK);
        let mut all = parts.next().unwrap_or("").to_owned();
        while let (Some(place), Some(behind)) = (parts.next(), parts.next()) {
            let (kind, place) = place.split_at(1);
            let (number, name) = place.split_once(':').expect("a place has a number");
            let ty = Type::Later(number.parse().expect("a place has a number"));
            all += &match kind {
                "d" => match self.known(&ty) {
                    Type::Later(_) => I32.declare(name),
                    told => told.declare(name),
                },
                _ => self.literal(&ty, name),
            };
            all += behind;
        }
        all
    }

    /// A declaration, or a place for it.
    pub(crate) fn declare(&self, ty: &Type, name: &str) -> String {
        match self.known(ty) {
            Type::Later(number) => format!("{MARK}d{number}:{name}{MARK}"),
            told => told.declare(name),
        }
    }

    /// A whole number, or a place for it.
    pub(crate) fn number(&self, ty: &Type, digits: &str) -> String {
        match self.known(ty) {
            Type::Later(number) => format!("{MARK}l{number}:{digits}{MARK}"),
            told => self.literal(&told, digits),
        }
    }
}

const MARK: char = '\u{1}';
