//! Promises that only the embedded store makes: files, locks, damage and speed.

mod disk;
mod faults;
mod files;
mod losses;
mod speed;

pub(crate) use disk::{Disk, image, open};
