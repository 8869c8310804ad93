//! Secret files that the settings name.

use std::{collections::BTreeMap, fs, process::Command};

use support_bot::config::Settings;

#[test]
fn only_small_regular_files_are_read_as_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    fs::write(at("large"), vec![b'1'; 100_000]).unwrap();
    for (file, why) in [
        (at("pipe"), "it is not a regular file"),
        ("/dev/zero".to_owned(), "it is not a regular file"),
        (folder.path().display().to_string(), "it is not a regular file"),
        (at("large"), "it is larger than 64 kB"),
    ] {
        let pairs = [("BOT_TOKEN_FILE", &*file), ("BOT_DEV_ID", "1"), ("BOT_GROUP_ID", "-1001")];
        let source: BTreeMap<_, _> =
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let error = Settings::load(&source).unwrap_err().to_string();
        assert!(error.contains("BOT_TOKEN_FILE") && error.contains(why), "{file}: {error}");
    }
}
