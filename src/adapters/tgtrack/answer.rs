//! Interprets TGTrack's answers.

use std::time::Duration;

use serde::Deserialize;

use ports::{TrackError, TrackTrouble};

/// Upper bound of `Retry-After`: an absurd number must not stop reports for years.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

#[derive(Deserialize)]
struct Answer {
    error: GoalOutcome,
}

#[derive(Deserialize)]
struct GoalOutcome {
    code: i64,
}

/// Interprets an answer: its HTTP status, its `Retry-After` in seconds, and its body.
pub(super) fn read(status: u16, retry_after: Option<&str>, body: &[u8]) -> Result<(), TrackError> {
    let wait = retry_after
        .and_then(|seconds| seconds.trim().parse().ok())
        .map(|seconds| Duration::from_secs(seconds).min(LONGEST_WAIT));
    let not_now = |why| Err(TrackError::NotNow { why, wait });
    let code = serde_json::from_slice::<Answer>(body).ok().map(|answer| answer.error.code);
    match (status, code) {
        (200..=299, Some(0)) => Ok(()),
        (200..=299, Some(_)) => Err(TrackError::Refused { status, code }),
        (401 | 403 | 404, _) => not_now(TrackTrouble::Denied),
        (408, _) => not_now(TrackTrouble::Timeout),
        (429, _) => not_now(TrackTrouble::Busy),
        (500.., _) => not_now(TrackTrouble::Server),
        (400..=499, _) => Err(TrackError::Refused { status, code }),
        (_, _) => not_now(TrackTrouble::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_success_or_later_or_never() {
        let not_now = |why| Err(TrackError::NotNow { why, wait: None });
        let refused = |status, code| Err(TrackError::Refused { status, code });
        for (status, body, meaning) in [
            (200, r#"{"error":{"code":0,"message":""}}"#, Ok(())),
            (201, r#"{"error":{"code":0},"more":[1]}"#, Ok(())),
            (200, r#"{"error":{"code":7,"message":"no such goal"}}"#, refused(200, Some(7))),
            (400, r#"{"error":{"code":0}}"#, refused(400, Some(0))),
            (422, "", refused(422, None)),
            (200, "", not_now(TrackTrouble::Malformed)),
            (200, "<html>OK</html>", not_now(TrackTrouble::Malformed)),
            (200, r#"{"error":{}}"#, not_now(TrackTrouble::Malformed)),
            (200, r#"{"ok":true}"#, not_now(TrackTrouble::Malformed)),
            (302, "", not_now(TrackTrouble::Malformed)),
            (401, r#"{"error":{"code":3}}"#, not_now(TrackTrouble::Denied)),
            (403, "", not_now(TrackTrouble::Denied)),
            (404, "", not_now(TrackTrouble::Denied)),
            (408, "", not_now(TrackTrouble::Timeout)),
            (429, r#"{"error":{"code":0}}"#, not_now(TrackTrouble::Busy)),
            (500, r#"{"error":{"code":0}}"#, not_now(TrackTrouble::Server)),
            (503, "", not_now(TrackTrouble::Server)),
        ] {
            assert_eq!(read(status, None, body.as_bytes()), meaning, "{status} {body}");
        }
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_within_reason() {
        let waits = |said| match read(429, Some(said), b"") {
            Err(TrackError::NotNow { wait, .. }) => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(waits(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(waits("99999999999"), Some(LONGEST_WAIT));
        assert_eq!(waits("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(waits("-1"), None);
    }
}
