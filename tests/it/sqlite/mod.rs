//! What only the embedded store promises: files, locks, damage, and its speed.

mod disk;
mod faults;
mod files;
mod lost;
mod speed;

pub(crate) use disk::{Disk, image, open};
