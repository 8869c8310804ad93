//! The webhook's secret that the desk makes itself, and keeps beside its store.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use secrecy::SecretString;

/// Its file in `DATA_DIR`.
const FILE: &str = "webhook-secret";
/// So many random bytes; written with two letters each.
const BYTES: usize = 32;

/// The secret that is kept in `folder`; made if there is none. Call while the store holds its lock on the folder.
pub(super) fn kept_in(folder: &Path) -> io::Result<SecretString> {
    let file = folder.join(FILE);
    match fs::read_to_string(&file) {
        Ok(kept) if is_whole(kept.trim()) => return Ok(kept.trim().to_owned().into()),
        // Cut short by a crash, or by hand. Telegram is told the new one before it is shown.
        Ok(_broken) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // A desk whose store is in Redis has no folder yet.
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let secret = random()?;
    let beside = file.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    new.write_all(secret.as_bytes())?;
    new.sync_all()?;
    fs::rename(&beside, &file)?;
    Ok(secret.into())
}

fn is_whole(kept: &str) -> bool {
    kept.len() == 2 * BYTES && kept.chars().all(|c| c.is_ascii_hexdigit())
}

fn random() -> io::Result<String> {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    Ok(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_read_by_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let made = kept_in(folder.path()).unwrap();
        let file = folder.path().join(FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(is_whole(made.expose_secret()));
        assert_eq!(kept_in(folder.path()).unwrap().expose_secret(), made.expose_secret());
        let elsewhere = tempfile::tempdir().unwrap();
        assert_ne!(kept_in(elsewhere.path()).unwrap().expose_secret(), made.expose_secret());
        fs::write(&file, "cut sho").unwrap();
        let again = kept_in(folder.path()).unwrap();
        assert!(is_whole(again.expose_secret()));
        assert_ne!(again.expose_secret(), made.expose_secret());
    }
}
