//! Snapshots of a Redis and filling one: commits that span partitions, interruptions, and data from the other store.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{ChatId, DeadId, InboxLane, PartitionSet, Seq, TopicId, UserId};
use ports::{
    Commit, DeadLetters, DeskState as _, Facts, InboxItem, KnownUpdate, Origin, OutboxItem,
    Partitions as _, RawUpdate, Record, Restore, Snapshot, Store, StoreError, copy,
};
use support_bot::adapters::redis::{OpenError, RedisStore, RestoreTarget};
use tokio::sync::Semaphore;

use crate::{
    contract::{
        Archived, Backend, everything, records,
        sample::{NOW, commit, conversation, dead, receive, send, undecided, update, waiting},
    },
    redis::{Server, Stored},
    sqlite::Disk,
};

/// A snapshot that yields these records at once.
struct Fixture(Vec<Record>);

#[ports::async_trait]
impl Snapshot for Fixture {
    type Error = StoreError;

    async fn page(&mut self) -> Result<Vec<Record>, StoreError> {
        Ok(std::mem::take(&mut self.0))
    }
}

async fn stored_records(server: &Server) -> Vec<Record> {
    let store = RedisStore::open_read_only(&server.options()).await.unwrap();
    records(store.snapshot().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_numbers_and_ids_survive_a_migration_there_and_back() {
    let disk = Disk::open().await;
    let ids = everything(disk.store()).await;
    let before = records(disk.snapshot().await).await;
    let stored = Stored::filled(&mut disk.snapshot().await).await;
    assert_eq!(records(stored.snapshot().await).await, before, "the records in Redis");
    let back = Disk::filled(&mut stored.snapshot().await).await;
    assert_eq!(records(back.snapshot().await).await, before, "the records copied back");

    // In both stores, new numbers follow those that wait, and buttons still find their dead letters.
    let (new, old) = (stored.store(), back.store());
    let retry = |ids: &[DeadId]| Commit { retried: ids.to_vec(), ..Commit::default() };
    let in_redis = commit(new, retry(&ids)).await;
    let in_file = commit(old, retry(&ids)).await;
    assert_eq!((in_redis.0.len(), in_redis.1.len()), (2, 1));
    assert_eq!((in_file.0.len(), in_file.1.len()), (2, 1));
    for user in 0..5 {
        let effects = |items: Vec<OutboxItem>| items.into_iter().map(|one| one.queued);
        let (one, other) = (waiting(new, user).await, waiting(old, user).await);
        assert!(effects(one).eq(effects(other)), "user {user}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_without_a_partition_are_replaced_in_the_same_order() {
    let next = Seq(5000);
    let facts = Facts {
        offset: None,
        group: None,
        group_moved_from: None,
        requests: 41,
        imported: None,
        next,
        named: false,
    };
    let topic = InboxLane::Topic(TopicId(35));
    let waits = |seq, number, lane| {
        let raw = RawUpdate { lane, ..update(number, 1) };
        Record::Update(InboxItem { seq: Seq(seq), update: raw, received: NOW, attempts: 0 })
    };
    let refused = OutboxItem { seq: Seq(4), queued: send(7, 1) };
    let sends = (10..40).map(|seq| OutboxItem { seq: Seq(seq), queued: send(seq % 3, seq) });
    let mut plain = vec![Record::Facts(facts), Record::of(conversation(1))];
    plain.extend([waits(1, 1, topic), waits(2, 2, InboxLane::Desk), waits(3, 3, topic)]);
    plain.extend(sends.map(Record::Send));
    plain.push(Record::Dead(dead(Origin::Send(refused))));
    if let Some(Record::Conversation(one)) = plain.get_mut(1) {
        one.revision.0 = 1;
    }
    let stored = Stored::filled(&mut Fixture(plain)).await;
    let store = stored.store();
    let messages = |items: Vec<OutboxItem>| -> Vec<i64> {
        items.iter().map(|item| item.queued.cause.0).collect()
    };
    for user in 0..3 {
        let all: Vec<i64> = (10..40).filter(|message| message % 3 == user).collect();
        assert_eq!(messages(waiting(store, user).await), all);
    }
    let order: Vec<i64> = undecided(store).await.iter().map(|item| item.update.update.0).collect();
    assert_eq!(order, [1, 2, 3]);
    for item in undecided(store).await {
        assert!(item.seq >= Seq(16 * next.0), "the number is above all that a button may name");
        commit(store, Commit { decided: Some(item.seq), ..Commit::default() }).await;
    }
    let letter = store.dead(None, 10).await.unwrap().remove(0);
    let (queued, _) =
        commit(store, Commit { retried: vec![letter.id()], ..Commit::default() }).await;
    assert_eq!(waiting(store, 7).await, queued);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfinished_restore_is_no_store_and_starts_again() {
    let disk = Disk::open().await;
    everything(disk.store()).await;
    let all = records(disk.snapshot().await).await;
    let server = Server::start();
    let keys = || -> BTreeSet<String> {
        let answer = server.ask(&["KEYS", "*"]);
        // The lock of the process that filled the store expires by itself.
        answer.lines().filter(|key| !key.ends_with(":filler")).map(str::to_owned).collect()
    };
    let blank = RestoreTarget::open(&server.options()).await.unwrap();
    copy(&mut disk.snapshot().await, Box::new(blank)).await.unwrap();
    let expected = keys();
    server.ask(&["FLUSHALL"]);

    // A process that fills the store with other data is killed before it finishes.
    let mut other = RestoreTarget::open(&server.options()).await.unwrap();
    assert!(!other.discarded_unfinished());
    let mut half = all[..700].to_vec();
    for record in &mut half {
        if let Record::Conversation(one) = record {
            one.user = UserId(one.user.0 + 5000);
        }
    }
    other.add(half).await.unwrap();
    drop(other);
    let refused = RedisStore::open(&server.options()).await.unwrap_err();
    assert_eq!(refused, OpenError::Unfinished);
    assert!(refused.to_string().contains("run `support-bot restore`"));
    let peek = RedisStore::open_read_only(&server.options()).await.unwrap();
    assert_eq!(peek.snapshot().await.unwrap_err(), OpenError::Unfinished);

    let again = RestoreTarget::open(&server.options()).await.unwrap();
    assert!(again.discarded_unfinished());
    copy(&mut disk.snapshot().await, Box::new(again)).await.unwrap();
    assert_eq!(stored_records(&server).await, all);
    assert_eq!(keys(), expected, "no key of the first attempt is left");

    // After `abandon`, no key is left.
    server.ask(&["FLUSHALL"]);
    let mut given_up = RestoreTarget::open(&server.options()).await.unwrap();
    given_up.add(all).await.unwrap();
    Box::new(given_up).abandon().await;
    assert_eq!(server.ask(&["DBSIZE"]).trim(), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_ended_before_the_first_marker_was_removed_starts_again() {
    let disk = Disk::open().await;
    everything(disk.store()).await;
    let all = records(disk.snapshot().await).await;
    let server = Server::start();
    let mut first = RestoreTarget::open(&server.options()).await.unwrap();
    first.add(all.clone()).await.unwrap();
    // From now on the first partition is read-only, as if the process were killed at this point.
    server.ask(&["ACL", "SETUSER", "default", "resetkeys", "~support-bot:{[^0]*"]);
    Box::new(first).finish().await.unwrap_err();
    server.ask(&["ACL", "SETUSER", "default", "allkeys"]);
    server.ask(&["DEL", "support-bot:{0}:filler"]);
    assert_eq!(RedisStore::open(&server.options()).await.unwrap_err(), OpenError::Unfinished);

    let again = RestoreTarget::open(&server.options()).await.unwrap();
    assert!(again.discarded_unfinished());
    copy(&mut disk.snapshot().await, Box::new(again)).await.unwrap();
    assert_eq!(stored_records(&server).await, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_ended_before_the_last_markers_were_removed_is_a_store() {
    const META: &str = "support-bot:{5}:meta";
    let disk = Disk::open().await;
    everything(disk.store()).await;
    let all = records(disk.snapshot().await).await;
    let server = Server::start();
    let options = server.options();
    let blank = RestoreTarget::open(&options).await.unwrap();
    copy(&mut disk.snapshot().await, Box::new(blank)).await.unwrap();
    // The state after a kill at the very end: the first partition's mark is gone, but this partition's mark is not.
    let token = server.ask(&["HGET", META, "filled"]);
    server.ask(&["HSET", META, "restoring", token.trim()]);
    server.ask(&["SADD", "support-bot:{5}:wrote", "conv"]);
    assert!(matches!(RestoreTarget::open(&options).await.unwrap_err(), OpenError::Occupied(_)));
    assert_eq!(stored_records(&server).await, all);

    let store = RedisStore::open(&options).await.unwrap();
    assert_eq!(store.held_at_start(), PartitionSet::ALL);
    assert_eq!(server.ask(&["HGET", META, "restoring"]).trim(), "");
    assert_eq!(server.ask(&["EXISTS", "support-bot:{5}:wrote"]).trim(), "0");
    store.close(Duration::from_secs(5)).await.unwrap();
    assert!(matches!(RestoreTarget::open(&options).await.unwrap_err(), OpenError::Occupied(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_desk_and_a_restore_exclude_each_other() {
    let stored = Stored::open().await;
    let options = stored.server.options();
    assert_eq!(RestoreTarget::open(&options).await.unwrap_err(), OpenError::Running);
    stored.store().close(Duration::from_secs(5)).await.unwrap();
    let first = RestoreTarget::open(&options).await.unwrap();
    assert_eq!(RestoreTarget::open(&options).await.unwrap_err(), OpenError::Filling);
    assert_eq!(RedisStore::open(&options).await.unwrap_err(), OpenError::Unfinished);
    Box::new(first).abandon().await;

    // A process that was frozen while another took the lock writes nothing.
    let mut frozen = RestoreTarget::open(&options).await.unwrap();
    stored.server.ask(&["SET", "support-bot:{0}:filler", "another", "PX", "1"]);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let second = RestoreTarget::open(&options).await.unwrap();
    let facts = Facts {
        offset: None,
        group: None,
        group_moved_from: None,
        requests: 41,
        imported: None,
        next: Seq(16),
        named: true,
    };
    let page = vec![
        Record::Facts(facts),
        Record::Known(KnownUpdate { update: update(1, 1).update, at: NOW }),
    ];
    assert!(matches!(frozen.add(page).await, Err(StoreError::Busy(_))));
    Box::new(second).abandon().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_spans_partitions_is_in_all_of_them_or_in_none() {
    let stored = Stored::open().await;
    let store = stored.store();
    let options = stored.server.options();
    let read = Semaphore::new(0);
    let changes = async {
        for number in 1..=150 {
            let item = receive(store, &[update(number, number)]).await.remove(0);
            let queued = (0..4).map(|part| send(number + part, number)).collect();
            commit(store, Commit { decided: Some(item.seq), queued, ..Commit::default() }).await;
            // The writer pauses now and then; otherwise no snapshot would succeed.
            if number % 15 == 0 {
                read.acquire().await.unwrap().forget();
            }
        }
    };
    let mut seen = Vec::new();
    let reads = async {
        for _ in 0..10 {
            let peek = RedisStore::open_read_only(&options).await.unwrap();
            seen.push(records(peek.snapshot().await.unwrap()).await);
            read.add_permits(1);
        }
    };
    tokio::join!(changes, reads);
    let mut midway = false;
    for records in seen {
        let (mut waiting, mut parts) = (BTreeSet::new(), BTreeMap::<i64, usize>::new());
        for record in &records {
            match record {
                Record::Update(item) => drop(waiting.insert(item.update.update.0)),
                Record::Known(known) => drop(parts.entry(known.update.0).or_default()),
                Record::Send(item) => *parts.entry(item.queued.cause.0).or_default() += 1,
                Record::Facts(_)
                | Record::Group(_)
                | Record::Conversation(_)
                | Record::Link(_)
                | Record::Dead(_) => {}
            }
        }
        midway |= !parts.is_empty() && parts.len() < 150;
        for (number, parts) in parts {
            let expected = if waiting.contains(&number) { 0 } else { 4 };
            assert_eq!(parts, expected, "update {number} is only partly in the snapshot");
        }
    }
    assert!(midway, "no snapshot was taken during the changes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_written_commit_is_copied_once_it_is_whole_and_refused_if_it_never_is() {
    const MARKS: &str = "support-bot:{5}:marks";
    // It copies everything forty times before it gives up, so persistence is off to save time.
    let stored = Stored::on(Server::start_with(&["--appendonly", "no"])).await;
    let server = &stored.server;
    let item = receive(stored.store(), &[update(1, 1)]).await.remove(0);
    let peek = RedisStore::open_read_only(&server.options()).await.unwrap();
    // A commit that spans partitions, an update that is handed to another partition, and the commit of an update that
    // arrived after its own partition was copied.
    let (half, late) = (item.seq.to_string(), (item.seq.0 + 16_000).to_string());
    for mark in [half.clone(), format!("h{half}"), late] {
        server.ask(&["ZADD", MARKS, "1", &mark]);
        let ends = async {
            let mut copies = BTreeSet::new();
            while copies.len() < 3 {
                let names = server.ask(&["KEYS", "support-bot:{0}:copy:*:names"]);
                copies.extend(names.lines().filter(|name| !name.is_empty()).map(str::to_owned));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            server.ask(&["ZREM", MARKS, &mark]);
        };
        let (snapshot, ()) = tokio::join!(peek.snapshot(), ends);
        assert_eq!(records(snapshot.unwrap()).await.len(), 3);
    }
    server.ask(&["ZADD", MARKS, "1", &half]);
    let words = peek.snapshot().await.unwrap_err().to_string();
    assert!(words.contains("is not finished"), "{words}");
    let left = server.ask(&["KEYS", "*:copy:*"]);
    assert_eq!(left.trim(), "", "the copies are deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_deleted_before_it_is_read_is_an_error() {
    let stored = Stored::open().await;
    everything(stored.store()).await;
    let peek = RedisStore::open_read_only(&stored.server.options()).await.unwrap();
    let mut snapshot = peek.snapshot().await.unwrap();
    snapshot.page().await.unwrap();
    for key in stored.server.ask(&["KEYS", "*:copy:*:l:*"]).lines() {
        stored.server.ask(&["DEL", key]);
    }
    let ended = loop {
        match snapshot.page().await {
            Ok(page) if page.is_empty() => break Ok(()),
            Ok(_more) => {}
            Err(error) => break Err(error),
        }
    };
    assert!(matches!(ended, Err(StoreError::Io(_))), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_without_memory_for_a_copy_is_not_copied() {
    let stored = Stored::on(Server::start_with(&["--maxmemory-policy", "noeviction"])).await;
    everything(stored.store()).await;
    let info = stored.server.ask(&["INFO", "memory"]);
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
    let limit = used.trim().parse::<u64>().unwrap() + 20_000;
    stored.server.ask(&["CONFIG", "SET", "maxmemory", &limit.to_string()]);
    let peek = RedisStore::open_read_only(&stored.server.options()).await.unwrap();
    let words = peek.snapshot().await.unwrap_err().to_string();
    assert!(words.contains("maxmemory"), "{words}");
    assert_eq!(stored.server.ask(&["KEYS", "*:copy:*"]).trim(), "", "the copies are deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_store_with_a_second_group_is_closed_to_releases_that_know_one() {
    let stored = Stored::open().await;
    let format =
        |server: &Server| server.ask(&["HGET", "support-bot:{0}:meta", "format"]).trim().to_owned();
    stored.store().register_groups(&[]).await.unwrap();
    assert_eq!(format(&stored.server), "1");
    stored.store().register_groups(&[ChatId(-10)]).await.unwrap();
    assert_eq!(format(&stored.server), "2");
    let again = stored.reopen().await;
    assert_eq!(format(&again.server), "2");
}
