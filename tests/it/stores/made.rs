//! The kept stores are small, and without secrets.

use std::{fs, path::Path};

use super::{RELEASES, files};

/// Everything together, in bytes.
const LARGEST: u64 = 300_000;

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let sizes = entries.map(|entry| {
        if entry.path().is_dir() { size(&entry.path()) } else { entry.metadata().unwrap().len() }
    });
    sizes.sum()
}

#[test]
fn the_stores_stay_small() {
    let all: u64 = RELEASES.map(|release| size(&files::folder(release))).iter().sum();
    assert!(all < LARGEST, "{all} bytes");
}
