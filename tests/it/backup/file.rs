//! The backup file: it returns exactly what was written, and any damage is found before a record is trusted.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use domain::{ChatId, Seq, UpdateId};
use ports::{
    DeadLetter, Facts, InboxItem, KnownUpdate, Origin, OutboxItem, Queued, Record, Restore,
    Snapshot, copy,
};
use support_bot::adapters::{
    backup::{Backup, BackupError, Draft},
    sqlite::RestoreTarget,
};

use super::records_of;
use crate::contract::{
    Archived as _, Backend, everything, records,
    sample::{NOW, conversation, dead, later, link, send, update},
};
use crate::sqlite::Disk;

/// A file as an earlier release wrote it; never changed. A new format gets a new file, and the old one must stay
/// readable.
const GOLDEN: &str = "tests/fixtures/backup/1.backup";

/// A snapshot that yields these pages of records.
struct Fixture(Vec<Vec<Record>>);

#[ports::async_trait]
impl Snapshot for Fixture {
    type Error = BackupError;

    async fn page(&mut self) -> Result<Vec<Record>, BackupError> {
        Ok(if self.0.is_empty() { Vec::new() } else { self.0.remove(0) })
    }
}

/// One record of each kind, and variants in which every optional field is missing.
fn one_of_each() -> Vec<Record> {
    let item = InboxItem { seq: Seq(11), update: update(5, 1), received: NOW, attempts: 1 };
    let waits = OutboxItem { seq: Seq(12), queued: send(1, 5) };
    let album = Queued { not_before: Some(later(700)), ..send(1, 6) };
    let refused = OutboxItem { seq: Seq(10), queued: album };
    let poisoned = InboxItem { seq: Seq(9), attempts: 3, ..item.clone() };
    let mut named = conversation(1);
    named.revision.0 = 4;
    vec![
        Record::Facts(Facts {
            requests: 0,
            imported: None,
            offset: Some(UpdateId(6)),
            group: Some(ChatId(-100)),
            group_moved_from: Some(ChatId(-1)),
            next: Seq(4097),
            named: false,
        }),
        Record::of(named),
        Record::Link(link(1, 4, 40)),
        Record::Known(KnownUpdate { update: UpdateId(5), at: NOW }),
        Record::Update(item),
        Record::Send(waits),
        Record::Dead(dead(Origin::Update(poisoned))),
        Record::Dead(DeadLetter { reason: "é".to_owned(), ..dead(Origin::Send(refused)) }),
    ]
}

async fn written(path: &Path, records: &[Record]) {
    let mut pages = Fixture(records.chunks(3).map(<[Record]>::to_vec).collect());
    let draft = Draft::begin(path, NOW).unwrap();
    copy(&mut pages, Box::new(draft)).await.unwrap();
}

#[tokio::test]
async fn a_backup_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    written(&path, &one_of_each()).await;
    assert_eq!(records_of(&path).await.unwrap(), one_of_each());
    let least = Facts {
        offset: None,
        group: None,
        group_moved_from: None,
        requests: 41,
        imported: None,
        next: Seq(1),
        named: true,
    };
    written(&path, &[Record::Facts(least)]).await;
    assert_eq!(
        records_of(&path).await.unwrap(),
        [Record::Facts(least)],
        "the second file replaces the first"
    );
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left");
}

#[tokio::test]
async fn backups_of_earlier_releases_can_be_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    assert_eq!(records_of(&path).await.unwrap(), one_of_each());
    let (head, tally) = Backup::open(&path).unwrap().check().await.unwrap();
    assert_eq!((head.made, &*head.release), (NOW, "0.1.0"));
    assert_eq!((tally.conversations, tally.dead), (1, 2));
}

#[tokio::test]
async fn a_store_is_unchanged_by_backup_and_restore() {
    let disk = Disk::open().await;
    everything(disk.store()).await;
    let path = disk.folder.path().join("file");
    let draft = Draft::begin(&path, NOW).unwrap();
    copy(&mut disk.snapshot().await, Box::new(draft)).await.unwrap();
    let mut backup = Backup::open(&path).unwrap();
    let other = Disk::filled(&mut backup.contents().unwrap()).await;
    assert_eq!(records(other.snapshot().await).await, records(disk.snapshot().await).await);
}

#[tokio::test]
async fn a_flipped_bit_is_detected_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    written(&path, &one_of_each()).await;
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        for bit in [1, 1 << 6] {
            let mut bytes = whole.clone();
            bytes[at] ^= bit;
            fs::write(&path, &bytes).unwrap();
            assert!(records_of(&path).await.is_err(), "byte {at} of {}", whole.len());
        }
    }
    let mut bytes = whole.clone();
    bytes[whole.len() / 2] ^= 1;
    fs::write(&path, bytes).unwrap();
    let printed = records_of(&path).await.unwrap_err().to_string();
    assert!(printed.contains("is damaged") && printed.contains("take another backup"), "{printed}");
    fs::write(&path, whole).unwrap();
    records_of(&path).await.unwrap();
}

#[tokio::test]
async fn a_truncated_file_is_detected_at_any_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    written(&path, &one_of_each()).await;
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let error = records_of(&path).await.unwrap_err();
        assert!(matches!(error, BackupError::CutShort(_)), "{length}: {error}");
    }
    let printed = records_of(&path).await.unwrap_err().to_string();
    assert!(
        printed.contains("is cut short") && printed.contains("copy this one again"),
        "{printed}"
    );
}

#[tokio::test]
async fn other_files_and_backups_of_later_releases_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let printed = records_of(&path).await.unwrap_err().to_string();
    assert!(printed.starts_with("there is no file"), "{printed}");
    let printed = records_of(folder.path()).await.unwrap_err().to_string();
    assert!(printed.ends_with("is not a backup of support-bot"), "{printed}");
    fs::write(&path, "BOT_TOKEN=1:a\n").unwrap();
    let printed = records_of(&path).await.unwrap_err().to_string();
    assert!(printed.ends_with("is not a backup of support-bot"), "{printed}");
    fs::write(&path, "support-bot backup 2\nwhatever that may be").unwrap();
    let error = records_of(&path).await.unwrap_err();
    assert!(matches!(error, BackupError::Newer { found: 2, known: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("format 2") && error.to_string().contains("up to 1"));
}

#[tokio::test]
async fn other_files_are_not_overwritten_by_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["BOT_TOKEN=1:a\n", ""] {
        let path = folder.path().join("file");
        fs::write(&path, text).unwrap();
        let printed = Draft::begin(&path, NOW).unwrap_err().to_string();
        assert!(printed.contains("choose another name"), "{printed}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[tokio::test]
async fn an_abandoned_draft_leaves_the_old_backup() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    written(&path, &one_of_each()).await;
    let before = fs::read(&path).unwrap();
    let mut draft = Draft::begin(&path, NOW).unwrap();
    draft.add(one_of_each()).await.unwrap();
    drop(draft);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left");
}

#[tokio::test]
async fn an_interrupted_restore_leaves_the_store_empty() {
    let folder = tempfile::tempdir().unwrap();
    let mut blank = RestoreTarget::open(folder.path()).unwrap();
    blank.add(one_of_each()).await.unwrap();
    drop(blank);
    let blank = RestoreTarget::open(folder.path()).unwrap();
    copy(&mut Fixture(vec![one_of_each()]), Box::new(blank)).await.unwrap();
    let printed = RestoreTarget::open(folder.path()).unwrap_err().to_string();
    assert!(printed.contains("there is a desk in") && printed.contains("DATA_DIR"), "{printed}");
}

#[tokio::test]
async fn a_duplicate_record_is_refused_and_nothing_is_restored() {
    let folder = tempfile::tempdir().unwrap();
    let twice = vec![one_of_each(), one_of_each()];
    let blank = RestoreTarget::open(folder.path()).unwrap();
    assert!(copy(&mut Fixture(twice), Box::new(blank)).await.is_err());
    assert!(RestoreTarget::open(folder.path()).is_ok(), "no record was stored");
}
