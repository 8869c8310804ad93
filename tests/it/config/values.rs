//! Values that people write in forms of their own: numbers, switches, paths, placeholders.

use super::settings::{load, mistake, with};
use support_bot::config::{Settings, VARIABLES};

#[test]
fn numbers_are_refused_just_outside_their_bounds_which_are_named() {
    for (name, inside, outside, range) in [
        ("LINK_RETENTION_DAYS", "2", "1", "2 to 3650 (days)"),
        ("ALBUM_WINDOW_MS", "100", "99", "100 to 10000 (milliseconds)"),
        ("DRAIN_SECONDS", "600", "601", "1 to 600 (seconds)"),
        ("POLL_TIMEOUT_SECONDS", "50", "51", "1 to 50 (seconds)"),
        ("SEND_CONCURRENCY", "1", "0", "1 to 1024 (calls)"),
        ("INBOX_LIMIT", "100", "99", "100 to 1000000 (updates)"),
        ("PACE_PRIVATE_BURST", "100", "101", "1 to 100 (messages)"),
        ("PACE_PRIVATE_BURST", "1", "1.5", "1 to 100 (messages)"),
        ("PACE_GROUP_PER_MINUTE", "0", "-1", "0 to 10000 (messages a minute; 0 = no limit)"),
        ("FLOOD", "0", "1001", "0 to 1000 (messages, edits and reactions a minute; 0 = no limit)"),
        ("OPS_PORT", "0", "65536", "0 to 65535 (port)"),
    ] {
        assert!(load(&[(name, inside)]).is_ok(), "{name}={inside}");
        let expected = format!("{name} is {outside:?}: write a whole number from {range}");
        assert_eq!(mistake(&[(name, outside)]), expected);
    }
}

#[test]
fn switches_take_the_usual_words_in_any_case() {
    let words = ["true", "Yes", "ON", "1", "false", "no", "Off", "0"];
    for (position, word) in words.into_iter().enumerate() {
        let settings = load(&[("REDIS_HOST", "redis"), ("REDIS_ACCEPT_LOSS", word)]).unwrap();
        assert_eq!(settings.store.redis.unwrap().accept_loss, position < 4, "{word}");
        let webhook = [("WEBHOOK_ENABLED", word), ("WEBHOOK_URL", "https://desk.example.org")];
        assert_eq!(load(&webhook).unwrap().webhook.is_some(), position < 4, "{word}");
        let tracker = [("TGTRACK_ENABLED", word), ("TGTRACK_API_KEY", "k")];
        assert_eq!(load(&tracker).unwrap().tgtrack.is_some(), position < 4, "{word}");
    }
    for word in ["2", "ja", "enabled", "t"] {
        let error = mistake(&[("WEBHOOK_ENABLED", word)]);
        assert!(error.contains("yes or no, on or off, 1 or 0"), "{error}");
    }
    let switches = VARIABLES.iter().filter(|variable| variable.unit.starts_with("true or false"));
    assert!(switches.clone().count() > 4);
    assert!(switches.into_iter().all(|switch| switch.unit.contains("yes or no")));
}

#[test]
fn a_path_in_the_home_folder_is_refused_with_the_whole_path() {
    for (name, path, remedy) in [
        ("DATA_DIR", "~/desk", "write the whole path: /home/ada/desk"),
        ("TEXTS_DIR", "~", "write the whole path: /home/ada"),
        ("WELCOME_FILE", "~bob/welcome.toml", "write the whole path"),
        ("WEBHOOK_CERTIFICATE", "~/cert.pem", "write the whole path: /home/ada/cert.pem"),
        // The path may be the secret itself.
        ("SENTRY_DSN_FILE", "~/dsn", "write the whole path"),
    ] {
        let mut pairs = vec![(name, path), ("HOME", "/home/ada/")];
        if name == "WEBHOOK_CERTIFICATE" {
            pairs.extend([("WEBHOOK_ENABLED", "on"), ("WEBHOOK_URL", "https://desk.example.org")]);
        }
        let expected = format!("{name} begins with ~, which is not expanded here: {remedy}");
        assert_eq!(mistake(&pairs), expected);
    }
    assert!(load(&[("DATA_DIR", "./~desk")]).is_ok());
    let homeless = mistake(&[("DATA_DIR", "~/desk")]);
    assert!(homeless.ends_with("write the whole path"), "{homeless}");
}

#[test]
fn placeholders_of_the_old_bots_example_are_named_as_such() {
    let source = with(&[
        ("BOT_TOKEN", "123456789:AAGASD2cxfatkDasDE22dqfawdfawd2WD-UI"),
        ("BOT_DEV_ID", "123456789"),
        ("BOT_GROUP_ID", "-100123456789"),
        ("TGTRACK_ENABLED", "true"),
        ("TGTRACK_API_KEY", "your_api_key"),
    ]);
    let mistakes = Settings::load(&source).unwrap_err();
    let expected = ["BOT_TOKEN", "BOT_DEV_ID", "BOT_GROUP_ID", "TGTRACK_API_KEY"]
        .map(|name| format!("{name} is the placeholder of an example: write your own"));
    assert_eq!(mistakes.to_string(), expected.join("\n"));
}

#[test]
fn a_level_that_does_not_exist_is_a_mistake() {
    let error = mistake(&[("RUST_LOG", "warning")]);
    assert!(error.contains("names no level: write error, warn, info or debug"), "{error}");
    assert!(load(&[("RUST_LOG", "support_bot=debug,info")]).is_ok());
}
