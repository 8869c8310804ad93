//! The cost of one relayed message: `cargo test --release --test it speed -- --ignored --nocapture`.

use std::{fs, time::Instant};

use domain::{Subject, UserId};
use ports::{Commit, Committed, Inbox, Ledger, Written};

use super::disk::Disk;
use crate::contract::{
    Backend,
    sample::{conversation, later, link, send, storing, update},
};

const USERS: i64 = 2_000;

#[tokio::test]
#[ignore = "a measurement"]
async fn speed_of_the_hot_path() {
    let disk = Disk::open().await;
    let store = disk.store();
    for chunk in 0..USERS / 100 {
        let new = (chunk * 100..(chunk + 1) * 100).map(|user| storing(conversation(user), 0));
        store.commit(new.collect()).await.unwrap();
    }
    let mut number = 0;
    for (batch, messages) in [(1, 3_000), (16, 40_000), (64, 80_000)] {
        for changing in [false, true] {
            let (began, cpu) = (Instant::now(), cpu_micros());
            for _ in 0..messages / batch {
                relay(&disk, number..number + batch, changing).await;
                number += batch;
            }
            let per =
                |micros: i64| format!("{}.{}", micros / messages, micros * 10 / messages % 10);
            println!(
                "batch {batch:>2}, conversation {}: {:>6} us CPU, {:>7} us each",
                if changing { "changes" } else { "stays  " },
                per(cpu_micros() - cpu),
                per(i64::try_from(began.elapsed().as_micros()).unwrap()),
            );
        }
    }
    let began = Instant::now();
    for _ in 0..1_000_000 {
        std::hint::black_box(store.load(Subject::User(UserId(USERS - 1))).await.unwrap());
    }
    println!("load, cached: {:?} each", began.elapsed() / 1_000_000);
}

/// Receives, decides and sends these messages, as the engine does.
async fn relay(disk: &Disk, numbers: std::ops::Range<i64>, changing: bool) {
    let store = disk.store();
    let user = |number: i64| number.wrapping_mul(7919) % USERS;
    let raw = |number| {
        let mut update = update(number, user(number));
        update.raw.push_str(&" ".repeat(700));
        update
    };
    let updates = numbers.clone().map(raw).collect();
    let received = store.receive(updates, None, later(numbers.start)).await.unwrap();

    let mut decided = Vec::new();
    for (item, number) in received.items.into_iter().zip(numbers.clone()) {
        let user = user(number);
        let found = store.load(Subject::User(UserId(user))).await.unwrap().unwrap();
        let mut next = (*found).clone();
        next.topic.card_hash += 1;
        let revision = found.revision;
        let mut commit = storing(next, revision.0);
        if !changing {
            commit.conversation = None;
        }
        commit.decided = Some(item.seq);
        commit.queued = vec![send(user, number)];
        decided.push(commit);
    }
    let done = store.commit(decided).await.unwrap();
    let sent = done.into_iter().zip(numbers).map(|(done, number)| {
        let Committed::Done(Written { queued, .. }) = done else { panic!("stale") };
        let mut link = link(user(number), number, number);
        link.at = later(number);
        Commit { sent: vec![queued[0].seq], links: vec![link], ..Commit::default() }
    });
    store.commit(sent.collect()).await.unwrap();
}

/// The CPU time of this process, from Linux's counter of 10 ms ticks.
fn cpu_micros() -> i64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit(") ").next().unwrap();
    let ticks: i64 =
        after_name.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<i64>().unwrap()).sum();
    ticks * 10_000
}
