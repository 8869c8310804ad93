//! Which file on which running kernel: what a lock on it proves, a copy of it does not.
//!
//! Invariant: as long as a process lives that holds a file open, no other file has its identity. A copy has another inode,
//! also on the same machine; a machine that was started again, or another, has another boot id, whatever was copied there.

use std::{
    fs::{self, File},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::adapters::sqlite;

/// Filesystems whose locks are the kernel's own, and whose inodes do not change: nobody else can free a lock of a process
/// that lives. Of others, such as those over a network, it is not certain.
const LOCAL: [&str; 9] =
    ["ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay"];

/// A file, told from all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    /// Drawn by the kernel when it started.
    boot: String,
    device: u64,
    inode: u64,
}

impl Identity {
    /// Of a file in a folder; `None` where a lock proves nothing, or nobody can tell.
    pub(super) fn of(file: &File, folder: &Path) -> Option<Self> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned();
        let kind = sqlite::filesystem(folder)?;
        let (device, inode) = place(file)?;
        (!boot.is_empty() && LOCAL.contains(&kind.as_str())).then_some(Self { boot, device, inode })
    }
}

impl Identity {
    /// Whether a file that is this one was written as another. Numbers of devices change when a machine starts, inodes do
    /// not.
    pub(super) fn is_copy_of(&self, other: &Self) -> bool {
        self.inode != other.inode
    }
}

#[cfg(unix)]
fn place(file: &File) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn place(_file: &File) -> Option<(u64, u64)> {
    None
}
