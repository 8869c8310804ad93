//! Mutated and random answers of a Bot API server: a call always ends with a result, or with an error that may be shown.

use std::time::{Duration, Instant};

use reqwest::StatusCode;

use super::{
    api::{
        method::Method,
        payloads::{GetUpdates, React, Say, SendPhoto},
    },
    call_error::CallError,
    client,
    errors::{ChatKind, classify},
};

/// What would be in an answer of a server that wants it to be seen elsewhere.
const TOKEN: &str = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";

const SEEDS: [&str; 9] = [
    r#"{"ok":true,"result":{"message_id":7,"message_thread_id":5,"photo":[{"file_id":"a"},{"file_id":"b"}]}}"#,
    r#"{"ok":true,"result":[{"update_id":7,"message":{"text":"a"}},{"update_id":8},{}]}"#,
    r#"{"ok":true,"result":true}"#,
    r#"{"ok":false,"error_code":400,"description":"Bad Request: message to edit not found"}"#,
    r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#,
    r#"{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1001}}"#,
    r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#,
    r#"{"ok":false,"error_code":502,"description":"Bad Gateway"}"#,
    "<html><body>a captive portal</body></html>",
];

const PIECES: [&str; 20] = [
    "null",
    "true",
    "false",
    "-1",
    "1e400",
    "9223372036854775808",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\\u0000",
    "\\ud800",
    "\u{1b}[31m",
    "\r\n",
    TOKEN,
    "'Ada'",
    "\"retry_after\":-5",
];

const STATUSES: [u16; 13] = [200, 200, 200, 200, 201, 204, 301, 400, 401, 403, 429, 500, 502];

fn mutated(random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = random.choice(SEEDS).unwrap_or_default().as_bytes().to_vec();
    for _ in 0..random.usize(0..5) {
        let at = random.usize(0..=bytes.len());
        let until = (at + random.usize(0..12)).min(bytes.len());
        match random.u8(0..5) {
            0 => drop(bytes.drain(at..until)),
            1 | 2 => {
                drop(bytes.splice(at..until, random.choice(PIECES).unwrap_or_default().bytes()));
            }
            3 => bytes.insert(at, random.u8(..)),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// Whether it was done; if not, that the error is fit to be shown.
fn is_read<M: Method>(status: StatusCode, bytes: &[u8]) -> bool {
    let said = String::from_utf8_lossy(bytes);
    let Err(error) = client::read::<M>(status, bytes) else {
        assert!(status.is_success(), "{status}: {said}");
        return true;
    };
    let words = error.to_string();
    assert!(words.chars().count() < 300 && !words.contains(char::is_control), "{words:?}: {said}");
    assert!(!words.contains(TOKEN), "{words}");
    if let CallError::Refused(api) = &error {
        assert!(api.retry_after.is_none_or(|wait| wait <= Duration::from_hours(1)), "{said}");
        assert!(api.migrate_to.is_none_or(|to| to.0 < 0), "a user is no group: {said}");
        assert!(api.code < 500, "{said}");
    }
    let (_outcome, done) = (error.outcome(), error.perhaps_done());
    for place in [ChatKind::Private, ChatKind::Group] {
        let meant = format!("{:?}", classify(error.clone(), place));
        assert!(!meant.contains(TOKEN), "{meant}");
        assert!(!done || meant.contains("perhaps_done: true"), "{meant}: {said}");
    }
    false
}

#[test]
fn whatever_a_server_answers_is_a_result_or_an_error_that_can_be_shown() {
    let mut random = fastrand::Rng::with_seed(20_261_130);
    let (mut done, mut failed, begun) = (0, 0, Instant::now());
    for _ in 0..8_000 {
        let bytes = mutated(&mut random);
        let status = StatusCode::from_u16(random.choice(STATUSES).unwrap_or(200)).unwrap();
        for done_so in [
            is_read::<Say<'_>>(status, &bytes),
            is_read::<React<'_>>(status, &bytes),
            is_read::<SendPhoto<'_>>(status, &bytes),
            is_read::<GetUpdates>(status, &bytes),
        ] {
            if done_so { done += 1 } else { failed += 1 }
        }
    }
    assert!(done > 500 && failed > 500, "{done} done, {failed} failed");
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
}
