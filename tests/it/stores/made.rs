//! What the kept stores hold: something of each kind, in little room, and no secrets.

use std::{fs, path::Path, time::Duration};

use domain::{Conversation, Topic};
use ports::{Origin, Record, Store as _};
use support_bot::adapters::{
    backup::Backup,
    redis::RedisStore,
    sqlite::{self, ReadOnlyStore, SqliteStore},
};
use telegram_simulator::Options;

use super::{FORGETFUL, RELEASES, UNREADABLE, files};
use crate::contract::records;

/// Everything together, in bytes.
const LARGEST: usize = 300_000;

/// All kept files of a folder, with their content unpacked.
fn all(folder: &Path) -> Vec<(usize, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(all(&entry.path()));
        } else {
            let packed = fs::read(entry.path()).unwrap();
            found.push((packed.len(), files::unpacked(&packed)));
        }
    }
    found
}

#[test]
fn the_stores_are_small_and_hold_no_token() {
    let files: Vec<_> = RELEASES.iter().flat_map(|release| all(&files::folder(release))).collect();
    let size: usize = files.iter().map(|(size, _)| size).sum();
    assert!(size < LARGEST, "{size} bytes");
    let token = Options::default().token;
    let secret = token.split_once(':').unwrap().1.as_bytes();
    for (_, content) in &files {
        assert!(!content.windows(secret.len()).any(|part| part == secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_store_holds_something_of_each_kind() {
    for release in RELEASES {
        let folder = tempfile::tempdir().unwrap();
        files::put_folder(folder.path(), release);
        // The file gets today's tables, and its content stays as it was.
        let store = SqliteStore::open(folder.path(), &sqlite::Options::default()).unwrap();
        store.close(Duration::from_secs(10)).await.unwrap();
        let in_folder =
            records(ReadOnlyStore::open(folder.path()).unwrap().snapshot().unwrap()).await;
        holds_everything(&in_folder, release);

        let backup = folder.path().join("old.backup");
        fs::write(&backup, files::kept(release, "sqlite/desk.backup")).unwrap();
        let mut backup = Backup::open(&backup).unwrap();
        backup.check().await.unwrap();
        assert_eq!(records(backup.contents().unwrap()).await, in_folder, "{release}");

        let server = files::put_redis(release);
        let store = RedisStore::open_read_only(&server.options()).await.unwrap();
        holds_everything(&records(store.snapshot().await.unwrap()).await, release);
    }
}

fn holds_everything(records: &[Record], release: &str) {
    let mut people: Vec<&Conversation> = Vec::new();
    let (mut links, mut known, mut updates, mut sends) = (0, 0, 0, 0);
    let (mut dead_updates, mut dead_sends) = (0, 0);
    for record in records {
        match record {
            Record::Facts(facts) => {
                let imported = (release != FORGETFUL).then_some(3);
                assert_eq!(facts.imported.map(|imported| imported.users), imported);
                assert!(facts.offset.is_some() && facts.requests == 42, "{facts:?}");
            }
            Record::Group(_) => unreachable!("no such release knew a second group"),
            Record::Conversation(one) => people.push(one),
            Record::Link(_) => links += 1,
            Record::Known(_) => known += 1,
            Record::Update(_) => updates += 1,
            Record::Send(_) => sends += 1,
            Record::Dead(dead) => match dead.origin {
                Origin::Update(_) => dead_updates += 1,
                Origin::Send(_) => dead_sends += 1,
            },
        }
    }
    let count = |so: fn(&Conversation) -> bool| people.iter().filter(|one| so(one)).count();
    assert_eq!((updates + dead_updates, dead_sends), (UNREADABLE + 1, 1), "{release}");
    assert!(updates > 0 || release != FORGETFUL, "no updates wait");
    assert!(links > 10 && known > 20 && sends > 8, "{release}: {links} {known} {sends}");
    assert!(count(|one| matches!(one.topic.current, Topic::Open(_))) > 5);
    assert!(count(|one| matches!(one.topic.current, Topic::Closed(_))) > 0);
    assert_eq!(count(|one| one.moderation.banned), 2);
    assert_eq!(count(|one| one.moderation.silent), 2);
    assert_eq!(count(|one| !one.authoring.newsletters.is_empty()), 1);
    let former = usize::from(release != FORGETFUL);
    assert_eq!(count(|one| !one.topic.former.is_empty()), former, "{release}");
}
