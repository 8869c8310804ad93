//! Reads one user of the old bot: an id and a JSON object.

use serde_json::{Map, Value};

use domain::{Conversation, Language, MessageId, Millis, Profile, Topic, TopicId, UserId};

use super::moment::moment;

/// The highest user id: Telegram's ids have at most 52 bits.
const HIGHEST_USER: i64 = (1 << 52) - 1;
/// The General topic, which every forum has and which is never a user's topic.
const GENERAL: i64 = 1;
/// Maximum length of names, in characters. Telegram's own limits are lower.
const LONGEST: usize = 256;

/// A user of the old bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldUser {
    /// The conversation, which is not stored yet.
    pub conversation: Conversation,
    /// The data that could not be taken over.
    pub lacks: Vec<Lacks>,
}

/// Why a user was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skipped {
    /// The key is not a user id.
    Id,
    /// The value is not a JSON object.
    Json,
    /// The value contains the id of another user.
    Another,
}

/// A part of a user's data that could not be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lacks {
    /// The topic is not a valid topic id.
    Topic,
    /// The ban is neither yes nor no.
    Ban,
    /// The silent mode is neither yes nor no.
    Silence,
    /// The desk does not speak the language, or it is not a text.
    Language,
    /// The name is not a text.
    Name,
    /// The date of the first contact is not valid.
    Since,
}

/// Parses a user id.
pub fn user_id(text: &str) -> Option<UserId> {
    let id: i64 = text.parse().ok()?;
    (1..=HIGHEST_USER).contains(&id).then_some(UserId(id))
}

/// Reads a user. If the date of the first contact is missing, it is `now`.
pub fn read(id: &str, json: Option<&str>, now: Millis) -> Result<OldUser, Skipped> {
    let user = user_id(id).ok_or(Skipped::Id)?;
    let parsed: Option<Value> = json.and_then(|json| serde_json::from_str(json).ok());
    let Some(Value::Object(fields)) = parsed else { return Err(Skipped::Json) };
    if given(&fields, "id").is_some_and(|own| integer(own) != Some(user.0)) {
        return Err(Skipped::Another);
    }
    let mut lacks = Vec::new();
    let mut conversation = Conversation::new(user, profile(&fields, &mut lacks), now);
    if let Some(code) = &conversation.profile.language_code {
        conversation.language = Language::parse(code);
        if conversation.language.is_none() {
            lacks.push(Lacks::Language);
        }
    }
    if let Some(value) = given(&fields, "created_at") {
        match moment(value) {
            Some(since) => conversation.since = since.min(now),
            None => lacks.push(Lacks::Since),
        }
    }
    if let Some(value) = given(&fields, "message_thread_id") {
        match message(value).filter(|topic| *topic > GENERAL) {
            Some(topic) => {
                conversation.topic.current = Topic::Open(TopicId(topic));
                // A topic is opened only by the user's first message.
                conversation.firsts.message = true;
            }
            None => lacks.push(Lacks::Topic),
        }
    }
    conversation.moderation.banned = switch(&fields, "is_banned", Lacks::Ban, &mut lacks);
    conversation.moderation.silent =
        switch(&fields, "message_silent_mode", Lacks::Silence, &mut lacks);
    if conversation.moderation.silent && conversation.topic.id().is_some() {
        let notice = given(&fields, "message_silent_id").and_then(message);
        conversation.moderation.silent_notice = notice.map(MessageId);
    }
    let state = given(&fields, "state").and_then(Value::as_str);
    conversation.reachable = state != Some("kicked");
    lacks.sort_unstable();
    Ok(OldUser { conversation, lacks })
}

fn profile(fields: &Map<String, Value>, lacks: &mut Vec<Lacks>) -> Profile {
    let mut text = |name: &str, lack: Lacks| match given(fields, name) {
        None => None,
        Some(Value::String(text)) => Some(text.chars().take(LONGEST).collect::<String>()),
        Some(_) => {
            lacks.push(lack);
            None
        }
    };
    let name = text("full_name", Lacks::Name).unwrap_or_default();
    let language_code = text("language_code", Lacks::Language).filter(|code| !code.is_empty());
    // The old bot stored a dash for users without a username.
    let username = given(fields, "username").and_then(Value::as_str).map(|name| {
        let name = name.trim().trim_start_matches('@');
        name.chars().take(LONGEST).collect::<String>()
    });
    let username = username.filter(|name| !name.is_empty() && name != "-");
    Profile { name, username, language_code }
}

/// The field, if it is present and not null.
fn given<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

/// Reads a message id, which may be stored as text.
fn message(value: &Value) -> Option<i64> {
    integer(value).filter(|id| (1..=i64::from(i32::MAX)).contains(id))
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Reads a boolean; `false` if it is missing or malformed.
fn switch(fields: &Map<String, Value>, name: &str, lack: Lacks, lacks: &mut Vec<Lacks>) -> bool {
    let Some(value) = given(fields, name) else { return false };
    let word = value.as_str().map(str::to_ascii_lowercase);
    match (value.as_bool(), value.as_i64(), word.as_deref()) {
        (Some(so), _, _) => so,
        (_, Some(1), _) | (_, _, Some("true" | "1" | "yes")) => true,
        (_, Some(0), _) | (_, _, Some("false" | "0" | "no" | "")) => false,
        _ => {
            lacks.push(lack);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Firsts;

    const NOW: Millis = Millis(1_790_000_000_000);

    fn of(json: &str) -> OldUser {
        read("7", Some(json), NOW).unwrap()
    }

    #[test]
    fn a_user_is_taken_over_whole() {
        let OldUser { conversation, lacks } = of(r#"{"id": 7, "message_thread_id": 12,
            "message_silent_id": 40, "message_silent_mode": true, "is_banned": true, "state": "kicked",
            "language_code": "ru", "full_name": "Ada L", "username": "@ada",
            "created_at": "2024-05-01 15:30:00 UTC+03:00"}"#);
        assert_eq!(lacks, []);
        let profile = Profile {
            name: "Ada L".to_owned(),
            username: Some("ada".to_owned()),
            language_code: Some("ru".to_owned()),
        };
        let since = Millis(1_714_566_600_000);
        let mut expected = Conversation::new(UserId(7), profile, since);
        expected.language = Some(Language::Russian);
        expected.topic.current = Topic::Open(TopicId(12));
        expected.moderation.banned = true;
        expected.moderation.silent = true;
        expected.moderation.silent_notice = Some(MessageId(40));
        expected.reachable = false;
        expected.firsts = Firsts { message: true, phone: false };
        assert_eq!(conversation, expected);
    }

    #[test]
    fn what_is_missing_or_null_is_no_mistake() {
        let plain = Conversation::new(UserId(7), Profile::default(), NOW);
        let nothing = OldUser { conversation: plain, lacks: Vec::new() };
        assert_eq!(of("{}"), nothing);
        let null = r#"{"message_thread_id": null, "is_banned": null, "language_code": null,
            "full_name": null, "username": "-", "created_at": null, "message_silent_mode": 0, "more": [1]}"#;
        assert_eq!(of(null), nothing);
    }

    #[test]
    fn each_value_that_makes_no_sense_is_left_and_said() {
        for (json, lack) in [
            (r#"{"message_thread_id": 1}"#, Lacks::Topic),
            (r#"{"message_thread_id": -5}"#, Lacks::Topic),
            (r#"{"message_thread_id": 12.5}"#, Lacks::Topic),
            (r#"{"message_thread_id": 99999999999}"#, Lacks::Topic),
            (r#"{"message_thread_id": "twelve"}"#, Lacks::Topic),
            (r#"{"is_banned": "perhaps"}"#, Lacks::Ban),
            (r#"{"is_banned": 2}"#, Lacks::Ban),
            (r#"{"message_silent_mode": []}"#, Lacks::Silence),
            (r#"{"language_code": "tlh"}"#, Lacks::Language),
            (r#"{"language_code": 5}"#, Lacks::Language),
            (r#"{"full_name": {}}"#, Lacks::Name),
            (r#"{"created_at": "once"}"#, Lacks::Since),
        ] {
            let read = of(json);
            assert_eq!(read.lacks, [lack], "{json}");
            assert_eq!(read.conversation.topic.current, Topic::None);
            assert!(
                !read.conversation.moderation.banned && !read.conversation.moderation.silent,
                "{json}"
            );
            assert_eq!(read.conversation.since, NOW);
        }
        let written =
            of(r#"{"message_thread_id": "12", "is_banned": "True", "message_silent_mode": 1}"#);
        assert_eq!(
            (written.conversation.topic.current, &*written.lacks),
            (Topic::Open(TopicId(12)), &[][..])
        );
        assert!(written.conversation.moderation.banned && written.conversation.moderation.silent);
        let future = of(r#"{"created_at": "2999-01-01"}"#);
        assert_eq!(future.conversation.since, NOW);
    }

    #[test]
    fn who_cannot_be_read_is_left() {
        for id in ["", "0", "-5", "4503599627370496", "seven", "7.0", "99999999999999999999"] {
            assert_eq!(read(id, Some("{}"), NOW), Err(Skipped::Id), "{id}");
        }
        for json in
            [None, Some(""), Some("{"), Some("[]"), Some("7"), Some("null"), Some("{'a': 1}")]
        {
            assert_eq!(read("7", json, NOW), Err(Skipped::Json), "{json:?}");
        }
        assert_eq!(read("7", Some(r#"{"id": 8}"#), NOW), Err(Skipped::Another));
    }
}
