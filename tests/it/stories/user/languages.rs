//! Texts to users in their languages, the owner's own texts, and the command menus.

use std::fs;

use telegram_simulator::Person;

use crate::harness::{Desk, OWNER, program::unlimited, spec};

fn vera(desk: &Desk) -> Person {
    desk.telegram.user(spec(1002, "Вера", "ru"))
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_greeted_and_helped_in_their_language() {
    let desk = Desk::start().await;
    let (ada, vera) = (desk.user(1001, "Ada <3"), vera(&desk));
    for person in [&ada, &vera] {
        person.starts();
        person.writes("/help");
        desk.settle().await;
    }
    assert!(ada.reads()[0].starts_with("Hello, Ada <3!"), "{:?}", ada.reads());
    assert!(ada.reads()[1].starts_with("Just write"), "{:?}", ada.reads());
    assert!(vera.reads()[0].contains("Вера"), "{:?}", vera.reads());
    assert!(vera.reads()[0].contains("Здравствуйте"), "{:?}", vera.reads());
    assert_ne!(vera.reads()[1], ada.reads()[1]);
    assert!(desk.group.topics().is_empty(), "none of this opens a topic");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_with_an_unsupported_language_get_the_default_one() {
    let desk = Desk::start_with(unlimited(), &[("DEFAULT_LANGUAGE", "ru")]).await;
    let hans = desk.telegram.user(spec(1003, "Hans", "de"));
    hans.starts();
    desk.settle().await;
    assert!(hans.reads()[0].contains("Здравствуйте"), "{:?}", hans.reads());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chosen_language_survives_a_restart() {
    let mut desk = Desk::start().await;
    let vera = vera(&desk);
    vera.writes("/language");
    desk.settle().await;
    let question = vera.sees().pop().unwrap();
    let labels: Vec<&str> = question.all_buttons().map(|button| button.text.as_str()).collect();
    assert_eq!(labels, ["English", "Русский"]);
    let english = question.all_buttons().next().unwrap().data.clone().unwrap();
    vera.presses(question.id, &english).unwrap();
    desk.settle().await;
    assert_eq!(
        vera.reads().pop().unwrap(),
        "I’ll speak English from now on. Your question can be in any language."
    );
    assert!(vera.sees()[0].buttons.is_empty(), "the buttons go away");
    assert_eq!(desk.telegram.answers().len(), 1);

    desk.reopen().await;
    vera.starts();
    vera.writes("hello");
    desk.settle().await;
    assert!(vera.reads().pop().unwrap().starts_with("Hello, Вера!"));
    assert!(desk.card(desk.topic()).contains("Language: English"));
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_get_the_language_of_the_settings() {
    let desk = Desk::start_with(unlimited(), &[("OPERATORS_LANGUAGE", "ru")]).await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    desk.operator.writes_in(topic, "/ban");
    desk.settle().await;
    assert!(
        desk.notice_texts(topic)[0].contains("заблок")
            || desk.notice_texts(topic)[0].contains("Заблок"),
        "{:?}",
        desk.notice_texts(topic)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_offered_per_audience_and_language() {
    let desk = Desk::start().await;
    desk.until("all menus are there", || desk.telegram.commands().len() == 9).await;
    let commands = desk.telegram.commands();
    let menu = |scope: &str, language: &str| -> Vec<(String, String)> {
        let found = commands.iter().find(|((s, l), _)| s.contains(scope) && l == language);
        let list = found.unwrap_or_else(|| panic!("{scope} {language}: {commands:?}")).1;
        let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        list.as_array()
            .unwrap()
            .iter()
            .map(|c| (word(&c["command"]), word(&c["description"])))
            .collect()
    };
    let names = |menu: &[(String, String)]| -> Vec<String> {
        menu.iter().map(|(name, _)| name.clone()).collect()
    };
    let group = desk.group.id().to_string();
    for language in ["", "en", "ru"] {
        assert_eq!(names(&menu("all_private_chats", language)), ["start", "help", "language"]);
        assert_eq!(
            names(&menu(&group, language)),
            ["ban", "silent", "information", "delete", "close", "reopen", "help", "id"]
        );
    }
    assert_eq!(menu("all_private_chats", ""), menu("all_private_chats", "en"));
    assert_ne!(menu("all_private_chats", "ru"), menu("all_private_chats", "en"));
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_in_other_languages_show_menus_in_the_languages_of_the_settings() {
    for (users, operators) in [("ru", "en"), ("en", "ru")] {
        let languages = [("DEFAULT_LANGUAGE", users), ("OPERATORS_LANGUAGE", operators)];
        let desk = Desk::start_with(unlimited(), &languages).await;
        desk.until("all menus are there", || desk.telegram.commands().len() == 9).await;
        let commands = desk.telegram.commands();
        let menu = |scope: &str, language: &str| {
            let found = commands.iter().find(|((s, l), _)| s.contains(scope) && l == language);
            found.unwrap_or_else(|| panic!("{scope} {language}: {commands:?}")).1.to_string()
        };
        let (group, owner) = (desk.group.id().to_string(), OWNER.to_string());
        for (scope, language) in
            [("all_private_chats", users), (owner.as_str(), users), (group.as_str(), operators)]
        {
            assert_eq!(menu(scope, ""), menu(scope, language), "{scope}");
            assert_ne!(menu(scope, "en"), menu(scope, "ru"), "{scope}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owners_texts_replace_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("en.ftl"), "greeting = Ahoy, { $name }!\n").unwrap();
    let desk =
        Desk::start_with(unlimited(), &[("TEXTS_DIR", folder.path().to_str().unwrap())]).await;
    let ada = desk.user(1001, "Ada");
    ada.starts();
    ada.writes("/help");
    desk.settle().await;
    assert_eq!(ada.reads()[0], "Ahoy, Ada!");
    assert!(ada.reads()[1].starts_with("Just write"), "all other texts stay the default");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_texts_of_the_owner_stop_the_start_with_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let text = "greeting = Ahoy, <b>{ $name }!\nno-such-text = x\nids = { $chat }\n";
    fs::write(folder.path().join("en.ftl"), text).unwrap();
    let mut desk = Desk::closed().await;
    desk.set("TEXTS_DIR", folder.path().to_str().unwrap());
    let error = desk.start_error().await;
    for part in ["TEXTS_DIR", "en.ftl", "greeting", "no-such-text"] {
        assert!(error.contains(part), "{part} is missing:\n{error}");
    }
    assert_eq!(desk.telegram.calls().count("getMe"), 0, "found before Telegram is asked");
}
