//! Identifies a marker file on one boot of one machine, so that a lock can be trusted and a copy is recognised.
//!
//! Invariant: while a live process holds a file open, no other file has its identity. A copy has another inode, even
//! on the same machine. A rebooted machine, or another machine, has another boot id, whatever was copied there.

use std::{
    fs::{self, File},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::adapters::sqlite;

/// Filesystems with the kernel's own locks and with stable inodes: nobody else can release a live process's lock.
/// Other filesystems, such as network filesystems, do not guarantee that.
const LOCAL: [&str; 9] =
    ["ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay"];

/// The identity of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileIdentity {
    /// The kernel's boot id: random, new at each boot.
    boot: String,
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// The identity of a file in this folder; `None` if a lock there proves nothing, or if the identity is unknown.
    pub(super) fn of(file: &File, folder: &Path) -> Option<Self> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned();
        let kind = sqlite::filesystem(folder)?;
        let (device, inode) = device_and_inode(file)?;
        (!boot.is_empty() && LOCAL.contains(&kind.as_str())).then_some(Self { boot, device, inode })
    }

    /// Whether the file with this identity is a copy of the file that `other` was recorded for. Compares inodes only:
    /// device numbers may change at a reboot, inodes do not.
    pub(super) fn is_copy_of(&self, other: &Self) -> bool {
        self.inode != other.inode
    }
}

#[cfg(unix)]
fn device_and_inode(file: &File) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn device_and_inode(_file: &File) -> Option<(u64, u64)> {
    None
}
