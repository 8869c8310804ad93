//! The file `.env`: any bytes are read or refused, no message shows a value, and what the desk quotes is read back.

use std::{fs, path::PathBuf};

use proptest::prelude::*;
use support_bot::config::{Environment, Settings, Source, quoted};
use tempfile::TempDir;

use super::input::{rounds, words};

/// Byte order marks, and none.
const MARKS: &[&[u8]] = &[b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
/// Part of every value; it must not appear in any message.
const SECRET: &str = "S3cr3tW0rd";

fn file(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    fs::write(&file, content).unwrap();
    (folder, file)
}

/// All mistakes of form and warnings of a file. Messages about values may show those that are no secrets.
fn messages(content: impl AsRef<[u8]>) -> String {
    let (_folder, file) = file(content);
    match Environment::read(&file) {
        Ok(source) => {
            let form: Vec<String> = source.mistakes().iter().map(ToString::to_string).collect();
            let loaded = Settings::load(&source);
            let warnings = loaded.map_or_else(|_mistakes| Vec::new(), |loaded| loaded.warnings);
            [form, warnings, source.warnings().to_vec()].concat().join("\n")
        }
        Err(mistakes) => mistakes.to_string(),
    }
}

proptest! {
    #![proptest_config(rounds(300))]

    #[test]
    fn any_bytes_are_read_or_refused(
        mark in prop::sample::select(MARKS),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in words(),
    ) {
        let _bytes = messages([mark, &bytes].concat());
        let _text = messages([mark, text.as_bytes()].concat());
    }

    #[test]
    fn no_message_about_a_file_shows_a_value(
        lines in prop::collection::vec(
            ("(export )?([A-Z_]{0,9}|BOT_TOKEN|FLOOD|DATA_DIR)[ \t]?", "[=: ]?", "[ '\"$\\\\#a]{0,3}", "[ '\"$\\\\#a]{0,3}"),
            0..9,
        ),
    ) {
        let lines = lines.iter().map(|(name, equals, before, after)| format!("{name}{equals}{before}{SECRET}{after}\n"));
        let messages = messages(lines.collect::<String>());
        prop_assert!(!messages.contains(SECRET), "{}", messages);
    }

    #[test]
    fn a_quoted_value_is_read_back_from_a_file(
        value in "([^\\x00-\\x1f\\x7f-\\x9f]|['\"$\\\\# ]){1,20}",
    ) {
        prop_assume!(!value.trim().is_empty());
        let written = quoted(&value).unwrap();
        let (_folder, file) = file(format!("\u{feff}A=b\nSENTRY_ENVIRONMENT={written}\r\n"));
        let source = Environment::read(&file).unwrap();
        prop_assert!(source.mistakes().is_empty(), "{:?}", source.mistakes());
        prop_assert_eq!(source.get("SENTRY_ENVIRONMENT"), Some(value));
    }
}
