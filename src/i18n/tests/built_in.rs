//! Tests that the built-in texts are complete, valid and consistent in both languages.

use std::collections::BTreeSet;

use super::samples::{NASTY_NAME, card, notices, samples, statuses};
use crate::i18n::{
    Texts,
    catalogue::{
        ADMINISTRATOR_COMMANDS, OWNER_COMMANDS, STAFF_COMMANDS, TextFormat, USER_COMMANDS,
    },
    check::{messages_of, problems, terms_of},
    entries::{ENTRIES, entry},
    html,
    phrase::Phrase,
    sanitize,
    texts::built_in,
};
use domain::{Language, Role, Text};

fn texts() -> Texts {
    Texts::load(None).unwrap()
}

fn both(text: &Text) -> [String; 2] {
    Language::ALL.map(|language| texts().render(text, language))
}

#[test]
fn every_language_has_every_text_and_no_other() {
    let known: BTreeSet<_> = ENTRIES.iter().map(|entry| entry.id).collect();
    assert_eq!(known.len(), ENTRIES.len(), "an id is in the catalogue twice");
    let mut terms = Vec::new();
    for language in Language::ALL {
        let locale = built_in(language);
        assert_eq!(messages_of(&locale).into_keys().collect::<BTreeSet<_>>(), known);
        terms.push(terms_of(&locale).into_keys().map(str::to_owned).collect::<BTreeSet<_>>());
    }
    assert_eq!(terms[0], terms[1]);
}

#[test]
fn every_form_of_every_text_is_one_that_telegram_takes() {
    for language in Language::ALL {
        let locale = built_in(language);
        let terms = terms_of(&locale);
        for (id, pattern) in messages_of(&locale) {
            let entry = entry(id).unwrap();
            assert_eq!(problems(entry, pattern, &terms), [], "{id} in {language:?}");
        }
    }
}

#[test]
fn every_text_can_be_said_and_every_entry_is_said() {
    let texts = texts();
    let mut said = BTreeSet::new();
    for text in samples() {
        let phrase = Phrase::text(&text);
        let entry = entry(phrase.id).expect(phrase.id);
        said.extend(phrase.ids());
        let given: BTreeSet<_> = phrase.arguments.iter().map(|(name, _)| *name).collect();
        assert_eq!(given, entry.shows.iter().copied().collect(), "{text:?}");
        for language in Language::ALL {
            let html = texts.render(&text, language);
            let seen = html::visible(&html).unwrap_or_else(|why| panic!("{html}: {why}"));
            assert_eq!(texts.plain(&text, language), seen);
            assert!(!seen.trim().is_empty() && seen != phrase.id, "{text:?}: {html}");
            assert!(sanitize::length(&seen) <= entry.place.limit(), "{text:?}: {html}");
            assert!(!seen.contains("{$") && !seen.contains('\u{2068}'), "{text:?}: {html}");
        }
    }
    let notices = notices().iter().map(Phrase::notice).collect::<Vec<_>>();
    said.extend(notices.iter().map(|phrase| phrase.id).chain([Phrase::suppressed(1).id]));
    for phrase in statuses().iter().flat_map(Phrase::status) {
        said.extend(phrase.ids());
    }
    said.extend(super::findings::ids());
    for phrase in super::newsletter::phrases() {
        said.extend(phrase.ids());
    }
    let unsaid: Vec<_> = ENTRIES
        .iter()
        .filter(|entry| entry.place != TextFormat::Command && !said.contains(entry.id))
        .map(|entry| entry.id)
        .collect();
    assert!(unsaid.is_empty(), "no sample says {unsaid:?}");
}

#[test]
fn plurals_agree_with_their_numbers() {
    for (missing, english, russian) in [
        (1, "1 message was", "1 сообщение не доставлено: скорее всего, его"),
        (2, "2 messages were", "2 сообщения не доставлены"),
        (5, "5 messages were", "5 сообщений не доставлено"),
        (11, "11 messages were", "11 сообщений не доставлено"),
        (21, "21 messages were", "21 сообщение не доставлено"),
        (22, "22 messages were", "22 сообщения не доставлены"),
        (25, "25 messages were", "25 сообщений не доставлено"),
        (1000, "1000 messages were", "1000 сообщений не доставлено"),
    ] {
        let [in_english, in_russian] = both(&Text::SomeMissing { missing });
        assert!(in_english.contains(english), "{in_english}");
        assert!(in_russian.contains(russian), "{in_russian}");
    }
}

#[test]
fn a_name_is_shown_as_it_is_and_does_nothing_else() {
    for html in both(&Text::Greeting { name: NASTY_NAME.to_owned() }) {
        assert!(html.contains("<b>&lt;b&gt;&amp;&quot; { $name }</b>!"), "{html}");
    }
    let [english, russian] = both(&Text::Greeting { name: "\u{3164}".to_owned() });
    assert!(english.starts_with("Hello!") && russian.starts_with("Здравствуйте!"));
}

#[test]
fn a_name_of_any_length_leaves_room_for_the_text() {
    let text = Text::Greeting { name: "<".repeat(100_000) };
    assert!(texts().plain(&text, Language::Russian).encode_utf16().count() < 500);
}

#[test]
fn the_card_tells_who_it_is_about() {
    let html = texts().render(&card(false, false, true), Language::English);
    for part in [
        "<b><a href=\"tg://user?id=9223372036854775807\">&lt;b&gt;&amp;&quot; { $name }</a></b>",
        "ID: <code>9223372036854775807</code>",
        "Username: @ada_lovelace",
        "Language: English",
        "Known since: 1 January 2025",
        "Status: active",
        "/ban",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let html = texts().render(&card(true, true, false), Language::Russian);
    assert!(html.contains("Имя в Telegram (@): нет"), "{html}");
    assert!(html.contains("Язык: Русский"), "{html}");
    assert!(html.contains("Статус: заблокирован, тихий режим, недоступен"), "{html}");
}

#[test]
fn notices_in_topics_do_not_look_like_users() {
    for text in [Text::Banned, Text::SilentOn, Text::UserLeft, Text::SomeMissing { missing: 3 }] {
        for html in both(&text) {
            assert!(html.starts_with("<i>◆ ") && html.ends_with("</i>"), "{html}");
        }
    }
}

#[test]
fn commands_are_described_and_explained() {
    let texts = texts();
    for language in Language::ALL {
        let [users, administrators, owner] = [Role::User, Role::Administrator, Role::Owner]
            .map(|role| texts.private_commands(role, language));
        let staff = texts.staff_commands(language);
        let names = |commands: &[(String, String)]| -> Vec<String> {
            commands.iter().map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(names(&users), USER_COMMANDS);
        assert_eq!(names(&administrators), [&USER_COMMANDS[..], &ADMINISTRATOR_COMMANDS].concat());
        let beside = [&USER_COMMANDS[..], &ADMINISTRATOR_COMMANDS, &OWNER_COMMANDS].concat();
        assert_eq!(names(&owner), beside);
        assert_eq!(names(&staff), STAFF_COMMANDS);
        for (name, description) in owner.iter().chain(&staff) {
            assert!(!description.starts_with("command-"), "{name}: {description}");
        }
        let help = texts.render(&Text::StaffHelp, language);
        assert!(STAFF_COMMANDS.iter().all(|name| help.contains(&format!("\n/{name} "))), "{help}");
    }
}

#[test]
fn any_thread_may_render() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&texts());
}
