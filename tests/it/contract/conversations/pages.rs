//! Promises about paging through all conversations, and about the published progress of that work.

use domain::{Partition, PartitionSet, UserId};
use ports::{Board as _, Ledger};

use crate::contract::{
    Backend,
    sample::{commit, conversation, storing},
};

/// The users on all pages of at most `limit` users, and the number of pages.
async fn listed(store: &impl Ledger, of: PartitionSet, limit: usize) -> (Vec<i64>, usize) {
    let (mut users, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let (page, next) = store.page(of, after, limit).await.unwrap();
        users.extend(page.iter().map(|one| one.user.0));
        pages += 1;
        after = next;
        if after.is_none() {
            break;
        }
    }
    users.sort_unstable();
    (users, pages)
}

pub(crate) async fn all_conversations_are_listed_page_by_page<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    assert_eq!(listed(store, PartitionSet::ALL, 10).await.0, [0_i64; 0]);
    for user in 1..=300 {
        commit(store, storing(conversation(user), 0)).await;
    }
    let (users, pages) = listed(store, PartitionSet::ALL, 10).await;
    assert_eq!(users, (1..=300).collect::<Vec<_>>());
    assert!(pages >= 16, "{pages}");
    let two: PartitionSet =
        [Partition::of(UserId(3)), Partition::of(UserId(9))].into_iter().collect();
    let (users, _) = listed(store, two, 5).await;
    assert_eq!(users, (1..=300).filter(|user| [3, 9].contains(&(user % 16))).collect::<Vec<_>>());
    assert_eq!(listed(store, PartitionSet::NONE, 5).await, (Vec::new(), 1));
    let mut changed = conversation(7);
    changed.moderation.banned = true;
    commit(store, storing(changed, 1)).await;
    let (page, _) = store.page(Partition::of(UserId(7)).into(), None, 1000).await.unwrap();
    assert!(page.iter().find(|one| one.user == UserId(7)).unwrap().moderation.banned);
}

pub(crate) async fn published_values_are_read_by_name<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    let [first, second] = [Partition::of(UserId(1)), Partition::of(UserId(2))];
    assert_eq!(store.published("a").await.unwrap(), []);
    store.publish("a", Vec::new()).await.unwrap();
    store.publish("a", vec![(first, "1 2".to_owned()), (second, "3".to_owned())]).await.unwrap();
    store.publish("a", vec![(second, "4".to_owned())]).await.unwrap();
    store.publish("b", vec![(first, "5".to_owned())]).await.unwrap();
    let mut shown = store.published("a").await.unwrap();
    shown.sort_unstable();
    assert_eq!(shown, [(first, "1 2".to_owned()), (second, "4".to_owned())]);
}
