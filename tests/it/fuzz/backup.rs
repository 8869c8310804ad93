//! Backups: a forged file with a correct checksum is read or refused, whatever it contains; a record that is read is
//! written back unchanged.

use std::{fs, io::Write as _, path::Path, time::Instant};

use domain::Millis;
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use ports::{Record, Restore as _, Snapshot as _};
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use support_bot::adapters::backup::{Backup, BackupError, Draft};

use super::input::{mutated, mutations, rounds_divided_by};

const HEAD: &[u8] = b"support-bot backup 1\n";
const MARK: &[u8] = b"\nend of backup.\n";
const GOLDEN: &[u8] = include_bytes!("../../fixtures/backup/1.backup");

const NAMES: &[&str] = &[
    "backup",
    "facts",
    "conversation",
    "link",
    "known",
    "update",
    "send",
    "dead_update",
    "dead_send",
    "end",
    "offset",
    "group",
    "requests",
    "next",
    "user",
    "revision",
    "format",
    "doc",
    "seq",
    "id",
    "lane",
    "received",
    "attempts",
    "raw",
    "effect",
    "cause",
    "at",
    "reason",
    "conversations",
    "links",
    "updates",
    "sends",
    "dead",
    "text",
    "media",
    "made",
    "release",
];

/// The lines of the oldest backup.
fn lines() -> Vec<Value> {
    let packed = &GOLDEN[HEAD.len()..GOLDEN.len() - MARK.len() - 32];
    let text = std::io::read_to_string(ZlibDecoder::new(packed)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn joined(lines: &[Value]) -> String {
    lines.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n")
}

/// Writes a file with this body between a valid head and a correct checksum.
fn write(path: &Path, body: &[u8]) {
    let mut file = [HEAD, body].concat();
    let sum = Sha256::digest(&file);
    file.extend_from_slice(&sum);
    file.extend_from_slice(MARK);
    fs::write(path, file).unwrap();
}

fn with_checksum(text: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

/// All records of a file.
async fn records(path: &Path) -> Result<Vec<Record>, BackupError> {
    let mut backup = Backup::open(path)?;
    let mut contents = backup.contents()?;
    let mut records = Vec::new();
    loop {
        let page = contents.page().await?;
        if page.is_empty() {
            return Ok(records);
        }
        records.extend(page);
    }
}

/// Reads the file, and checks that its records can be written and read again.
fn check_read(path: &Path) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let begun = Instant::now();
        let read = records(path).await;
        prop_assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
        match read {
            Ok(records) => {
                let again = path.with_extension("again");
                let mut draft = Draft::begin(&again, Millis(1)).unwrap();
                draft.add(records.clone()).await.unwrap();
                Box::new(draft).finish().await.unwrap();
                prop_assert_eq!(self::records(&again).await.unwrap(), records);
            }
            Err(error) => prop_assert!(!error.to_string().contains('\n'), "{}", error),
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(rounds_divided_by(20, 300))]

    #[test]
    fn changed_lines_are_refused_or_read_and_written_unchanged(
        done in prop::collection::vec((any::<prop::sample::Index>(), 0..5_u8, mutations(NAMES)), 0..4),
    ) {
        let mut lines = lines();
        for (at, how, twists) in done {
            let at = at.index(lines.len());
            match how {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[at].clone()),
                2 => lines.swap(at, 0),
                _ => lines[at] = mutated(lines[at].take(), &twists),
            }
            if lines.is_empty() {
                lines.push(Value::Null);
            }
        }
        let text = joined(&lines);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made.backup");
        write(&path, &with_checksum(text.as_bytes()));
        check_read(&path)?;
    }

    #[test]
    fn random_bytes_with_a_valid_checksum_are_refused(text in prop::collection::vec(any::<u8>(), 0..300), raw in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made.backup");
        let body = if raw { text } else { with_checksum(&text) };
        write(&path, &body);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        prop_assert!(runtime.block_on(records(&path)).is_err());
    }

    #[test]
    fn random_bytes_are_not_a_backup(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made.backup");
        fs::write(&path, &bytes).unwrap();
        prop_assert!(Backup::open(&path).is_err());
        let cut = cut.index(GOLDEN.len());
        fs::write(&path, [&GOLDEN[..cut], &bytes].concat()).unwrap();
        prop_assert!(Backup::open(&path).is_err());
    }
}

#[test]
fn the_oldest_backup_is_written_back_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.backup");
    let text = joined(&lines());
    write(&path, &with_checksum(text.as_bytes()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let golden = folder.path().join("golden.backup");
    fs::write(&golden, GOLDEN).unwrap();
    let (made, golden) = (runtime.block_on(records(&path)), runtime.block_on(records(&golden)));
    assert_eq!(made.unwrap(), golden.unwrap());
}
