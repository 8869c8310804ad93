//! The server freezes, dies, loses data, is full, or holds foreign data: nothing else is lost, and the desk works again
//! afterwards.

use std::time::{Duration, Instant};

use domain::{InboxLane, Seq, UpdateId, UserId};
use ports::{Arrival, Commit, Committed, Inbox, Ledger, RawUpdate, Store, StoreError, Taken};
use secrecy::SecretString;
use support_bot::adapters::redis::{OpenError, Options, RedisStore};

use crate::contract::{
    Backend,
    sample::{
        NOW, commit, conversation, later, load, queue, receive, send, storing, undecided, update,
        waiting,
    },
};
use crate::redis::{Server, Stored};

/// Retries until a commit succeeds, as the engine does; returns how long that took.
async fn write_until_answered(
    store: &RedisStore,
    commits: &[Commit],
) -> (Vec<Committed>, Duration) {
    let begun = Instant::now();
    loop {
        match store.commit(commits.to_vec()).await {
            Ok(done) => return (done, begun.elapsed()),
            Err(error) => {
                assert!(matches!(error, StoreError::Io(_) | StoreError::Busy(_)), "{error:?}");
            }
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "the store does not recover");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_is_detected_and_calls_meanwhile_are_done_once() {
    let stored = Stored::open().await;
    let store = stored.store();
    let item = receive(store, &[update(1, 1)]).await.remove(0);
    stored.server.signal("STOP");

    let begun = Instant::now();
    let decide = Commit {
        decided: Some(item.seq),
        queued: vec![send(1, 1), send(1, 2)],
        ..storing(conversation(1), 0)
    };
    // This commit expects no revision: only its request id prevents a second execution.
    let plain = Commit { queued: vec![send(2, 9)], ..Commit::default() };
    let commits = [decide, plain];
    let error = store.commit(commits.to_vec()).await.unwrap_err();
    assert!(matches!(error, StoreError::Io(_)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "it took {:?}", begun.elapsed());
    let arrival = Arrival {
        update: update(2, 3),
        received: NOW,
        commit: Some(Commit { queued: vec![send(3, 7)], ..storing(conversation(3), 0) }),
    };
    let error = store.take_in(vec![arrival], Some(UpdateId(3))).await.unwrap_err();
    assert!(matches!(error, StoreError::Io(_)), "{error:?}");

    stored.server.signal("CONT");
    let (done, took) = write_until_answered(store, &commits).await;
    assert!(took < Duration::from_secs(15), "it took {took:?} to recover");
    let queued = |done: &Committed| match done {
        Committed::Done(written) => written.queued.clone(),
        Committed::Stale | Committed::Elsewhere => panic!("the commit was not made"),
    };
    assert_eq!(queued(&done[0]), waiting(store, 1).await, "the sender learns of every queued send");
    assert_eq!(queued(&done[0]).len(), 2);
    assert_eq!(queued(&done[1]), waiting(store, 2).await);
    assert_eq!(queued(&done[1]).len(), 1, "the commit was made once");
    assert_eq!(undecided(store).await, []);

    // Telegram repeats the update, and this time it is taken in without a decision.
    let again = Arrival { update: update(2, 3), received: later(9), commit: None };
    let taken = store.take_in(vec![again], Some(UpdateId(3))).await.unwrap();
    let [Taken::Decided(written)] = &*taken else { panic!("{taken:?}") };
    assert_eq!(written.queued, waiting(store, 3).await);
    assert_eq!(written.queued.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_has_every_answered_write_after_a_restart() {
    let mut stored = Stored::open().await;
    let items = receive(stored.store(), &[update(1, 1), update(2, 2)]).await;
    let sends = queue(stored.store(), vec![send(1, 1)]).await;
    stored.server.kill();
    let error = stored.store().probe().await.unwrap_err();
    assert!(matches!(error, StoreError::Io(_)), "{error:?}");
    stored.server.restart();

    let one = Commit { queued: vec![send(1, 2)], ..Commit::default() };
    let (done, _) = write_until_answered(stored.store(), &[one]).await;
    assert!(matches!(&done[..], [Committed::Done(written)] if written.queued.len() == 1));
    let store = stored.store();
    assert_eq!(undecided(store).await, items);
    let all = waiting(store, 1).await;
    assert_eq!((all.len(), &all[0]), (2, &sends[0]));
    store.probe().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_that_were_flushed_are_sent_again() {
    let stored = Stored::open().await;
    receive(stored.store(), &[update(1, 1)]).await;
    assert_eq!(stored.server.ask(&["SCRIPT", "FLUSH"]).trim(), "OK");
    receive(stored.store(), &[update(2, 1)]).await;
    assert_eq!(undecided(stored.store()).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_server_loses_nothing_and_is_used_again_when_there_is_room() {
    let server = Server::start_with(&["--maxmemory", "6mb", "--maxmemory-policy", "noeviction"]);
    let stored = Stored::on(server).await;
    let store = stored.store();
    let large = |number: i64| {
        let lane = InboxLane::User(UserId(1));
        RawUpdate { update: UpdateId(number), lane, raw: "x".repeat(64 << 10) }
    };
    let mut kept: Vec<Seq> = Vec::new();
    let error = loop {
        let number = i64::try_from(kept.len()).unwrap();
        match store.receive(vec![large(number)], None, NOW).await {
            Ok(received) => kept.extend(received.items.iter().map(|item| item.seq)),
            Err(error) => break error,
        }
        assert!(kept.len() < 200, "the server never became full");
    };
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    let there = |items: Vec<_>| -> Vec<Seq> {
        items.into_iter().map(|item: ports::InboxItem| item.seq).collect()
    };
    assert_eq!(there(undecided(store).await), kept);

    // Commits that free memory succeed even on a full server.
    for seq in kept.drain(..10) {
        commit(store, Commit { decided: Some(seq), ..Commit::default() }).await;
    }
    kept.extend(receive(store, &[large(1000)]).await.into_iter().map(|item| item.seq));
    assert_eq!(there(undecided(store).await), kept);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_data_is_corrupt_and_harms_nothing_else() {
    let stored = Stored::open().await;
    let store = stored.store();
    stored.server.ask(&["SET", "support-bot:{1}:conv", "theirs"]);
    let error = store.commit(vec![storing(conversation(1), 0)]).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    commit(store, storing(conversation(2), 0)).await;
    assert!(load(store, 2).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_fails_half_way_is_undone_and_its_update_kept() {
    let stored = Stored::open().await;
    let store = stored.store();
    stored.server.ask(&["SET", "support-bot:{1}:out", "theirs"]);
    let decide =
        |decided| Commit { decided, queued: vec![send(1, 1)], ..storing(conversation(1), 0) };
    let arrival = Arrival { update: update(1, 1), received: NOW, commit: Some(decide(None)) };
    let taken = store.take_in(vec![arrival.clone()], Some(UpdateId(2))).await;
    assert!(matches!(taken, Err(StoreError::Corrupt(_))), "{taken:?}");
    assert_eq!((undecided(store).await, load(store, 1).await), (vec![], None));

    // When Telegram repeats the update, it is stored without its decision, and delays no other update.
    let taken = store.take_in(vec![arrival], Some(UpdateId(2))).await.unwrap();
    let [Taken::Waits(item)] = &*taken else { panic!("{taken:?}") };
    let error = store.commit(vec![decide(Some(item.seq))]).await.unwrap_err();
    // The script returns the error with the code that Redis gave it.
    let with_code = "a key has the wrong type: WRONGTYPE ";
    let StoreError::Corrupt(why) = &error else { panic!("{error:?}") };
    assert!(why.starts_with(with_code), "{why}");
    assert_eq!((undecided(store).await, load(store, 1).await), (vec![item.clone()], None));

    stored.server.ask(&["DEL", "support-bot:{1}:out"]);
    let (queued, _) = commit(store, decide(Some(item.seq))).await;
    assert_eq!((queued.len(), undecided(store).await), (1, vec![]));
    assert_eq!(queued, waiting(store, 1).await);
    assert_eq!(store.figures().await.unwrap().conversations.iter().sum::<u64>(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn updates_keep_their_order_when_their_topic_becomes_a_users() {
    use domain::{Topic, TopicId};
    let stored = Stored::open().await;
    let store = stored.store();
    let lane = InboxLane::Topic(TopicId(70));
    let written = |number| RawUpdate { update: UpdateId(number), lane, raw: String::from("{}") };
    let early = receive(store, &[written(1), written(2)]).await;
    let mut next = conversation(5);
    next.topic.current = Topic::Open(TopicId(70));
    commit(store, storing(next.clone(), 0)).await;
    let again = store.receive(vec![written(1)], None, later(1)).await.unwrap();
    assert_eq!(again.duplicates, 1, "the duplicate is found in its partition");

    // These updates are in the topic's partition. A decision there could overtake updates that wait in the user's
    // partition, so every commit is refused.
    let decide = |seq, revision| Commit {
        decided: Some(seq),
        queued: vec![send(5, 1)],
        ..storing(next.clone(), revision)
    };
    for _ in 0..2 {
        for item in &early {
            let answer = store.commit(vec![decide(item.seq, 1)]).await.unwrap();
            assert_eq!(answer, [Committed::Elsewhere], "the update is handed over once");
        }
    }
    assert_eq!(waiting(store, 5).await, []);
    let third = receive(store, &[written(3)]).await.remove(0);
    let there = undecided(store).await;
    let numbers: Vec<i64> = there.iter().map(|item| item.update.update.0).collect();
    assert_eq!(numbers, [1, 2, 3], "each update is once in the user's partition, in order");
    assert_eq!(there.last(), Some(&third));

    let first = there.first().unwrap().seq;
    let (queued, _) = commit(store, decide(first, 1)).await;
    assert_eq!(queued, waiting(store, 5).await);
    assert_eq!(
        commit(store, decide(first, 1)).await,
        (vec![], vec![]),
        "a repeated commit has no effect"
    );
    let again = store.receive(vec![written(1), written(2)], None, later(1)).await.unwrap();
    assert_eq!(again.duplicates, 2);
    let stored = stored.kill().await;
    assert_eq!(undecided(stored.store()).await, there.get(1..).unwrap());
    assert_eq!(waiting(stored.store(), 5).await, queued);
    assert_eq!(load(stored.store(), 5).await.unwrap().revision.0, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_is_refused_and_a_frozen_one_can_write_nothing() {
    let stored = Stored::open().await;
    let Err(error) = RedisStore::open(&stored.server.options()).await else {
        panic!("the store opened")
    };
    assert_eq!(error, OpenError::Running);
    commit(stored.store(), storing(conversation(1), 0)).await;

    // The leases have expired, and another process takes them before the first resumes.
    for partition in 0..16 {
        let lease = format!("support-bot:{{{partition}}}:lease");
        stored.server.ask(&["SET", &lease, "another", "PX", "600"]);
    }
    let second = RedisStore::open(&stored.server.options()).await.unwrap();
    let late = stored.store().commit(vec![storing(conversation(1), 1)]).await.unwrap();
    assert_eq!(late, [Committed::Elsewhere]);
    assert_eq!(load(&second, 1).await.unwrap().revision.0, 1);
    commit(&second, storing(conversation(1), 1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_to_open_says_what_to_check_and_no_password() {
    let server = Server::start_with(&["--requirepass", "right"]);
    let open = async |url: String| {
        let opened = RedisStore::open(&Options::at(SecretString::from(url))).await;
        opened.map(drop).unwrap_err()
    };
    let port = server.port();
    for (url, word) in [
        (format!("redis://:wr0ng@127.0.0.1:{port}"), "REDIS_PASSWORD"),
        (format!("redis://127.0.0.1:{port}"), "REDIS_PASSWORD"),
        ("redis://:wr0ng@127.0.0.1:1".to_owned(), "REDIS_PORT"),
        ("redis://:wr0ng@no-such-host.invalid:6379".to_owned(), "REDIS_HOST"),
        ("no address".to_owned(), "REDIS_URL"),
    ] {
        let words = open(url.clone()).await.to_string();
        assert!(words.contains(word) && !words.contains("wr0ng"), "{url}: {words}");
    }
    let right = Options::at(SecretString::from(format!("redis://:right@127.0.0.1:{port}")));
    RedisStore::open(&right).await.unwrap().probe().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_spans_partitions_is_finished_by_the_next_process() {
    for killed in [false, true] {
        let mut stored = Stored::open().await;
        let item = receive(stored.store(), &[update(1, 1)]).await.remove(0);
        let decide = |over| Commit {
            decided: Some(item.seq),
            queued: vec![send(1, 1), send(2, 1)],
            ..storing(conversation(1), over)
        };
        // The second step of the commit fails.
        stored.server.ask(&["SET", "support-bot:{2}:out", "theirs"]);
        let error = stored.store().commit(vec![decide(0)]).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
        assert_eq!(
            undecided(stored.store()).await,
            std::slice::from_ref(&item),
            "the update is not decided yet"
        );
        stored.server.ask(&["DEL", "support-bot:{2}:out"]);
        let over = if killed {
            stored = stored.kill().await;
            // The update is decided again, on the state that the first step has left.
            load(stored.store(), 1).await.unwrap().revision.0
        } else {
            0
        };
        let store = stored.store();
        let (queued, _) = commit(store, decide(over)).await;
        let all = [waiting(store, 1).await, waiting(store, 2).await].concat();
        assert_eq!(all.len(), 2, "each send is queued once");
        assert_eq!(
            queued,
            if killed { all[1..].to_vec() } else { all },
            "the commit returns the new sends"
        );
        assert_eq!(undecided(store).await, []);
        assert_eq!(load(store, 1).await.unwrap().revision.0, 1);
    }
}
