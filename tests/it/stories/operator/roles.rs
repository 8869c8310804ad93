//! Commands by role: users, operators, administrators, the owner. For everybody else, a command does not exist.

use std::time::Duration;

use telegram_simulator::{Fault, Limits, Matcher, Options, Person, Times, What};

use crate::harness::{Desk, OWNER, spec, stores_in_redis};

/// The administrator of these desks.
const ADMINISTRATOR: i64 = 4_000_000_003;

fn unlimited() -> Options {
    Options { limits: Limits::off(), ..Options::default() }
}

async fn desk() -> Desk {
    Desk::start_with(unlimited(), &[("BOT_ADMIN_IDS", &ADMINISTRATOR.to_string())]).await
}

fn owner(desk: &Desk) -> Person {
    desk.telegram.user(spec(OWNER, "Owner", "en"))
}

/// The desk's messages to the owner since Start.
fn owner_messages(desk: &Desk) -> Vec<String> {
    owner(desk).reads().into_iter().skip(1).collect()
}

fn names(menu: &serde_json::Value) -> Vec<&str> {
    menu.as_array().unwrap().iter().map(|item| item["command"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn status_answers_the_owner_and_administrators_in_their_language() {
    let desk = desk().await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    owner(&desk).writes("/status");
    let anna = desk.telegram.user(spec(ADMINISTRATOR, "Anna", "ru"));
    anna.writes("/status");
    desk.settle().await;
    let status = owner_messages(&desk).pop().unwrap();
    let store = if stores_in_redis() { "in Redis" } else { "a file" };
    for part in [
        concat!("◆ support-bot ", env!("CARGO_PKG_VERSION")),
        ", running for ",
        store,
        "are working",
        "Users waiting for an answer: 1, the first for",
        "Given up: none",
        "To send: none",
        "Backups: none",
    ] {
        assert!(status.contains(part), "{part:?} is missing:\n{status}");
    }
    assert_eq!(status.contains("Partitions of this process, of 16"), stores_in_redis(), "{status}");
    assert!(anna.reads()[0].contains("Ждут ответа: 1"), "{:?}", anna.reads());
    assert!(!status.contains("Ada") && !status.contains("hello"), "{status}");
    // `/status` opens no topic.
    assert_eq!(desk.group.topics().len(), 1);
    assert!(
        desk.metric("supportbot_updates_handled_total{handler=\"desk_status\",outcome=\"ok\"}")
            > 1.5
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn status_shows_the_remaining_limits_and_the_age_of_the_last_backup() {
    let limits = [("PACE_OVERALL_PER_SECOND", "30"), ("PACE_GROUP_PER_MINUTE", "20")];
    let desk = Desk::start_with(unlimited(), &limits).await;
    let word = r#"{"made":3,"failed":1,"failing":true,"last":{"at":0,"bytes":7,"took":1}}"#;
    std::fs::write(desk.folder().join("backups.json"), word).unwrap();
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    owner(&desk).writes("/status");
    desk.until("it is told", || !owner_messages(&desk).is_empty()).await;
    let status = owner_messages(&desk).pop().unwrap();
    let left = |limit: &str, of: u64| {
        let line = status.lines().find_map(|line| line.strip_prefix(limit)).expect(&status);
        let left: u64 = line.trim().split(' ').next().unwrap().parse().unwrap();
        assert!(line.contains(&format!("of {of} free")), "{line}");
        left
    };
    assert!(left("Telegram’s limit for all chats:", 30) <= 30);
    // Ada's topic, its card and her message have taken slots.
    assert!((10..=17).contains(&left("Telegram’s limit for the group:", 20)), "{status}");
    assert!(
        status.contains("⚠ Backups are failing") && status.contains("The last backup is"),
        "{status}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn status_shows_problems_and_the_backlog() {
    let desk = desk().await;
    let ada = desk.user(1001, "Ada");
    let what = What::Error { code: 400, description: "Bad Request: CHAT_RESTRICTED".to_owned() };
    let on = Matcher::methods(["sendMessage"]).in_chat(ada.id());
    desk.telegram.inject(Fault { on, what, times: Times::Always });
    ada.writes("/help");
    // In an open topic: a refused opening would freeze openings only.
    ada.writes("good morning");
    desk.settle().await;
    let what = What::Throttle { retry_after: 600 };
    let on = Matcher::any().in_chat(desk.group.id());
    desk.telegram.inject(Fault { on, what, times: Times::Always });
    ada.writes("hello");
    desk.until("the group is frozen", || desk.telegram.throttled().by_faults > 0).await;
    owner(&desk).writes("/status");
    desk.until("it is told", || !owner_messages(&desk).is_empty()).await;
    let status = owner_messages(&desk).pop().unwrap();
    assert!(status.contains("To send, from users: 1, the oldest is"), "{status}");
    let frozen = "⚠ Telegram has asked not to send anything to the group for ";
    assert!(status.contains(frozen), "{status}");
    assert!(status.contains("Given up: 1"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_answers_the_owner_only() {
    let desk = desk().await;
    let what = What::Error { code: 403, description: "Forbidden: not now".to_owned() };
    let on = Matcher::methods(["getWebhookInfo"]);
    desk.telegram.inject(Fault { on, what, times: Times::Always });
    owner(&desk).writes("/doctor");
    desk.telegram.user(spec(ADMINISTRATOR, "Anna", "ru")).writes("/doctor");
    desk.settle().await;
    let found = owner_messages(&desk).pop().unwrap();
    for part in [
        "◆ The desk works, but not as well as it could.",
        "✓ Telegram answers.",
        "⚠ This could not be checked",
        "→ Try again in a minute.",
        "✓ The operators’ group was found, and its topics are on.",
        "✓ The store can be written to.",
    ] {
        assert!(found.contains(part), "{part:?} is missing:\n{found}");
    }
    assert_eq!(
        desk.relayed_texts(desk.topic_of("Anna")),
        ["/doctor"],
        "the command belongs to the owner only"
    );

    owner(&desk).writes("/language");
    desk.settle().await;
    let question = owner(&desk).sees().pop().unwrap();
    let russian = question.all_buttons().nth(1).unwrap().data.clone().unwrap();
    owner(&desk).presses(question.id, &russian).unwrap();
    desk.settle().await;
    owner(&desk).writes("/doctor");
    desk.settle().await;
    let found = owner_messages(&desk).pop().unwrap();
    for part in [
        "◆ Бот работает, но не всё в порядке.",
        "⚠ Не удалось проверить: вебхук (",
        "→ Повторите через минуту.",
        "✓ Группа операторов найдена, темы включены.",
        "✓ Хранилище доступно для записи.",
    ] {
        assert!(found.contains(part), "{part:?} is missing:\n{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn desk_commands_are_ignored_in_the_group_even_from_the_owner() {
    let desk = desk().await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    let owner_there = desk.group.operator(spec(OWNER, "Owner", "en"));
    owner_there.writes_in(topic, "/status");
    owner_there.writes_in_general("/status");
    desk.operator.writes_in(topic, "/status");
    desk.settle().await;
    let notices = desk.notice_texts(topic);
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert!(notices.iter().all(|notice| notice.contains("no such command")), "{notices:?}");
    assert!(owner_messages(&desk).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_commands_are_ignored_in_private_even_from_the_owner() {
    let desk = desk().await;
    owner(&desk).writes("/ban");
    owner(&desk).writes("/id");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic_of("Owner")), ["/ban", "/id"]);
    assert!(owner_messages(&desk).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_administrator_is_an_ordinary_user() {
    let mut desk = desk().await;
    let anna = desk.user(ADMINISTRATOR, "Anna");
    desk.close().await;
    desk.set("BOT_ADMIN_IDS", "");
    desk.open().await;
    anna.writes("/status");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic_of("Anna")), ["/status"]);
    assert!(anna.reads().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_get_a_menu_once_their_private_chat_exists() {
    let mut desk = desk().await;
    let (owners, administrators) = (OWNER.to_string(), ADMINISTRATOR.to_string());
    let menus = |desk: &Desk, chat: &str| {
        let menus = desk.telegram.commands();
        let of_chat = menus.into_iter().filter(|((scope, _), _)| scope.contains(chat));
        of_chat.map(|(_, menu)| menu).collect::<Vec<_>>()
    };
    desk.until("the owner has menus", || menus(&desk, &owners).len() == 3).await;
    for menu in menus(&desk, &owners) {
        assert_eq!(names(&menu), ["start", "help", "language", "status", "newsletter", "doctor"]);
    }
    assert!(menus(&desk, &administrators).is_empty(), "the administrators have not written yet");
    desk.user(ADMINISTRATOR, "Anna").starts();
    desk.settle().await;
    desk.close().await;
    desk.open().await;
    desk.until("the administrator has menus", || menus(&desk, &administrators).len() == 3).await;
    tokio::time::timeout(Duration::from_secs(30), desk.settle()).await.unwrap();
}
