//! What files say of loops, as they are written and read: walks, feeds, results and targets.

use std::fmt;

use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::object::Object;
use crate::inputs::Role;

/// A walk; one that stays at the first place is left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WalkEntry {
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) start: i64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) stride: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) table: Option<u64>,
    /// The entry of the table that the first iteration looks up, and how many further the next one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) first: i64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) step: i64,
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// An input of a body, and how it comes by its values: exactly one of `read`, `carried` and `counter`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedEntry {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) length: Option<u32>,
    #[serde(default = "variable", skip_serializing_if = "is_variable")]
    pub(super) role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) read: Option<Object<ReadEntry>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) carried: Option<Object<CarriedEntry>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) counter: Option<Object<CounterEntry>>,
}

fn variable() -> Role {
    Role::Variable
}

fn is_variable(role: &Role) -> bool {
    *role == Role::Variable
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadEntry {
    /// The node around the loop from which the walk goes on.
    pub(super) node: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) walk: Option<Object<WalkEntry>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CarriedEntry {
    /// The first value, a node around the loop.
    pub(super) first: u64,
    /// The output of the body that is the next value.
    pub(super) next: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CounterEntry {
    pub(super) start: i64,
    pub(super) step: i64,
}

/// A result of a loop: by the number of an input, an output or a target of its body.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ResultEntry {
    Last(u64),
    Sequence(u64),
    Sum(u64),
    Target(u64),
}

/// A vector to which iterations add.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetEntry {
    pub(super) length: u64,
    pub(super) adds: Vec<Object<AddEntry>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddEntry {
    pub(super) output: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) walk: Option<Object<WalkEntry>>,
}

/// An output of a body: a node, or the first one of a vector's entries and how many there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct SliceEntry {
    pub(super) first: u64,
    pub(super) width: u64,
}

impl Serialize for SliceEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.width {
            1 => serializer.serialize_u64(self.first),
            width => (self.first, width).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for SliceEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SliceEntry, D::Error> {
        struct SliceVisitor;

        impl<'de> Visitor<'de> for SliceVisitor {
            type Value = SliceEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the number of a node, or [number, length] for entries of a vector")
            }

            fn visit_u64<E: serde::de::Error>(self, first: u64) -> Result<SliceEntry, E> {
                Ok(SliceEntry { first, width: 1 })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<SliceEntry, A::Error> {
                let (Some(first), Some(width)) = (list.next_element()?, list.next_element()?)
                else {
                    return Err(A::Error::invalid_length(1, &self));
                };
                match list.next_element::<serde::de::IgnoredAny>()? {
                    None => Ok(SliceEntry { first, width }),
                    Some(_) => Err(A::Error::invalid_length(3, &self)),
                }
            }
        }

        deserializer.deserialize_any(SliceVisitor)
    }
}
