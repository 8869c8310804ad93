//! The limits that processes share: slots are given on the same terms, whichever process asks.

use std::time::Duration;

use domain::Class;
use ports::{
    ClassSet, GroupTerms, SharedLimits, SharedSlots as _, SlotGrant, SlotRequest, Slots, SlotsAsked,
};
use support_bot::adapters::redis::RedisStore;

use super::Server;

const LIMITS: SharedLimits =
    SharedLimits { overall: 30, group: 20, group_period: Duration::from_secs(3) };

/// Terms without a condition.
fn quiet(class: Class) -> GroupTerms {
    GroupTerms { class, leave: 0, paced_below: 0, yields: false, caps: [None, None] }
}

fn request(want: usize, up_to: usize, group: Option<GroupTerms>) -> SlotRequest {
    SlotRequest { want, up_to, reserved: 0, group }
}

async fn ask(store: &RedisStore, requests: Vec<SlotRequest>) -> Vec<SlotGrant> {
    let asked = SlotsAsked { limits: LIMITS, requests, ..SlotsAsked::default() };
    store.slots(asked).await.unwrap().unwrap()
}

/// Asks for one slot of the group.
async fn one(store: &RedisStore, terms: GroupTerms) -> SlotGrant {
    ask(store, vec![request(1, 1, Some(terms))]).await.pop().unwrap()
}

fn waits(grant: SlotGrant) -> bool {
    matches!(grant, SlotGrant::Wait(_))
}

/// Two processes on one Redis.
async fn processes() -> (Server, RedisStore, RedisStore) {
    let server = Server::start();
    let open = async || RedisStore::join(&server.options()).await.unwrap();
    let (one, other) = (open().await, open().await);
    (server, one, other)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_must_leave_slots_leaves_them_to_other_processes() {
    let (_server, busy, other) = processes().await;
    let heavy = GroupTerms { leave: 5, ..quiet(Class::Known) };
    let taken = ask(&busy, vec![request(1, 15, Some(heavy))]).await;
    assert_eq!(taken, [SlotGrant::Taken(15)]);
    assert!(waits(one(&busy, heavy).await) && waits(one(&other, heavy).await));
    let rest = ask(&other, vec![request(1, 9, Some(quiet(Class::Known)))]).await;
    assert_eq!(rest, [SlotGrant::Taken(5)]);
    assert!(waits(one(&busy, quiet(Class::Known)).await), "the limit is used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_granted_each_on_its_own_terms() {
    let (_server, store, _other) = processes().await;
    let heavy = GroupTerms { leave: 20, ..quiet(Class::Known) };
    let album = request(10, 10, Some(quiet(Class::Stranger)));
    let requests = vec![
        album,
        request(11, 11, Some(quiet(Class::Known))),
        request(1, 1, Some(quiet(Class::Known))),
        request(1, 5, None),
    ];
    let grants = ask(&store, requests).await;
    assert_eq!(grants[0], SlotGrant::Taken(10));
    assert!(waits(grants[1]), "eleven do not fit");
    assert_eq!(grants[2..], [SlotGrant::Taken(1), SlotGrant::Taken(5)], "others do");
    assert!(waits(one(&store, heavy).await));
    let reserving = SlotRequest { reserved: 14, ..request(1, 9, None) };
    assert!(waits(ask(&store, vec![reserving]).await[0]), "14 of 30 in a second are left");
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_are_capped_over_all_processes() {
    let (_server, store, other) = processes().await;
    let strangers = ClassSet::of(&[Class::Opening, Class::Stranger]);
    let third = |class| GroupTerms { caps: [Some((strangers, 3)), None], ..quiet(class) };
    assert_eq!(one(&store, third(Class::Opening)).await, SlotGrant::Taken(1));
    assert_eq!(one(&other, third(Class::Stranger)).await, SlotGrant::Taken(1));
    let last = ask(&other, vec![request(1, 9, Some(third(Class::Stranger)))]).await;
    assert_eq!(last, [SlotGrant::Taken(1)], "no more than the cap");
    assert!(waits(one(&store, third(Class::Opening)).await));
    assert_eq!(one(&store, quiet(Class::Stranger)).await, SlotGrant::Taken(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn paced_calls_of_all_processes_are_spread() {
    let (_server, store, other) = processes().await;
    let paced = GroupTerms { paced_below: 15, yields: true, ..quiet(Class::Stranger) };
    let burst = ask(&store, vec![request(1, 9, Some(paced))]).await;
    assert_eq!(burst, [SlotGrant::Taken(5)], "what is above goes at once");
    let SlotGrant::Wait(first) = one(&other, paced).await else { panic!("no pause") };
    // 15 slots for three seconds.
    assert!((100..=210).contains(&first.as_millis()), "{first:?}");
    tokio::time::sleep(first).await;
    assert_eq!(one(&other, paced).await, SlotGrant::Taken(1));
    assert!(waits(one(&store, paced).await), "the pause counts for all");
    assert_eq!(one(&store, quiet(Class::Known)).await, SlotGrant::Taken(1), "others do not pause");
}

#[tokio::test(flavor = "multi_thread")]
async fn used_slots_age_and_unused_ones_are_free_at_once() {
    let (_server, store, other) = processes().await;
    let known = quiet(Class::Known);
    let taken = ask(&store, vec![request(20, 20, Some(known))]).await;
    assert_eq!(taken, [SlotGrant::Taken(20)]);
    let of = |slots| {
        let mut sum = Slots::default();
        sum.group[Class::Known as usize] = slots;
        sum
    };
    let report =
        SlotsAsked { limits: LIMITS, used: of(12), unused: of(8), ..SlotsAsked::default() };
    store.slots(report).await.unwrap();
    let rest = ask(&other, vec![request(1, 20, Some(known))]).await;
    assert_eq!(rest, [SlotGrant::Taken(8)]);
    let freeze = Some(Duration::from_secs(30));
    let frozen = SlotsAsked { limits: LIMITS, freeze_group: freeze, ..SlotsAsked::default() };
    store.slots(frozen).await.unwrap();
    assert!(waits(one(&other, known).await));
    let elsewhere = ask(&other, vec![request(1, 1, None)]).await;
    assert_eq!(elsewhere, [SlotGrant::Taken(1)], "the freeze is the group's");
}
