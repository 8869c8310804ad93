//! Settings that name a file or a folder.

use std::path::PathBuf;

use crate::config::reader::Reader;

impl Reader<'_> {
    /// Reports a path that begins with `~`, which only a shell expands. The path is shown only where it is no secret.
    pub(in crate::config) fn tilde(&mut self, name: &str, path: Option<&str>) {
        let whole = path.and_then(|path| path.strip_prefix('~')).filter(|rest| {
            // `~name` is somebody else's folder.
            rest.is_empty() || rest.starts_with('/')
        });
        let remedy = match (whole, self.given("HOME")) {
            (Some(rest), Some(home)) => {
                format!("write the whole path: {}{rest}", home.trim_end_matches('/'))
            }
            (_, _) => "write the whole path".to_owned(),
        };
        self.mistake(name, "begins with ~, which is not expanded here", &remedy);
    }
}

/// A path as it is written. `None` means that it is not set, or that a mistake was reported.
pub(in crate::config) fn path_of(r: &mut Reader<'_>, name: &'static str) -> Option<PathBuf> {
    let path = r.text(name)?;
    if path.starts_with('~') {
        r.tilde(name, Some(&path));
        return None;
    }
    Some(PathBuf::from(path))
}

/// `DATA_DIR`: a folder. A missing one is created later.
pub(in crate::config) fn data_dir(r: &mut Reader<'_>) -> Option<PathBuf> {
    let folder = path_of(r, "DATA_DIR")?;
    let taken = folder.exists() && !folder.is_dir();
    if taken {
        r.mistake("DATA_DIR", "names something that is not a folder", "name a folder");
    }
    (!taken).then_some(folder)
}

/// `TEXTS_DIR`: an existing folder.
pub(in crate::config) fn texts_dir(r: &mut Reader<'_>) -> Option<PathBuf> {
    let folder = path_of(r, "TEXTS_DIR")?;
    let exists = folder.is_dir();
    if !exists {
        let remedy = "create the folder, or remove the setting for the built-in texts";
        r.mistake("TEXTS_DIR", "names a folder that is not there", remedy);
    }
    exists.then_some(folder)
}

/// `WELCOME_FILE`: an existing file.
pub(in crate::config) fn welcome_file(r: &mut Reader<'_>) -> Option<PathBuf> {
    let file = path_of(r, "WELCOME_FILE")?;
    let exists = file.is_file();
    if !exists {
        let remedy = "write the file, or remove the setting for the built-in greeting";
        r.mistake("WELCOME_FILE", "names a file that is not there", remedy);
    }
    exists.then_some(file)
}
