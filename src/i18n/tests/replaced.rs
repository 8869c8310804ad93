//! Tests that valid replaced texts are used and invalid ones are refused with a reason.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::i18n::{Problem, TextMistake, TextMistakes, Texts};
use domain::{Language, Text};

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, contents) in files {
        fs::write(folder.path().join(name), contents).unwrap();
    }
    folder
}

fn mistakes(files: &[(&str, &str)]) -> Vec<TextMistake> {
    let folder = folder(files);
    Texts::load(Some(folder.path())).err().map(|TextMistakes(all)| all).unwrap_or_default()
}

/// The only mistake in this English file.
fn mistake(contents: &str) -> (Option<String>, Problem) {
    let mut all = mistakes(&[("en.ftl", contents)]);
    assert_eq!(all.len(), 1, "{contents}: {all:?}");
    let only = all.remove(0);
    assert!(only.file.ends_with("en.ftl"));
    (only.text, only.problem)
}

#[track_caller]
fn refused(contents: &str, text: &str, problem: &Problem) {
    assert_eq!(mistake(contents), (Some(text.to_owned()), problem.clone()), "{contents}");
}

#[test]
fn a_replaced_text_is_said_and_the_rest_stays() {
    let folder = folder(&[
        (
            "en.ftl",
            "\u{feff}greeting = Ahoy, { $name }!\r\n-sign = »\r\nhelp = { -own } helps\r\n-own = ACME\r\n",
        ),
        ("README.md", "not a text"),
    ]);
    let texts = Texts::load(Some(folder.path())).unwrap();
    let greeting = Text::Greeting { name: "Ada".to_owned() };
    assert_eq!(texts.render(&greeting, Language::English), "Ahoy, Ada!");
    assert!(texts.render(&greeting, Language::Russian).starts_with("Здравствуйте, <b>Ada</b>!"));
    assert_eq!(texts.render(&Text::Help, Language::English), "ACME helps");
    assert!(texts.render(&Text::Banned, Language::English).starts_with("<i>» Banned."));
}

#[test]
fn an_empty_folder_replaces_nothing() {
    assert_eq!(mistakes(&[]), []);
    assert_eq!(mistakes(&[("ru.ftl", "# only a comment\n")]), []);
}

#[test]
fn a_folder_that_is_not_there_is_no_silence() {
    let TextMistakes(all) = Texts::load(Some(Path::new("/nowhere/texts"))).unwrap_err();
    assert!(matches!(all.as_slice(), [TextMistake { problem: Problem::Unreadable(_), .. }]));
}

#[test]
fn unknown_ids_are_refused_with_what_was_meant() {
    refused("greting = Hi", "greting", &Problem::UnknownId { similar: Some("greeting") });
    refused("slogan-of-the-day = Hi", "slogan-of-the-day", &Problem::UnknownId { similar: None });
    refused("help = a\nhelp = b", "help", &Problem::Repeated);
}

#[test]
fn placeholders_must_be_those_of_the_text() {
    refused("greeting = Hi!", "greeting", &Problem::MissingPlaceholder("name"));
    let unknown = Problem::UnknownPlaceholder { name: "name".to_owned(), known: &[] };
    refused("help = Hi { $name }", "help", &unknown);
    let both = mistakes(&[("en.ftl", "greeting = Hi { $nmae }")]);
    assert_eq!(both.len(), 2, "{both:?}");
    let chosen = "some-missing = { $missing ->\n  [one] One is gone\n *[other] Some are gone\n}";
    assert_eq!(mistakes(&[("en.ftl", chosen)]), [], "choosing by a number shows it");
}

#[test]
fn broken_html_is_refused_even_in_a_plural_nobody_has_seen() {
    let (text, problem) = mistake("help = <b>bold");
    assert_eq!(text.as_deref(), Some("help"));
    assert!(matches!(problem, Problem::Html(why) if why.contains("</b>")));
    let plural =
        "some-missing = { $missing ->\n  [one] one\n  [42] a < b\n *[other] { $missing }\n}";
    assert!(matches!(mistake(plural).1, Problem::Html(why) if why.contains("&lt;")));
    assert!(matches!(mistake("help = a { \"<\" } b").1, Problem::Html(_)));
    assert!(matches!(mistake("closed = R&D").1, Problem::Html(_)));
    assert_eq!(mistakes(&[("en.ftl", "retry-button = R&D <again>")]), [], "labels are plain");
}

#[test]
fn a_broken_term_is_one_mistake_not_one_for_each_text() {
    let (text, problem) = mistake("-sign = <b>!");
    assert_eq!(text.as_deref(), Some("-sign"));
    assert!(matches!(problem, Problem::Html(_)));
    let unknown = Problem::UnknownTerm("nothing".to_owned());
    refused("help = { -nothing }", "help", &unknown);
    assert!(matches!(mistake("-loop = { -loop }\nhelp = { -loop }").1, Problem::Unsupported(_)));
    assert!(matches!(mistake("-own = { $x }\nhelp = a{ -own }").1, Problem::Unsupported(_)));
}

#[test]
fn what_fluent_can_and_the_desk_cannot_is_refused() {
    for contents in [
        "help = { NUMBER(1) }",
        "help = { closed }",
        "help = { -sign(case: \"big\") }",
        "help = { \"a\" ->\n  [a] b\n *[c] d\n}",
        "help = Hi\n    .title = Ho",
    ] {
        let (text, problem) = mistake(contents);
        assert_eq!(text.as_deref(), Some("help"));
        assert!(matches!(problem, Problem::Unsupported(_)), "{contents}: {problem:?}");
    }
}

#[test]
fn what_telegram_would_cut_or_refuse_is_too_long() {
    let reaches = |id: &str, limit: usize| {
        assert_eq!(mistakes(&[("en.ftl", &format!("{id} = {}", "x".repeat(limit)))]), []);
        let longer = format!("{id} = {}", "x".repeat(limit + 1));
        refused(&longer, id, &Problem::TooLong { length: limit + 1, limit });
    };
    reaches("help", 4096);
    reaches("trying-again", 200);
    reaches("retry-button", 64);
    reaches("status-banned", 64);
    reaches("command-user-start", 256);
    let with_name = format!("greeting = {{ $name }}{}", "x".repeat(4000));
    assert!(matches!(mistake(&with_name).1, Problem::TooLong { .. }), "names take room too");
    refused("help = <b> </b>", "help", &Problem::Empty);
    refused("help = { \"\" }", "help", &Problem::Empty);
}

#[test]
fn fluent_mistakes_are_told_with_their_line() {
    let (text, problem) = mistake("help = fine\n\nclosed = { $x\n");
    assert_eq!(text, None);
    assert!(matches!(problem, Problem::Syntax { line: 3 | 4, .. }), "{problem:?}");
}

#[test]
fn nesting_without_end_is_a_mistake_with_its_line() {
    for deep in ["{", "{ F("] {
        let (text, problem) = mistake(&format!("help = fine\n\nclosed = {}", deep.repeat(100_000)));
        assert_eq!(text, None);
        assert!(matches!(problem, Problem::Syntax { line: 3, .. }), "{problem:?}");
    }
}

#[test]
fn what_is_no_file_is_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("en.ftl");
    for link in [false, true] {
        if link {
            std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
        } else {
            assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
        }
        let told = Texts::load(Some(folder.path())).unwrap_err().to_string();
        assert!(told.contains("en.ftl: cannot be read (it is not a regular file)"), "{told}");
        fs::remove_file(&file).unwrap();
    }
}

#[test]
fn files_of_unknown_languages_are_refused() {
    let all = mistakes(&[("de.ftl", "help = Hilfe"), ("en-GB.ftl", "help = Help")]);
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|mistake| mistake.problem == Problem::UnknownLanguage));
}

#[test]
fn all_mistakes_are_told_at_once() {
    let folder = folder(&[
        ("en.ftl", "helq = a\nclosed = <b>x\nbroken"),
        ("ru.ftl", "greeting = Привет"),
        ("xx.ftl", ""),
    ]);
    let told = Texts::load(Some(folder.path())).unwrap_err().to_string();
    for part in [
        "5 mistakes in the texts:",
        "xx.ftl: the desk does not speak this language",
        "`helq`: there is no such text; did you mean `help`?",
        "`closed`: Telegram would refuse its HTML: <b> is not closed; add </b>",
        "en.ftl: line 3 is not Fluent",
        "`greeting`: must show { $name }; add it",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn a_file_that_is_not_text_is_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ru.ftl"), [0xff, 0xfe, 0x00]).unwrap();
    let TextMistakes(all) = Texts::load(Some(folder.path())).unwrap_err();
    assert!(matches!(all.as_slice(), [TextMistake { problem: Problem::Unreadable(_), .. }]));
}
