//! The floors, as the docs of the crate draw them.

use std::collections::{BTreeMap, BTreeSet};

use super::arrows::Arrow;

/// Which floor each room is on.
pub(super) struct Floors(BTreeMap<String, u32>);

impl Floors {
    /// Reads the first text block of a crate's docs: a line for each floor, its number first.
    pub(super) fn in_docs(docs: &str) -> Result<Self, String> {
        let lines = docs.lines().skip_while(|line| *line != "//! ```text").skip(1);
        let mut floors = BTreeMap::new();
        for line in lines.take_while(|line| *line != "//! ```") {
            let mut words = line.trim_start_matches("//!").split_whitespace();
            let number = words.next().and_then(|number| number.parse().ok());
            let number = number.ok_or_else(|| format!("`{line}` does not begin with a floor"))?;
            floors.extend(words.map(|room| (room.to_owned(), number)));
        }
        if floors.is_empty() {
            return Err(
                "the docs of `cached-core` show no floors; draw them in a `text` block".into()
            );
        }
        Ok(Self(floors))
    }

    pub(super) fn rooms(&self) -> usize {
        self.0.len()
    }

    pub(super) fn of(&self, room: &str) -> Option<u32> {
        self.0.get(room).copied()
    }

    /// Returns the rooms of each circle; every room is in one at most.
    pub(super) fn circles(&self, arrows: &[Arrow]) -> Vec<Vec<String>> {
        let mut next = BTreeMap::<&str, BTreeSet<&str>>::new();
        for arrow in arrows.iter().filter(|arrow| self.of(&arrow.from) == self.of(&arrow.to)) {
            next.entry(&arrow.from).or_default().insert(&arrow.to);
        }
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            next.keys().map(|room| (*room, reached(&next, room))).collect();
        let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|all| all.contains(to));
        let circles: BTreeSet<Vec<String>> = reached
            .iter()
            .filter(|(room, all)| all.contains(*room))
            .map(|(room, all)| {
                all.iter().filter(|other| reaches(other, room)).map(ToString::to_string).collect()
            })
            .collect();
        circles.into_iter().collect()
    }
}

fn reached<'a>(next: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(room) = open.pop() {
        for other in next.get(room).into_iter().flatten() {
            if seen.insert(*other) {
                open.push(other);
            }
        }
    }
    seen
}
