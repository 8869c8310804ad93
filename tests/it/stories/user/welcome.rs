//! The welcome from Start to its last message, and events that may interrupt it.

use std::time::Duration;

use telegram_simulator::{Person, SeenMessage};

use crate::harness::{Desk, program::texts, spec};

const GREETED: [&str; 4] =
    ["Good morning!", "Good afternoon!", "Good evening!", "Hello! It is night here."];

/// A desk whose owner was the first to press Start, and has the first number.
async fn desk() -> Desk {
    let mut desk = Desk::closed().await;
    desk.use_example_welcome();
    desk.open().await;
    desk.settle().await;
    desk
}

fn last(person: &Person) -> SeenMessage {
    person.sees().pop().unwrap()
}

/// Presses the button with this label under the last message that has one.
fn presses(person: &Person, label: &str) -> SeenMessage {
    let asked = |message: &SeenMessage| message.all_buttons().any(|button| button.text == label);
    let question = person.sees().into_iter().rev().find(asked).unwrap();
    let button = question.all_buttons().find(|button| button.text == label).unwrap();
    person.presses(question.id, button.data.as_deref().unwrap()).unwrap();
    question
}

/// Answers both questions of the welcome.
async fn answers(desk: &Desk, person: &Person, labels: [&str; 2]) {
    for label in labels {
        presses(person, label);
        desk.settle().await;
    }
}

async fn until_received(desk: &Desk, person: &Person, count: usize) {
    desk.until("the welcome continues", || person.reads().len() >= count).await;
    desk.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scene_of_the_old_bot_is_played_in_both_languages() {
    let desk = desk().await;
    let vera = desk.telegram.user(spec(1002, "Вера", "ru"));
    let ada = desk.user(1001, "Ada");
    for (person, labels) in [(&vera, ["В интернете", "Соцсети"]), (&ada, ["Offline", "Friends"])]
    {
        person.starts();
        desk.settle().await;
        assert_eq!(last(person).kind, "photo");
        answers(&desk, person, labels).await;
    }
    assert_eq!(vera.reads().len(), 4, "{:?}", vera.reads());
    desk.advance_clock(Duration::from_secs(35));
    until_received(&desk, &vera, 5).await;
    until_received(&desk, &ada, 5).await;
    desk.advance_clock(Duration::from_secs(43));
    until_received(&desk, &vera, 6).await;
    until_received(&desk, &ada, 6).await;

    let topic = desk.topic_of("Вера");
    for (name, words) in [
        ("Вера", vera.reads()),
        ("Ada", ada.reads()),
        ("topic of Вера", texts(desk.group.messages(topic))),
    ] {
        println!("--- {name}\n{}", words.join("\n\n"));
    }
    assert_eq!(vera.reads()[0], "Здравствуйте, Вера! Номер вашей заявки — 2.");
    assert_eq!(ada.reads()[0], "Hello, Ada! Your request number is 3.");
    assert_eq!(vera.reads()[3], "Спасибо, что ответили!");
    assert!(
        GREETED.iter().any(|greeting| ada.reads()[4].starts_with(greeting)),
        "{:?}",
        ada.reads()
    );
    assert!(ada.reads()[5].starts_with("Tell us more"));
    assert!(ada.sees().iter().all(|message| message.buttons.is_empty()), "the buttons go away");
    // The picture is uploaded only once.
    let pictures: Vec<_> =
        [&vera, &ada].iter().map(|person| person.sees()[1].file_id.clone().unwrap()).collect();
    assert_eq!(pictures[0], pictures[1]);
    let texts =
        desk.notices(topic).iter().map(|notice| notice.text.clone().unwrap()).collect::<String>();
    for part in ["Номер вашей заявки — 2", "[В интернете]", "→ Соцсети", "Опишите свой вопрос"]
    {
        assert!(texts.contains(part), "{part}: {texts}");
    }
    desk.operator.writes_in(topic, "/information");
    desk.settle().await;
    let card = desk.notices(topic).pop().unwrap().text.unwrap();
    for part in
        ["Request: No. 2", "How did you hear about us? Online", "Where exactly? Social media"]
    {
        assert!(card.contains(part), "{card}");
    }
    let metric = |series: &str| desk.metric(&format!("supportbot_welcome_{series}"));
    assert!((metric("answers_total{question=\"heard\",answer=\"online\"}") - 1.0).abs() < 0.1);
    assert!(metric("answers_total{question=\"offline\",answer=\"advert\"}").abs() < 0.1);
    assert!((metric("runs_ended_total{outcome=\"finished\"}") - 2.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_without_a_visible_name_are_greeted_and_their_topics_have_their_ids() {
    let desk = desk().await;
    for (nth, name) in
        ["\u{3164}", "\u{202e}", "\u{2800}", "\u{ad}\u{200f}"].into_iter().enumerate()
    {
        let (id, number) = (1001 + i64::try_from(nth).unwrap(), nth + 2);
        let (language, greeting) = if nth % 2 == 0 {
            ("en", format!("Hello! Your request number is {number}."))
        } else {
            ("ru", format!("Здравствуйте! Номер вашей заявки — {number}."))
        };
        let person = desk.telegram.user(spec(id, name, language));
        person.starts();
        desk.settle().await;
        assert_eq!(person.reads()[0], greeting, "{name:?}");
        let card = desk.card(desk.topic_of(&format!("#{id}")));
        assert!(card.contains(&format!("#{id}")), "{card}");
    }
}

/// What it said before: that a request had been accepted and was being looked at, when nothing had been written.
#[test]
fn the_example_claims_nothing_that_has_not_happened() {
    let example = include_str!("../../../../welcome/example.toml");
    for claim in
        ["принята", "смотрит", "читаем", "received", "is looking", "reading", "Доброй ночи"]
    {
        assert!(!example.contains(claim), "{claim}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_or_a_ban_ends_the_welcome_and_messages_arrive_meanwhile() {
    let desk = desk().await;
    let people = [desk.user(1001, "Ada"), desk.telegram.user(spec(1002, "Вера", "ru"))];
    for (person, labels) in people.iter().zip([["Online", "Telegram"], ["В интернете", "Telegram"]])
    {
        person.starts();
        desk.settle().await;
        answers(&desk, person, labels).await;
        person.writes("it burns");
        desk.settle().await;
    }
    let topics = [desk.topic_of("Ada"), desk.topic_of("Вера")];
    assert!(topics.iter().all(|topic| desk.relayed_texts(*topic) == ["it burns"]));
    desk.operator.writes_in(topics[0], "we are coming");
    desk.operator.writes_in(topics[1], "/ban");
    desk.settle().await;
    let outcome =
        |how| desk.metric(&format!("supportbot_welcome_runs_ended_total{{outcome=\"{how}\"}}"));
    assert_eq!((outcome("answered"), outcome("banned")), (1.0, 1.0));
    // A user who starts later gets the whole welcome; the first two get nothing more.
    let carol = desk.user(1003, "Carol");
    carol.starts();
    desk.settle().await;
    answers(&desk, &carol, ["Online", "Telegram"]).await;
    desk.advance_clock(Duration::from_secs(35));
    until_received(&desk, &carol, 5).await;
    desk.advance_clock(Duration::from_secs(43));
    until_received(&desk, &carol, 6).await;
    assert_eq!(people[0].reads().pop().unwrap(), "we are coming");
    assert_eq!(people[1].reads().pop().unwrap(), "Спасибо, что ответили!");
}

#[tokio::test(flavor = "multi_thread")]
async fn start_restarts_the_welcome_with_the_same_number_until_the_request_closes() {
    let desk = desk().await;
    for (first, name, language, words) in [
        (2, "Ada", "en", "Hello, Ada! Your request number is #."),
        (4, "Вера", "ru", "Здравствуйте, Вера! Номер вашей заявки — #."),
    ] {
        let person = desk.telegram.user(spec(1000 + first, name, language));
        let numbered = |number: i64| words.replace('#', &number.to_string());
        person.starts();
        desk.settle().await;
        let old = last(&person);
        person.starts();
        desk.settle().await;
        assert_eq!(person.reads()[2], numbered(first));
        let data = old.all_buttons().next().unwrap().data.clone().unwrap();
        let before = desk.telegram.answers().len();
        person.presses(old.id, &data).unwrap();
        desk.settle().await;
        assert_eq!(person.reads().len(), 4, "a button of an earlier welcome has no effect");
        assert_eq!(desk.telegram.answers().len(), before + 1, "the press is answered");

        desk.operator.writes_in(desk.topic_of(name), "/close");
        desk.settle().await;
        person.starts();
        desk.settle().await;
        assert_eq!(person.reads()[4], numbered(first + 1));
    }
    let ended = "supportbot_welcome_runs_ended_total{outcome=\"restarted\"}";
    assert!((desk.metric(ended) - 2.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_welcome_so_far_is_shown_before_the_first_message_in_a_new_topic() {
    let mut desk = Desk::closed().await;
    let scene = include_str!("../../../../welcome/example.toml");
    desk.use_welcome(&scene.replace("open_topic = true", ""));
    desk.open().await;
    desk.settle().await;
    let ada = desk.user(1001, "Ada <3");
    ada.starts();
    desk.settle().await;
    presses(&ada, "Offline");
    desk.settle().await;
    assert!(desk.group.topics().is_empty());
    desk.reopen().await;
    ada.writes("hello");
    desk.settle().await;
    let words = texts(desk.group.messages(desk.topic()));
    let texts = words.iter().position(|text| text.contains("→ Offline")).unwrap();
    let relayed = words.iter().position(|text| text == "hello").unwrap();
    assert!(texts < relayed, "{words:?}");
    assert!(words[texts].contains("Ada <3! Your request number is 2."), "{}", words[texts]);
    assert_eq!(words.iter().filter(|text| text.contains("→ Offline")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_continues_the_welcome_and_a_lost_picture_is_uploaded_again() {
    let mut desk = desk().await;
    let ada = desk.user(1001, "Ada");
    ada.starts();
    desk.settle().await;
    answers(&desk, &ada, ["Online", "Telegram"]).await;
    desk.close().await;
    desk.advance_clock(Duration::from_secs(40));
    desk.open().await;
    until_received(&desk, &ada, 5).await;
    let kept = desk.folder().join("pictures.json");
    let known = std::fs::read_to_string(&kept).unwrap();
    desk.close().await;
    let file = ada.sees()[1].file_id.clone().unwrap();
    std::fs::write(&kept, known.replace(&file, "of-another-bot")).unwrap();
    desk.open().await;
    let bob = desk.user(1002, "Bob");
    bob.starts();
    desk.settle().await;
    assert_eq!(last(&bob).kind, "photo");
    let again = std::fs::read_to_string(&kept).unwrap();
    assert!(again.contains(&last(&bob).file_id.unwrap()), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_the_scene_are_reported_at_start_with_their_lines() {
    let mut desk = Desk::closed().await;
    desk.use_welcome(
        "time_zone = \"Mars/Olympus\"\nopen_topik = true\n\n[[step]]\ntext.ru = \"<b>a\"\ntext.en = \"b {nme}\"\n\
         [[step]]\npicture = \"none.png\"\n[[step]]\nend = true\n[[step]]\nwait = \"5s\"\n",
    );
    let error = desk.start_error().await;
    for part in [
        ":1: there is no time zone `Mars/Olympus`",
        ":2: there is no key `open_topik` here; did you mean `open_topic`?",
        ": ru: <b> is not closed",
        "en: there is no {nme}; did you mean `name`?",
        ":8: the picture `none.png` cannot be read",
        ":11: this step is never reached",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_in_goals_are_reported_at_start_with_their_lines() {
    let mut desk = Desk::closed().await;
    let long = "g".repeat(65);
    desk.use_welcome(&format!(
        "[goals]\nfirst_mesage = \"a\"\nphone_shared = \"two words\"\n[[step]]\ntext = {{ en = \"a\", ru = \"b\" }}\nask = \"q\"\n\
         [[step.button]]\nanswer = \"x\"\nlabel = {{ en = \"x\", ru = \"x\" }}\ngoal = 5\n\
         [[step.button]]\nanswer = \"y\"\nlabel = {{ en = \"y\", ru = \"y\" }}\ngoal = \"{long}\"\n"
    ));
    let error = desk.start_error().await;
    for part in [
        ":2: there is no key `first_mesage` here; did you mean `first_message`?",
        ":3: `phone_shared` must be the name of a goal",
        ":10: `goal` must be a text in quotes",
        ":14: `goal` must be the name of a goal as the tracker knows it: at most 64 letters",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

const ZONES: &str = r#"
time_zone = "UTC"

[hours]
early = "00:00-12:00"
late = "12:00-00:00"

[[step]]
text = { en = "Where do you live?", ru = "Где вы живёте?" }
ask = "place"

[[step.button]]
answer = "here"
label = { en = "Here", ru = "Здесь" }

[[step.button]]
answer = "there"
label = { en = "There", ru = "Там" }
time_zone = "Etc/GMT-12"

[[step]]
when = { hours = ["early"] }
text = { en = "It is early.", ru = "Сейчас рано." }

[[step]]
when = { hours = ["late"] }
text = { en = "It is late.", ru = "Сейчас поздно." }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_day_follows_the_time_zone_that_the_user_chose() {
    let mut desk = Desk::closed().await;
    desk.use_welcome(ZONES);
    desk.open().await;
    desk.settle().await;
    let vera = desk.telegram.user(spec(1002, "Вера", "ru"));
    let ada = desk.user(1001, "Ada");
    for (person, label) in [(&vera, "Там"), (&ada, "Here")] {
        person.starts();
        desk.settle().await;
        answers_one(&desk, person, label).await;
    }
    let texts = [last(&vera), last(&ada)].map(|message| message.text.unwrap());
    let expected = [["Сейчас поздно.", "It is early."], ["Сейчас рано.", "It is late."]];
    assert!(expected.iter().any(|one| *one == texts), "twelve hours apart: {texts:?}");

    desk.reopen().await;
    vera.starts();
    desk.settle().await;
    answers_one(&desk, &vera, "Здесь").await;
    assert_eq!(vera.reads().pop().unwrap(), texts[0], "a button without a zone keeps the zone");
}

async fn answers_one(desk: &Desk, person: &Person, label: &str) {
    presses(person, label);
    desk.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_simultaneous_starts_get_numbers_without_a_gap_through_a_restart() {
    let mut desk = desk().await;
    let person = |number: i64| {
        let language = if number % 2 == 0 { "ru" } else { "en" };
        desk.telegram.user(spec(2000 + number, &format!("User {number}"), language))
    };
    let people: Vec<Person> = (1..=50).map(person).collect();
    people[..25].iter().for_each(|person| {
        person.starts();
    });
    desk.reopen().await;
    people[25..].iter().for_each(|person| {
        person.starts();
    });
    let asked = |person: &Person| person.reads().len() >= 2;
    desk.until("all users have the question", || people.iter().all(asked)).await;
    desk.settle().await;
    let number = |person: &Person| {
        let texts = person.reads().remove(0);
        let digits: String = texts.rsplit(' ').find_map(digits).unwrap();
        digits.parse::<i64>().unwrap()
    };
    let mut numbers: Vec<i64> = people.iter().map(number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=51).collect::<Vec<_>>(), "the owner has the first number");
}

/// The number at the start of a part of a sentence.
fn digits(part: &str) -> Option<String> {
    let digits: String = part.trim().chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}
