//! Today's desk opens each store and finishes what an earlier release began.

use std::{path::Path, time::Duration};

use telegram_simulator::SeenMessage;

use super::{FORGETFUL, NEWS, PEOPLE, RELEASES, UNREADABLE, files, person, world};
use crate::{
    harness::{Desk, copies},
    redis::Server,
};

/// A desk that is not started, at the Telegram of a store.
async fn desk_of(release: &str, store: &str) -> Desk {
    let mut desk = Desk::closed().await;
    desk.set("REDIS_URL", "");
    // The links were made when the store was.
    desk.set("LINK_RETENTION_DAYS", "3650");
    let noted = files::world(release, store);
    world::restore(&noted, &desk.telegram, &desk.group, &desk.operator).await;
    desk
}

async fn succeeds(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk.run(arguments).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_an_earlier_release_is_drained() {
    for release in RELEASES {
        // At once, and after the desk was away for more than a year.
        for days in [0, 400] {
            let mut desk = desk_of(release, "sqlite").await;
            desk.advance_clock(Duration::from_hours(24 * days));
            files::put_folder(desk.folder(), release);
            drains(&mut desk, release).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redis_of_an_earlier_release_is_drained() {
    for release in RELEASES {
        let server = files::put_redis(release);
        let mut desk = desk_of(release, "redis").await;
        desk.set("REDIS_URL", &server.url());
        drains(&mut desk, release).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backup_of_an_earlier_release_is_restored_and_drained() {
    for release in RELEASES {
        let server = Server::start();
        for url in [String::new(), server.url()] {
            let mut desk = desk_of(release, "sqlite").await;
            desk.set("REDIS_URL", &url);
            let backup = desk.folder().join("old.backup").display().to_string();
            std::fs::write(&backup, files::kept(release, "sqlite/desk.backup")).unwrap();
            succeeds(&desk, &["restore", &backup]).await;
            drains(&mut desk, release).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_an_earlier_release_moves_to_redis_and_is_drained() {
    for release in RELEASES {
        let server = Server::start();
        let mut desk = desk_of(release, "sqlite").await;
        files::put_folder(desk.folder(), release);
        desk.set("REDIS_URL", &server.url());
        succeeds(&desk, &["migrate", "--to", "redis"]).await;
        drains(&mut desk, release).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redis_of_an_earlier_release_moves_to_a_folder_and_is_drained() {
    for release in RELEASES {
        let server = files::put_redis(release);
        let mut desk = desk_of(release, "redis").await;
        desk.set("REDIS_URL", &server.url());
        succeeds(&desk, &["migrate", "--to", "sqlite"]).await;
        desk.set("REDIS_URL", "");
        assert!(Path::new(&desk.folder().join("desk.sqlite3")).exists());
        drains(&mut desk, release).await;
    }
}

/// Starts the desk, and checks that everything is as its people left it and goes on.
async fn drains(desk: &mut Desk, release: &str) {
    desk.open().await;
    desk.settle().await;
    what_waited_has_arrived(desk);
    the_newsletter_ends(desk).await;
    answers_arrive(desk, release).await;
    bans_hold(desk).await;
    dead_letters_are_kept(desk).await;
}

fn what_waited_has_arrived(desk: &Desk) {
    let texts = |name: &str| desk.relayed_texts(topic(desk, name));
    assert_eq!(texts("Ada"), ["hello of Ada", "thank you", "waits 1", "waits 2"]);
    assert_eq!(texts("Bea"), ["hello of Bea", "waits of Bea"]);
    assert_eq!(texts("Cleo"), ["again", "waits of Cleo"]);
    assert_eq!(texts("Hugo"), ["waits of Hugo"]);
    let burst = person(desk, "Ivan").chat().into_iter().filter_map(|seen| seen.text);
    let burst: Vec<String> = burst.filter(|text| text.starts_with("burst")).collect();
    assert!(burst.len() > 50 && texts("Ivan") == burst, "{:?}", texts("Ivan"));
    let topics = desk.group.topics();
    let closed: Vec<_> = topics.iter().filter(|one| one.closed).map(|one| &*one.name).collect();
    assert_eq!(closed, ["Silent before"], "Bea's topic is open again");
    let photos = desk.relayed(topic(desk, "Gwen"));
    let photos: Vec<_> = photos.iter().filter(|seen| seen.kind == "photo").collect();
    assert_eq!(photos.len(), 2, "{photos:?}");
    assert!(photos.iter().all(|seen| seen.media_group_id.is_some()), "an album stays one");
    assert_eq!(copies(&person(desk, "Ada"), "answer that waits"), 1);
}

async fn the_newsletter_ends(desk: &Desk) {
    let recipients = ["Ada", "Bea", "Cleo", "Eve", "Finn", "Gwen"].map(|name| person(desk, name));
    let all = || recipients.iter().all(|person| copies(person, NEWS) > 0);
    desk.until("everybody has the newsletter", all).await;
    desk.settle().await;
    for (_, name) in PEOPLE {
        let wanted = usize::from(!["Dora", "Hugo", "Ivan", "Banned before"].contains(&name));
        assert_eq!(copies(&person(desk, name), NEWS), wanted, "{name}");
    }
}

async fn answers_arrive(desk: &Desk, release: &str) {
    let names = ["Ada", "Bea", "Cleo", "Finn", "Gwen", "Hugo", "Imported"];
    for name in names {
        desk.operator.writes_in(topic(desk, name), &format!("late answer to {name}"));
    }
    let topics = desk.group.topics();
    let former = topics.iter().find(|topic| topic.name == "Cleo").unwrap().id;
    desk.operator.writes_in(former, "in the old topic");
    let (ada, in_topic) = (person(desk, "Ada"), topic(desk, "Ada"));
    let says = |seen: &SeenMessage| seen.text.as_deref() == Some("hello of Ada");
    let [here, there] = [desk.group.messages(in_topic), ada.chat()]
        .map(|seen| seen.into_iter().find(says).unwrap().id);
    desk.operator.replies_in(in_topic, here, "about your hello");
    let arrived = || {
        let late = |name: &&str| copies(&person(desk, name), &format!("late answer to {name}")) > 0;
        names.iter().all(late) && copies(&ada, "about your hello") > 0
    };
    desk.until("the answers arrive", arrived).await;
    desk.settle().await;
    for name in names {
        assert_eq!(copies(&person(desk, name), &format!("late answer to {name}")), 1, "{name}");
    }
    let sees = ada.sees();
    let answer = sees.iter().find(|seen| seen.text.as_deref() == Some("about your hello"));
    assert_eq!(answer.unwrap().reply_to, Some(there), "old links are known");
    let reached = usize::from(release != FORGETFUL);
    assert_eq!(copies(&person(desk, "Cleo"), "in the old topic"), reached);
}

async fn bans_hold(desk: &Desk) {
    let banned = ["Dora", "Banned before"].map(|name| person(desk, name));
    for person in &banned {
        person.writes("let me in");
    }
    desk.settle().await;
    let shown = desk.group.everything();
    let of_banned =
        |text: &str| ["let me in", "is banned", "hello of Banned before"].contains(&text);
    assert!(!shown.iter().any(|seen| seen.text.as_deref().is_some_and(of_banned)));
    desk.operator.writes_in(topic(desk, "Dora"), "/ban");
    desk.settle().await;
    banned[0].writes("thank you");
    let arrived = || desk.relayed_texts(topic(desk, "Dora")).len() > 1;
    desk.until("the message arrives", arrived).await;
    assert_eq!(desk.relayed_texts(topic(desk, "Dora")), ["hello of Dora", "thank you"]);
}

async fn dead_letters_are_kept(desk: &mut Desk) {
    let finn = person(desk, "Finn");
    assert_eq!(copies(&finn, "is refused at first"), 0);
    let messages = desk.group.messages(topic(desk, "Finn"));
    let notice = messages.iter().rfind(|seen| !seen.buttons.is_empty()).unwrap();
    let retry = notice.all_buttons().next().unwrap().data.clone().unwrap();
    let listed = succeeds(desk, &["dead", "list"]).await;
    assert!(listed.contains("send of conversation 1006"), "{listed}");
    desk.operator.presses(notice.id, &retry);
    desk.until("it arrives", || copies(&finn, "is refused at first") > 0).await;
    desk.settle().await;
    assert_eq!(copies(&finn, "is refused at first"), 1);
    let listed = succeeds(desk, &["dead", "list"]).await;
    assert!(!listed.contains("1006"), "{listed}");
    let updates = listed.lines().filter(|line| line.contains("update ")).count();
    assert_eq!(updates, UNREADABLE + 1, "{listed}");
}

/// The newest topic of this name.
fn topic(desk: &Desk, name: &str) -> i64 {
    let topics = desk.group.topics();
    topics.iter().rfind(|topic| topic.name == name && !topic.deleted).unwrap().id
}
