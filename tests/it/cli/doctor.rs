//! `doctor` beyond what it finds at Telegram.

use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::Value;

use crate::{
    harness::OWNER,
    setup::{AtTerminal, Newcomer},
};

/// A desk whose settings are right, in a file with this mode.
async fn set_up(mode: u32) -> Newcomer {
    let (newcomer, group) = Newcomer::with_group().await;
    let token = newcomer.telegram.token();
    let settings = format!("BOT_TOKEN={token}\nBOT_DEV_ID={OWNER}\nBOT_GROUP_ID={group}\n");
    newcomer.writes_file(".env", &settings);
    fs::set_permissions(newcomer.path(".env"), fs::Permissions::from_mode(mode)).unwrap();
    newcomer
}

fn printed(newcomer: &Newcomer, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let mut command = newcomer.command(arguments);
    let ran = command.envs(environment.iter().copied()).output().unwrap();
    let errors = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(errors, "");
    (ran.status.code().unwrap(), String::from_utf8(ran.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_past_mistakes_in_the_settings() {
    let newcomer = set_up(0o600).await;
    let settings = fs::read_to_string(newcomer.path(".env")).unwrap();
    let broken = settings.replace("BOT_GROUP_ID=-100", "BOT_GROUP_ID=100")
        + "FLOOD=many\nWELCOME_FILE=nowhere.toml\nDATA_DIR='data\n";
    newcomer.writes_file(".env", &broken);
    let (code, found) = printed(&newcomer, &["doctor"], &[]);
    assert_eq!(code, 1);
    for line in [
        "FAIL  BOT_GROUP_ID (.env, line 3) ",
        "FAIL  FLOOD (.env, line 4) ",
        "FAIL  WELCOME_FILE (.env, line 5) names a file that is not there",
        "FAIL  DATA_DIR (.env, line 6) ",
        "ok    The token is valid",
        "ok    The bot can write to its owner.",
        "ok    The texts can be used.",
        "The desk cannot work yet.",
    ] {
        assert!(found.contains(line), "{line} is missing:\n{found}");
    }
    assert!(!found.contains("operators’ group was found"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_set_is_a_mistake() {
    let newcomer = set_up(0o600).await;
    let settings = fs::read_to_string(newcomer.path(".env")).unwrap();
    newcomer.writes_file(".env", &settings.replace("BOT_DEV_ID", "# BOT_DEV_ID"));
    let (code, found) = printed(&newcomer, &["doctor"], &[]);
    assert_eq!(code, 1);
    assert!(found.contains("FAIL  BOT_DEV_ID is missing.\n      -> To fix it: "), "{found}");
    let (_, russian) = printed(&newcomer, &["doctor", "--lang", "ru"], &[]);
    assert!(russian.contains("FAIL  Ошибка в настройке: BOT_DEV_ID is missing."), "{russian}");
    assert!(russian.contains("      -> Как исправить: "), "{russian}");
    assert!(found.contains("ok    The token is valid"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_speaks_the_operators_language_or_the_terminals() {
    let newcomer = set_up(0o600).await;
    for (arguments, environment, last) in [
        (&["doctor"][..], &[][..], "All is well.\n"),
        (&["doctor"], &[("LANG", "ru_RU.UTF-8")], "Всё в порядке.\n"),
        (&["doctor"], &[("LANG", "ru_RU.UTF-8"), ("OPERATORS_LANGUAGE", "en")], "All is well.\n"),
        (&["doctor"], &[("OPERATORS_LANGUAGE", "ru")], "Всё в порядке.\n"),
        (&["doctor", "--lang", "en"], &[("OPERATORS_LANGUAGE", "ru")], "All is well.\n"),
    ] {
        let (code, found) = printed(&newcomer, arguments, environment);
        assert_eq!(code, 0, "{found}");
        assert!(found.ends_with(last), "{found}");
        let is_russian = last.starts_with('В');
        assert_eq!(found.contains("В хранилище ./data можно записывать."), is_russian, "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_warns_of_secrets_that_others_can_read_and_prints_json() {
    let newcomer = set_up(0o644).await;
    let (code, found) = printed(&newcomer, &["doctor", "--json"], &[]);
    assert_eq!(code, 0);
    let report: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(report["grade"], "warn");
    let checks = report["checks"].as_array().unwrap();
    let names: Vec<&str> = checks.iter().map(|check| check["check"].as_str().unwrap()).collect();
    for name in ["permissions", "connection", "token", "group", "rights", "owner", "store", "texts"]
    {
        assert!(names.contains(&name), "{name}: {found}");
    }
    let warned: Vec<&Value> = checks.iter().filter(|check| check["grade"] != "ok").collect();
    let [only] = *warned else { panic!("one warning is expected: {found}") };
    assert_eq!(only["remedy"], "Run: chmod 600 .env");
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_for_terminals_that_want_them() {
    let newcomer = set_up(0o600).await;
    for (name, value, coloured) in [("TERM", "xterm", true), ("NO_COLOR", "1", false)] {
        let mut terminal = AtTerminal::start(newcomer.command(&["doctor"]).env(name, value));
        assert!(terminal.ends().await.success());
        terminal.sees("All is well.").await;
        assert_eq!(terminal.shown().contains("\u{1b}[32mok  \u{1b}[0m"), coloured);
    }
    let (_, found) = printed(&newcomer, &["doctor"], &[]);
    assert!(!found.contains('\u{1b}'), "{found}");
}
