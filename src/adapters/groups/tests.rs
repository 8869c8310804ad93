//! What the file may hold, and each mistake with its line.

use std::fmt::Write as _;

use domain::{
    ChatId, Choice, Goals, GroupKey, GroupRule, Language, Saying, Scene, SceneAct, SceneStep, When,
    Words,
};

use super::{GroupEntry, GroupsFile, KnownQuestions, Surroundings};

const FIRST: ChatId = ChatId(-1_001_000_000_001);

/// A welcome that asks about the topic: billing or delivery.
fn welcome() -> Scene {
    let words = || Words { english: "a".to_owned(), russian: "b".to_owned() };
    let choice = |answer: &str| Choice {
        answer: answer.to_owned(),
        label: words(),
        goes: None,
        zone: None,
        goal: None,
    };
    let ask = SceneAct::Ask {
        saying: Saying { words: words(), picture: None },
        question: "topic".to_owned(),
        choices: vec![choice("billing"), choice("delivery")],
    };
    Scene {
        open_topic: false,
        shape: 0,
        zones: Vec::new(),
        steps: vec![SceneStep { when: When::default(), act: ask }],
        goals: Goals::default(),
    }
}

/// Loads a file; the error holds a mistake in each line.
fn load(text: &str, questions: KnownQuestions<'_>) -> Result<Vec<GroupEntry>, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("groups.toml");
    std::fs::write(&file, text).unwrap();
    let surroundings = Surroundings { first: Some(FIRST), language: Language::Russian, questions };
    let loaded = GroupsFile::load(&file, &surroundings);
    let before = format!("{}:", file.display());
    loaded.map(|file| file.groups).map_err(|mistakes| mistakes.to_string().replace(&before, ""))
}

/// The mistakes in a file, for a desk with the welcome.
fn mistakes(text: &str) -> Vec<String> {
    let said = load(text, KnownQuestions::Of(&welcome())).unwrap_err();
    said.lines().map(str::to_owned).collect()
}

#[test]
fn groups_are_read_in_the_files_order() {
    let text = r#"
        [[group]]
        id = -1001000000002
        name = "shop_2"
        language = "en"
        weight = 100
        rules = [
            { language = "ru" },
            { answer = { question = "topic", is = "billing" } },
            { start = "Shop-1_x" },
        ]
        [[group]]
        id = -1_001_000_000_001
        name = "support-desk"
    "#;
    let groups = load(text, KnownQuestions::Of(&welcome())).unwrap();
    let answer = GroupRule::Answer { question: "topic".to_owned(), is: "billing".to_owned() };
    let shop = GroupEntry {
        chat: ChatId(-1_001_000_000_002),
        name: "shop_2".to_owned(),
        language: Language::English,
        weight: 100,
        rules: vec![
            GroupRule::Language(Language::Russian),
            answer,
            GroupRule::Start("Shop-1_x".to_owned()),
        ],
    };
    let support = GroupEntry {
        chat: FIRST,
        name: "support-desk".to_owned(),
        language: Language::Russian,
        weight: 1,
        rules: Vec::new(),
    };
    assert_eq!(groups, [shop.clone(), support]);
    let key = GroupKey::new(3).unwrap();
    let keyed = shop.keyed(key);
    assert_eq!((keyed.key, keyed.name.as_str(), keyed.rules.len()), (key, "shop_2", 3));
}

#[test]
fn all_mistakes_are_told_at_once_in_the_files_order() {
    let text = "[[group]]\nid = -1001000000001\nname = \"Support\"\nwieght = 2\n[[group]]\nid = 5\nname = \"b\"\nweight = 0\nlanguage = \"de\"\n[[grup]]\n";
    let mistakes = mistakes(text);
    let expected = [
        "3: the name `Support` must have at most 32 of a-z, 0-9, _ and -",
        "4: there is no key `wieght` here; did you mean `weight`?",
        "6: `5` is not the id of a group, which begins with -100",
        "8: `weight` must be a whole number from 1 to 100",
        "9: the desk does not speak `de`: write en or ru",
        "10: there is no key `grup` here; did you mean `group`?",
    ];
    assert_eq!(mistakes.len(), expected.len(), "{mistakes:#?}");
    for (mistake, expected) in mistakes.iter().zip(expected) {
        assert!(mistake.starts_with(expected), "{expected}: {mistake}");
    }
}

#[test]
fn each_mistake_in_a_group_names_its_line_and_the_remedy() {
    for (lines, expected) in [
        ("name = \"b\"", "4: the group lacks `id`: write id = -100"),
        ("id = -1001000000002", "4: the group lacks `name`: write name = \"support\""),
        ("id = \"-1001000000002\"\nname = \"b\"", "5: `id` must be a number without quotes"),
        ("id = -1001000000002.0\nname = \"b\"", "5: `id` must be a number without quotes"),
        ("id = -99999999999999999999\nname = \"b\"", "5: `id` must be a number without quotes"),
        ("id = -1234567890\nname = \"b\"", "5: `-1234567890` is the id of a basic group"),
        ("id = -1000000000000\nname = \"b\"", "5: `-1000000000000` is the id of a basic group"),
        (
            "id = -1001000000001\nname = \"b\"",
            "5: the group in line 2 already has the id `-1001000000001`",
        ),
        (
            "id = -1001000000002\nname = \"a\"",
            "6: the group in line 3 already has the name `a`: each has its own",
        ),
        ("id = -1001000000002\nname = \"\"", "6: `name` must be a text in quotes"),
        ("id = -1001000000002\nname = \"a b\"", "6: the name `a b` must have at most 32"),
        ("id = -1001000000002\nname = \"other\"", "6: the name `other` is taken"),
    ] {
        let text = format!("[[group]]\nid = -1001000000001\nname = \"a\"\n[[group]]\n{lines}\n");
        let mistakes = mistakes(&text);
        assert!(mistakes.len() == 1 && mistakes[0].starts_with(expected), "{lines}: {mistakes:?}");
    }
}

#[test]
fn each_mistake_in_a_rule_names_its_line_and_the_remedy() {
    let long = format!("{{ start = \"{}\" }}", "s".repeat(65));
    for (rule, expected) in [
        ("5", "`rule` must be a table"),
        ("{}", "a rule has one condition"),
        ("{ language = \"en\", start = \"shop\" }", "a rule has one condition"),
        ("{ lang = \"en\" }", "there is no key `lang` here; known: language, answer, start"),
        ("{ languag = \"en\" }", "there is no key `languag` here; did you mean `language`?"),
        ("{ language = \"RU\" }", "the desk does not speak `RU`: write en or ru"),
        ("{ start = \"with space\" }", "`start` must be what follows ?start="),
        (&long, "`start` must be what follows ?start="),
        ("{ answer = \"billing\" }", "`answer` must be a table"),
        ("{ answer = { question = \"topic\" } }", "the answer lacks `is`"),
        (
            "{ answer = { question = \"topik\", is = \"billing\" } }",
            "the welcome has no question `topik`; did you mean `topic`?",
        ),
        (
            "{ answer = { question = \"topic\", is = \"refund\" } }",
            "the question `topic` has no answer `refund`; known: billing, delivery",
        ),
    ] {
        let text = format!(
            "[[group]]\nid = -1001000000001\nname = \"a\"\n[[group]]\nid = -1001000000002\nname = \"b\"\nrules = [\n{{ start = \"x\" }},\n{rule},\n]\n"
        );
        let mistakes = mistakes(&text);
        let expected = format!("9: {expected}");
        assert!(mistakes.len() == 1 && mistakes[0].starts_with(&expected), "{rule}: {mistakes:?}");
    }
}

#[test]
fn a_rule_about_an_answer_is_checked_as_far_as_the_welcome_is_known() {
    let text = "[[group]]\nid = -1001000000001\nname = \"a\"\n[[group]]\nid = -1001000000002\nname = \"b\"\nrules = [{ answer = { question = \"x\", is = \"y\" } }]\n";
    assert_eq!(load(text, KnownQuestions::Unknown).unwrap().len(), 2);
    let said = load(text, KnownQuestions::None).unwrap_err();
    assert!(said.starts_with("7: there is no welcome that asks anything"), "{said}");
}

#[test]
fn the_file_has_the_first_group_and_one_for_users_whom_no_rule_fits() {
    for text in ["", "group = []", "[[group]]\nid = -1001000000002\nname = \"b\"\n"] {
        let mistakes = mistakes(text);
        let expected = " no [[group]] has the id of BOT_GROUP_ID: add one with id = -1001000000001";
        assert!(mistakes.len() == 1 && mistakes[0].starts_with(expected), "{text}: {mistakes:?}");
    }
    let ruled = "[[group]]\nid = -1001000000001\nname = \"a\"\nrules = [{ start = \"x\" }]\n";
    let mistakes = mistakes(ruled);
    assert_eq!(mistakes.len(), 1);
    assert!(mistakes[0].starts_with(" every [[group]] has rules"), "{mistakes:?}");
}

#[test]
fn a_file_that_is_no_list_of_groups_is_refused_once() {
    for (text, expected) in [
        ("group = 5", "1: `group` must be a list"),
        ("[group]\nid = -1001000000001", "1: `group` must be a list"),
        ("[[group]]\nid = \n", "2: "),
    ] {
        let mistakes = mistakes(text);
        assert!(mistakes.len() == 1 && mistakes[0].starts_with(expected), "{text}: {mistakes:?}");
    }
    let surroundings = Surroundings {
        first: None,
        language: Language::English,
        questions: KnownQuestions::Unknown,
    };
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("groups.toml");
    std::fs::write(&other, "[[group]]\nid = -1001000000002\nname = \"b\"\n").unwrap();
    let loaded = GroupsFile::load(&other, &surroundings).unwrap();
    assert_eq!(loaded.groups.len(), 1, "BOT_GROUP_ID is not known");
    let missing = GroupsFile::load("nowhere/groups.toml".as_ref(), &surroundings).unwrap_err();
    let said = missing.to_string();
    assert!(said.starts_with("nowhere/groups.toml: it cannot be read: "), "{said}");
}

#[test]
fn a_desk_has_at_most_100_groups() {
    let mut text = String::new();
    for nth in 0..100 {
        write!(text, "[[group]]\nid = {}\nname = \"g{nth}\"\n", FIRST.0 - nth).unwrap();
    }
    assert_eq!(load(&text, KnownQuestions::None).unwrap().len(), 100);
    text.push_str("[[group]]\nid = -1002000000000\nname = \"one-more\"\n");
    assert_eq!(mistakes(&text), ["301: there are more than 100 groups"]);
}
