//! The data folder: private to the bot, on a local disk, held by one process.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{adapters::sqlite::errors::OpenError, files::words};
use ports::StoreError;

/// Path of the database in this folder.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("desk.sqlite3")
}

/// Marker file, left in the folder when a store is created there. A folder with the marker and no store has lost its
/// store.
const MARK: &str = "desk.begun";
const MARK_TEXT: &[u8] =
    b"A store of support-bot was begun in this folder. If it is gone, restore a backup, or remove \
the folder to begin anew.\n";

/// Whether a store was ever created in this folder.
pub(crate) fn was_begun(folder: &Path) -> bool {
    folder.join(MARK).exists()
}

/// Leaves the marker that a store was created in this folder.
pub(crate) fn mark_begun(folder: &Path) {
    if !was_begun(folder) {
        // If the folder is not writable, the store itself reports it. The next start tries again.
        let _next_time =
            create_file(&folder.join(MARK)).and_then(|mut mark| mark.write_all(MARK_TEXT));
    }
}

/// Whether a log lies beside the database.
pub(crate) fn has_log(folder: &Path) -> bool {
    folder.join("desk.sqlite3-wal").exists()
}

/// Creates the folder if it is missing, and locks it for this process.
pub(crate) fn lock(folder: &Path) -> Result<File, OpenError> {
    let denied = |path: &Path, error: &io::Error| OpenError::Access {
        path: path.to_owned(),
        why: words(error),
    };
    create_folder(folder).map_err(|error| denied(folder, &error))?;
    if let Some(kind) = network_filesystem(folder) {
        return Err(OpenError::Network { path: folder.to_owned(), kind });
    }
    let path = folder.join("desk.lock");
    let lock = create_file(&path).map_err(|error| denied(&path, &error))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::Running(folder.to_owned())),
        Err(TryLockError::Error(error)) => return Err(denied(&path, &error)),
    }
    let file = find_database(folder)?;
    create_file(&file).map_err(|error| denied(&file, &error))?;
    Ok(lock)
}

/// Path of the database. Refuses an empty file that lies beside a log: SQLite would take it for a new
/// database and discard the log.
pub(crate) fn find_database(folder: &Path) -> Result<PathBuf, OpenError> {
    let file = database(folder);
    if size(&file) == 0 && size(&folder.join("desk.sqlite3-wal")) > 0 {
        let why = "it is empty, but its log is not".to_owned();
        return Err(OpenError::Damaged { path: file, why });
    }
    Ok(file)
}

/// The identity that the database file had when it was opened.
#[derive(Debug)]
pub(crate) struct Anchor {
    file: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Anchor {
    /// Records the file's present identity.
    pub(crate) fn new(file: &Path) -> Self {
        Self { file: file.to_owned(), identity: identity(file) }
    }

    /// Checks that the path still names the same file. Writes to a deleted file are lost when the process ends.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if identity(&self.file) == self.identity {
            return Ok(());
        }
        Err(StoreError::Io(format!(
            "{} is not where it was: put it back, or stop the bot and restore it from a backup",
            self.file.display()
        )))
    }
}

/// Device and inode: they distinguish a file from a later one of the same name.
#[cfg(unix)]
fn identity(file: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(file).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(file: &Path) -> Option<(u64, u64)> {
    file.exists().then_some((0, 0))
}

fn size(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |found| found.len())
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens a file for writing. SQLite gives its log the same permissions.
fn create_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Types of network filesystems.
const NETWORK: [&str; 9] =
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "ceph", "afs", "fuse.glusterfs"];

/// The network filesystem that holds the folder; `None` if the disk is local or the type is unknown.
fn network_filesystem(folder: &Path) -> Option<String> {
    filesystem(folder).filter(|kind| NETWORK.contains(&kind.as_str()))
}

/// The kernel's name for the folder's filesystem type; `None` if it is unknown.
pub fn filesystem(folder: &Path) -> Option<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let folder = folder.canonicalize().ok()?;
    kind_of(&mounts, &folder).map(str::to_owned)
}

/// The filesystem type of the nearest mount point above the folder. If several mounts share that point, the last one
/// counts.
fn kind_of<'a>(mounts: &'a str, folder: &Path) -> Option<&'a str> {
    mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((fields.next()?.replace("\\040", " "), fields.next()?))
        })
        .filter(|(point, _)| folder.starts_with(point))
        .max_by_key(|(point, _)| point.len())
        .map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_tells_the_filesystem() {
        let mounts = "/dev/a / ext4 rw 0 0\n\
                      server:/x /mnt/my\\040share nfs4 rw 0 0\n\
                      /dev/b /mnt/my\\040share/local xfs rw 0 0\n";
        for (folder, kind) in [
            ("/var/desk", "ext4"),
            ("/mnt/my share/desk", "nfs4"),
            ("/mnt/my share/local/desk", "xfs"),
            ("/mnt/my sharedesk", "ext4"),
        ] {
            assert_eq!(kind_of(mounts, Path::new(folder)), Some(kind), "{folder}");
        }
    }
}
