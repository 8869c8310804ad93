//! Newsletters: the owner and administrators write, start, control and recall them.

use std::time::Duration;

use telegram_simulator::{Content, Limits, Options, Person, SeenMessage};

use crate::harness::{Author, Desk, copies, spec, stores_in_redis};

/// The administrator of these desks.
const ADMINISTRATOR: i64 = 4_000_000_003;

fn unlimited() -> Options {
    Options { limits: Limits::off(), ..Options::default() }
}

/// A desk on which a newsletter takes a few seconds, and its recipients.
async fn slow_desk() -> (Desk, Vec<Person>) {
    let paced = [("PACE_OVERALL_PER_SECOND", "24"), ("SEND_CONCURRENCY", "4")];
    let desk = Desk::start_with(unlimited(), &paced).await;
    let people = desk.people(60).await;
    (desk, people)
}

/// Messages from the bot that are not its own texts.
fn received(person: &Person) -> Vec<SeenMessage> {
    let ours = |message: &SeenMessage| {
        message.text.as_deref().is_some_and(|text| {
            text.starts_with('◆') || text.contains("/help") || text.contains("/newsletter")
        })
    };
    person.sees().into_iter().filter(|message| !ours(message)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_is_asked_for_and_shown_in_the_zone_of_the_welcome() {
    let mut desk = Desk::closed().await;
    desk.use_example_welcome();
    desk.open().await;
    let owner = Author::owner(&desk.telegram);
    owner.drafts("We are open on Sunday").await;
    owner.until("Content: the message").await;
    owner.presses("Start time").await;
    owner.until("in your time zone (Moscow, UTC+3)").await;
    owner.person.writes("18:30");
    let panel = owner.until("18:30 (Moscow, UTC+3)").await;
    assert!(panel.contains("Start: ") && !panel.contains("15:30"), "{panel}");
    // A condition shows the label of the answer, not its key.
    owner.presses("Answer").await;
    owner.until("How did you hear about us?").await;
    owner.until("Online").await;
    // The first press takes the time back.
    owner.presses("Start time").await;
    owner.until("Start: as soon as you confirm").await;
    owner.presses("Start time").await;
    owner.until("Now send the start time").await;
    owner.person.writes("18:30 +5");
    owner.until("16:30 (Moscow, UTC+3)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_reaches_everybody_once_as_its_preview_showed_it() {
    let desk = Desk::start().await;
    let people = desk.people(20).await;
    people[3].blocks();
    people[4].leaves_telegram();
    people[5].writes("hello");
    desk.settle().await;
    desk.operator.writes_in(desk.topic(), "/ban");
    desk.settle().await;

    let owner = Author::owner(&desk.telegram);
    owner.begins().await;
    assert_eq!(owner.labels(), ["Delete draft"]);
    owner.person.writes("We are open on Sunday");
    let panel = owner.until("Recipients: 19").await;
    assert!(panel.contains("For: everybody") && panel.contains("Content: the message"), "{panel}");
    assert_eq!(desk.group.topics().len(), 1, "nothing of a newsletter reaches operators");
    owner.presses("Add buttons").await;
    owner.until("Now send the buttons").await;
    owner.person.writes("no button");
    owner.wait_for_message("These are not buttons").await;
    owner.person.writes("Map - https://example.org/map");
    owner.until("Buttons under it: 1").await;
    owner.presses("Preview").await;
    let seen = |person: &Person| {
        let found = received(person)
            .into_iter()
            .find(|message| message.text.as_deref() == Some("We are open on Sunday"))?;
        let button = found.all_buttons().next()?.clone();
        Some((found.kind, button.text, button.url))
    };
    desk.until("the preview has arrived", || seen(&owner.person).is_some()).await;

    owner.starts(19).await;
    let panel = owner.until("Finished").await;
    for says in [
        "Sent: 18 of 19",
        "100 %",
        "Blocked the bot or deleted their account: 1",
        "or unreachable: 2",
    ] {
        assert!(panel.contains(says), "{says}: {panel}");
    }
    owner.wait_for_message("Sent to 18; 1 did not receive it").await;
    for (at, person) in people.iter().enumerate() {
        let expected = usize::from(![3, 4, 5].contains(&at));
        assert_eq!(copies(person, "We are open on Sunday"), expected, "{at}");
        if expected == 1 {
            assert_eq!(seen(person), seen(&owner.person), "{at}");
        }
    }
    let report = owner.person.sees().into_iter().find(|message| message.kind == "document");
    let report = report.unwrap().content["document"].clone();
    let name = report["file_name"].as_str().unwrap();
    assert!(name.starts_with("newsletter-") && name.contains(".csv"), "{report}");
    let table = desk.telegram.uploaded(report["file_id"].as_str().unwrap()).unwrap();
    let table = String::from_utf8(table).unwrap();
    assert!(table.starts_with("user_id,outcome\n1005,blocked\n1001,sent\n"), "{table}");
    assert_eq!(table.lines().count(), 20, "{table}");
    let count = |outcome: &str| {
        desk.metric(&format!("supportbot_newsletter_recipients_total{{outcome=\"{outcome}\"}}"))
    };
    assert!((count("sent") - 18.0).abs() < 0.5 && (count("blocked") - 1.0).abs() < 0.5);
    desk.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_is_sent_as_one_to_its_segment_only() {
    let settings = [("BOT_ADMIN_IDS", &*ADMINISTRATOR.to_string())];
    let desk = Desk::start_with(unlimited(), &settings).await;
    let ada = desk.user(1001, "Ada");
    let boris = desk.telegram.user(spec(1002, "Boris", "ru"));
    for person in [&ada, &boris] {
        person.starts();
    }
    let anna = Author::new(&desk.telegram, ADMINISTRATOR, "ru");
    anna.person.writes("/newsletter");
    anna.until("Новая рассылка").await;
    let pieces = vec![Content::photo("p1").caption("Праздник"), Content::photo("p2")];
    anna.person.sends_album(pieces);
    anna.until("альбом выше, вложений: 2").await;
    anna.until("Получателей: 4").await;
    let no_links = anna.labels();
    assert!(!no_links.contains(&"Добавить кнопки".to_owned()), "{no_links:?}");
    anna.presses("Язык").await;
    anna.until("чей язык: English").await;
    anna.presses("Язык").await;
    anna.until("чей язык: Русский").await;
    anna.until("Получателей: 2\n").await;
    assert_eq!(anna.presses("Начать…").await, None);
    anna.until("Рассылку получат 2 человека").await;
    anna.presses("Да, начать").await;
    anna.until("Завершена").await;
    let album = received(&boris);
    assert_eq!(album.len(), 2, "{album:?}");
    assert!(album[0].media_group_id.is_some());
    assert_eq!(album[0].media_group_id, album[1].media_group_id);
    assert_eq!(album[0].text.as_deref(), Some("Праздник"));
    assert_eq!(received(&ada), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_newsletter_is_forwarded_to_all() {
    let desk = Desk::start().await;
    let people = desk.people(2).await;
    let owner = Author::owner(&desk.telegram);
    owner.begins().await;
    owner.person.sends(Content::paid_media());
    owner.wait_for_message("Telegram does not let bots pass this on").await;
    owner.person.sends(Content::text("News of the shop").forwarded_from("The shop"));
    owner.until("forwarded with its origin").await;
    owner.starts(3).await;
    owner.until("Finished").await;
    for person in &people {
        let [copy] = &*received(person) else { panic!("{:?}", received(person)) };
        assert!(copy.forward_origin.is_some() && copy.text.as_deref() == Some("News of the shop"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_can_be_paused_resumed_stopped_and_recalled() {
    let (desk, people) = slow_desk().await;
    let owner = Author::owner(&desk.telegram);
    let sent = || people.iter().filter(|person| copies(person, "Sale") > 0).count();
    owner.sends_out("Sale", 61).await;
    owner.until("Being sent").await;
    desk.until("some recipients have it", || sent() > 3).await;
    owner.presses("Pause").await;
    owner.until("Paused").await;
    desk.settle().await;
    let paused = sent();
    assert!(paused < 50, "{paused}");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(sent(), paused, "nothing is sent during a pause");
    owner.presses("Resume").await;
    desk.until("more recipients have it", || sent() > paused).await;
    owner.presses("Stop").await;
    owner.until("Stopped before everybody received it").await;
    let stopped = sent();
    assert!(stopped < 60, "{stopped}");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(sent(), stopped);

    owner.presses("Delete for everybody…").await;
    owner.until("Delete it for").await;
    owner.presses("Keep it").await;
    assert!(sent() == stopped);
    owner.presses("Delete for everybody…").await;
    owner.presses("Yes, delete for everybody").await;
    owner.until("Deleted for everybody").await;
    desk.settle().await;
    assert_eq!(sent(), 0);
    let kept = "supportbot_newsletter_recipients_total{outcome=\"kept\"}";
    assert!(desk.metric(kept) < 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_newsletter_starts_on_time_and_continues_after_a_restart() {
    let mut desk = Desk::start().await;
    let people = desk.people(3).await;
    let owner = Author::owner(&desk.telegram);
    owner.drafts("Good morning").await;
    owner.until("Recipients: 4").await;
    owner.presses("Start time").await;
    owner.until("Now send the start time").await;
    owner.person.writes("yesterday");
    owner.wait_for_message("That is not a time").await;
    owner.person.writes("2020-01-01 10:00");
    owner.person.writes("00:00 -12");
    owner.until(", 12:00 UTC").await;
    owner.starts(4).await;
    owner.until("Starts ").await;
    assert!(people.iter().all(|person| copies(person, "Good morning") == 0));
    drop(owner);
    desk.close().await;
    desk.open().await;
    // A desk on Redis uses the clock of Redis.
    if !stores_in_redis() {
        desk.advance_clock(Duration::from_hours(25));
        let owner = Author::owner(&desk.telegram);
        owner.until("Finished").await;
        assert!(people.iter().all(|person| copies(person, "Good morning") == 1));
    }
    desk.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_whose_message_is_deleted_stops_and_says_so() {
    let (desk, people) = slow_desk().await;
    let owner = Author::owner(&desk.telegram);
    let message = owner.drafts("Sale").await;
    owner.starts(61).await;
    desk.until("some recipients have it", || {
        people.iter().any(|person| copies(person, "Sale") > 0)
    })
    .await;
    owner.person.deletes(message);
    let panel = owner.until("has been deleted").await;
    assert!(panel.contains("Failed: "), "{panel}");
    assert_eq!(owner.labels(), ["Stop"]);
    owner.presses("Stop").await;
    owner.until("Stopped before").await;
    desk.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_and_administrators_write_newsletters() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("/newsletter");
    desk.settle().await;
    assert_eq!(desk.relayed(desk.topic())[0].text.as_deref(), Some("/newsletter"));
    let owner = Author::owner(&desk.telegram);
    owner.begins().await;
    owner.presses("Delete draft").await;
    owner.wait_for_message("been deleted").await;
    owner.person.writes("I have a question myself");
    desk.settle().await;
    assert_eq!(desk.relayed(desk.topic_of("Author")).len(), 1, "a deleted draft accepts nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_select_by_answer_and_by_recent_activity() {
    let mut desk = Desk::closed_with(unlimited(), &[]).await;
    desk.use_example_welcome();
    desk.open().await;
    let (ada, bob) = (desk.user(1001, "Ada"), desk.user(1002, "Bob"));
    for person in [&ada, &bob] {
        person.starts();
    }
    let question = || ada.sees().into_iter().find(|seen| seen.all_buttons().next().is_some());
    desk.until("the question is asked", || question().is_some()).await;
    let question = question().unwrap();
    let first = question.all_buttons().next().unwrap().data.clone().unwrap();
    ada.presses(question.id, &first).unwrap();
    desk.settle().await;

    let owner = Author::owner(&desk.telegram);
    owner.drafts("Sale").await;
    owner.until("Recipients: 3\n").await;
    owner.presses("Answer").await;
    owner.until("Only for those who answered").await;
    owner.until("Recipients: 1\n").await;
    while owner.panel().contains("Only for those who answered") {
        let before = owner.panel();
        owner.presses("Answer").await;
        desk.until("the next choice is made", || owner.panel() != before).await;
    }
    owner.until("Recipients: 3\n").await;
    // A desk on Redis uses the clock of Redis.
    if !stores_in_redis() {
        owner.presses("Delete draft").await;
        desk.advance_clock(Duration::from_hours(24 * 10));
        bob.writes("hello");
        owner.drafts("Sale").await;
        owner.until("Recipients: 3\n").await;
        owner.presses("Last seen").await;
        owner.until("within the last 7 days").await;
        owner.starts(2).await;
        owner.until("Finished").await;
        assert_eq!((copies(&ada, "Sale"), copies(&bob, "Sale")), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_of_a_former_administrator_no_longer_work() {
    let settings = [("BOT_ADMIN_IDS", &*ADMINISTRATOR.to_string())];
    let mut desk = Desk::start_with(unlimited(), &settings).await;
    desk.telegram.user(spec(ADMINISTRATOR, "Author", "en")).starts();
    Author::new(&desk.telegram, ADMINISTRATOR, "en").person.writes("/newsletter");
    desk.settle().await;
    desk.close().await;
    desk.set("BOT_ADMIN_IDS", "");
    desk.open().await;
    let anna = Author::new(&desk.telegram, ADMINISTRATOR, "en");
    let popup = anna.presses("Delete draft").await;
    assert_eq!(popup.as_deref(), Some("This button no longer works."));
    anna.person.writes("A question");
    desk.settle().await;
    assert_eq!(desk.relayed(desk.topic()).len(), 1);
}
