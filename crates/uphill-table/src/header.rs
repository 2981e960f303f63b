//! The names of columns, found by a hash: a table may have a million of them.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// The columns that have a name, in order, each with its place in a row.
#[derive(Debug, Default)]
pub(crate) struct Header {
    names: Vec<String>,
    places: Vec<usize>,
    /// The places of columns without a name.
    unnamed: Vec<usize>,
    least_width: usize,
    /// Places in `names`, by the names' hashes.
    index: HashTable<usize>,
    hasher: RandomState,
}

/// How the columns of two headers differ.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// A column that the other has not.
    Added(String),
    /// A column that the other has alone.
    Missing(String),
}

impl Header {
    /// With room for so many names.
    pub(crate) fn with_room(count: usize) -> Header {
        Header { index: HashTable::with_capacity(count), ..Header::default() }
    }

    /// Adds a column that follows those so far; one without a name may hold nothing. Gives the name back if another
    /// column has it.
    pub(crate) fn push(&mut self, name: &str) -> Result<(), String> {
        let place = self.names.len() + self.unnamed.len();
        if name.is_empty() {
            self.unnamed.push(place);
            return Ok(());
        }
        let hash = self.hasher.hash_one(name);
        if self.find_hashed(hash, name).is_some() {
            return Err(name.to_owned());
        }
        let Header { names, index, hasher, .. } = self;
        names.push(name.to_owned());
        index.insert_unique(hash, names.len() - 1, |&k| hasher.hash_one(names[k].as_str()));
        self.places.push(place);
        self.least_width = place + 1;
        Ok(())
    }

    /// The position of a name among the names.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.find_hashed(self.hasher.hash_one(name), name)
    }

    fn find_hashed(&self, hash: u64, name: &str) -> Option<usize> {
        let is_it = |&k: &usize| {
            #[cfg(test)]
            tests::COMPARED.with(|count| count.set(count.get() + 1));
            self.names[k] == name
        };
        self.index.find(hash, is_it).copied()
    }

    /// The same columns in the order of another header, each with its place here.
    ///
    /// # Errors
    ///
    /// The first column that one of them has alone.
    pub(crate) fn in_order_of(self, other: &Header) -> Result<Header, Difference> {
        if self.names == other.names {
            return Ok(self);
        }
        let place = |name: &String| {
            let place = self.find(name).map(|position| self.places[position]);
            place.ok_or_else(|| Difference::Missing(name.clone()))
        };
        let places = other.names.iter().map(place).collect::<Result<_, _>>()?;
        if let Some(added) = self.names.iter().find(|name| other.find(name).is_none()) {
            return Err(Difference::Added(added.clone()));
        }
        // Names are found by the other's hashes, which go with the order of its names.
        let (names, index) = (other.names.clone(), other.index.clone());
        Ok(Header { names, index, hasher: other.hasher.clone(), places, ..self })
    }

    /// The names.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The place in a row of each name.
    pub(crate) fn places(&self) -> &[usize] {
        &self.places
    }

    /// The places of columns without a name.
    pub(crate) fn unnamed(&self) -> &[usize] {
        &self.unnamed
    }

    /// How many fields a row has.
    pub(crate) fn width(&self) -> usize {
        self.names.len() + self.unnamed.len()
    }

    /// How many fields a row has at least: columns without a name at the end may be left out.
    pub(crate) fn least_width(&self) -> usize {
        self.least_width
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{Difference, Header};

    thread_local! {
        /// How often two names were compared.
        pub(super) static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    #[test]
    fn the_work_grows_as_the_names_do() {
        let work = |count: usize| {
            let mut header = Header::default();
            COMPARED.with(|compared| compared.set(0));
            (0..count).for_each(|k| header.push(&format!("column {k}")).unwrap());
            (0..count).for_each(|k| assert_eq!(header.find(&format!("column {k}")), Some(k)));
            COMPARED.with(Cell::get)
        };
        // One comparison a name that is looked up, and some where hashes fall together.
        for count in [100, 1000, 10_000, 100_000] {
            assert!(work(count) < 2 * count, "{count} names");
        }
    }

    #[test]
    fn places_without_a_name() {
        let mut header = Header::default();
        for name in ["a", "", "b", "", ""] {
            header.push(name).unwrap();
        }
        assert_eq!((header.names().len(), header.width(), header.least_width()), (2, 5, 3));
        assert_eq!((header.places(), header.unnamed()), (&[0, 2][..], &[1, 3, 4][..]));
        assert_eq!(header.push("b"), Err("b".into()));
    }

    #[test]
    fn columns_in_another_order() {
        let header = |names: &str| {
            let mut header = Header::default();
            names.split(',').for_each(|name| header.push(name).unwrap());
            header
        };
        let first = header("a,b,,c");
        for (names, expected) in [
            ("a,b,c", Ok((vec![0, 1, 2], 3))),
            ("c,,a,b,", Ok((vec![2, 3, 0], 4))),
            ("a,b", Err(Difference::Missing("c".into()))),
            ("a,b,d", Err(Difference::Missing("c".into()))),
            ("d,a,b,c", Err(Difference::Added("d".into()))),
        ] {
            let ordered = header(names).in_order_of(&first);
            if let Ok(ordered) = &ordered {
                assert_eq!((ordered.names(), ordered.find("b")), (first.names(), Some(1)));
            }
            let found = ordered.map(|header| (header.places().to_vec(), header.least_width()));
            assert_eq!(found, expected, "{names}");
        }
    }
}
