//! Whole stores that earlier releases have left: today's program opens each, and nothing in it is lost.
//!
//! `tests/fixtures/stores` has a folder for each release; `make.rs` makes it, and docs/develop/stores.md says how.

mod drained;
mod files;
mod made;
mod make;
mod world;

use telegram_simulator::Person;

use crate::harness::{Desk, spec};

/// The releases whose stores are kept, by their commits.
const RELEASES: [&str; 2] = ["22d9bf9", "39911146"];

/// The release among them that remembers neither lost topics nor that there was an import.
const FORGETFUL: &str = "22d9bf9";

/// The text of the newsletter that is under way.
const NEWS: &str = "News for everybody";

/// How many unreadable updates came right before the kill; there was one before.
const UNREADABLE: usize = 40;

/// Everybody in the stores: id and name. What is special about each is in `make.rs`.
const PEOPLE: [(i64, &str); 12] = [
    (1001, "Ada"),
    (1002, "Bea"),
    (1003, "Cleo"),
    (1004, "Dora"),
    (1005, "Eve"),
    (1006, "Finn"),
    (1007, "Gwen"),
    (1008, "Hugo"),
    (1009, "Ivan"),
    (1101, "Imported"),
    (1102, "Banned before"),
    (1103, "Silent before"),
];

/// This person of [`PEOPLE`].
fn person(desk: &Desk, name: &str) -> Person {
    let (id, name) = PEOPLE.iter().find(|(_, known)| *known == name).unwrap();
    desk.telegram.user(spec(*id, name, "en"))
}
