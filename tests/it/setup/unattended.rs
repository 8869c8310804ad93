//! Setup in a script.

use std::process::{Output, Stdio};

use super::newcomer::{ENOUGH, Newcomer};
use crate::harness::{OWNER, spec};

fn run(newcomer: &Newcomer, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = newcomer.command(&["setup", "--yes"]);
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null());
    command.output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_sets_up_a_desk_in_russian() {
    let (newcomer, group) = Newcomer::with_group().await;
    let group = group.to_string();
    newcomer.writes_file(".env", "# ours\nFLOOD=0\n");
    let token = newcomer.telegram.token();
    let owner = OWNER.to_string();
    let ran = run(
        &newcomer,
        &["--env-file", ".env", "--group", &group, "--owner", &owner, "--token-to", "secret"],
        &[("BOT_TOKEN", &token), ("LANG", "ru_RU.UTF-8")],
    );
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(said.contains("Группа готова."), "{said}");
    assert!(!said.contains(&token), "{said}");
    assert!(ran.status.success(), "{said}");
    assert!(said.contains("Значение BOT_TOKEN есть и в окружении"), "{said}");
    assert!(said.contains("/support-bot --env-file .env run\n"), "{said}");
    assert!(said.contains("заданы в окружении, но не в .env: BOT_API_URL"), "{said}");
    assert_eq!(newcomer.private_file("secret"), Some(format!("{token}\n")));
    let expected = format!(
        "# ours\nFLOOD=0\nBOT_DEV_ID={OWNER}\nBOT_GROUP_ID={group}\nDEFAULT_LANGUAGE=ru\nOPERATORS_LANGUAGE=ru\nBOT_TOKEN_FILE=secret\n"
    );
    assert_eq!(newcomer.private_file(".env"), Some(expected));
    let doctor = newcomer.command(&["doctor"]).output().unwrap();
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_takes_no_group_from_strangers_and_does_not_wait_for_ever() {
    let newcomer = Newcomer::new().await;
    let token = newcomer.telegram.token();
    let ran = run(&newcomer, &["--wait", "2s"], &[]);
    let error = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(error.contains("BOT_TOKEN or BOT_TOKEN_FILE"), "{error}");
    let strangers = newcomer.telegram.forum_with("Strangers", ENOUGH);
    strangers.kick_bot();
    strangers.set_bot_rights(ENOUGH);
    let ran = run(&newcomer, &["--wait", "2s"], &[("BOT_TOKEN", &token)]);
    let error = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(error.contains("Nothing happened in Telegram within the time"), "{error}");
    assert_eq!(ran.status.code(), Some(1));
    assert_eq!(newcomer.private_file(".env"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_telegram_does_not_push_to_is_refused_before_anything_else() {
    let newcomer = Newcomer::new().await;
    for (url, api, why) in [
        ("http://desk.example.org", "https://api.telegram.org", "is not encrypted: write https://"),
        ("http://desk.example.org", "http://127.0.0.1:1", "is not encrypted: write https://"),
        ("desk.example.org", "http://127.0.0.1:1", "is not a URL"),
        ("https://10.0.0.1", "https://api.telegram.org", "which Telegram cannot reach"),
    ] {
        let token = newcomer.telegram.token();
        let environment = [("BOT_TOKEN", token.as_str()), ("BOT_API_URL", api)];
        let ran = run(&newcomer, &["--webhook", url], &environment);
        let error = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(error.contains("--webhook: WEBHOOK_URL") && error.contains(why), "{url}: {error}");
        assert_eq!(ran.status.code(), Some(2), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_a_script_fails_with_the_reason() {
    let newcomer = Newcomer::new().await;
    let (token, nowhere) = (newcomer.telegram.token(), "http://no-such-host.internal");
    let ran = run(&newcomer, &[], &[("BOT_TOKEN", &token), ("BOT_API_URL", nowhere)]);
    let error = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(error.contains("Telegram cannot be reached: "), "{error}");
    assert!(error.contains("Nothing was written."), "{error}");
    assert_eq!(ran.status.code(), Some(1));
    assert_eq!(newcomer.private_file(".env"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_replaces_no_file_and_follows_no_link() {
    let (newcomer, group) = Newcomer::with_group().await;
    let token = newcomer.telegram.token();
    let before = format!("BOT_TOKEN={token}\nBOT_DEV_ID={OWNER}\nBOT_GROUP_ID={group}\n");
    newcomer.writes_file(".env", &before);
    newcomer.writes_file("notes", "precious");
    std::os::unix::fs::symlink("elsewhere", newcomer.path("link")).unwrap();
    for taken in ["notes", "link", ".env"] {
        let ran = run(&newcomer, &["--token-to", taken], &[]);
        let error = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(error.contains("already exists"), "{error}");
        assert_eq!(ran.status.code(), Some(2));
    }
    assert_eq!(std::fs::read_to_string(newcomer.path(".env")).unwrap(), before);
    assert_eq!(std::fs::read_to_string(newcomer.path("notes")).unwrap(), "precious");
    assert!(!newcomer.path("elsewhere").exists());

    // A token that is in the settings moves into its own file.
    let ran = run(&newcomer, &["--token-to", "secret"], &[]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    assert_eq!(newcomer.private_file("secret"), Some(format!("{token}\n")));
    let settings = newcomer.private_file(".env").unwrap();
    assert!(settings.contains("BOT_TOKEN_FILE=secret\n") && !settings.contains(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_at_the_end_starts_this_desk() {
    let newcomer = Newcomer::new().await;
    newcomer.telegram.user(spec(OWNER, "Otto", "en")).starts();
    let group = newcomer.telegram.forum_with("Our desk", ENOUGH).id().to_string();
    std::fs::create_dir(newcomer.path("Ada's desk")).unwrap();
    let (owner, token) = (OWNER.to_string(), newcomer.telegram.token());
    let ran = run(
        &newcomer,
        &["-C", "Ada's desk", "--env-file", "my settings", "--group", &group, "--owner", &owner],
        &[("BOT_TOKEN", &token)],
    );
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}");
    let start = said.lines().find_map(|line| line.strip_prefix("Start the desk with: ")).unwrap();
    let desk = start.strip_suffix(" run").unwrap();
    let config = newcomer.shell(&format!("{desk} config")).output().unwrap();
    let settings = String::from_utf8_lossy(&config.stdout);
    assert!(config.status.success() && settings.contains(&group), "{start}\n{settings}");
}
