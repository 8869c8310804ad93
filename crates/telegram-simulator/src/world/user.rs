//! People, and the bot.

use serde_json::{Value, json};

/// Describes a person to create. Start from `UserSpec::named("Ada")` and change what matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSpec {
    /// Telegram's id; 0 lets the simulator choose one.
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: Option<String>,
    /// Username, without `@`.
    pub username: Option<String>,
    /// IETF language tag of the app.
    pub language_code: Option<String>,
}

impl UserSpec {
    /// A person with a first name, whose app is in English.
    pub fn named(first_name: &str) -> Self {
        Self {
            id: 0,
            first_name: first_name.to_owned(),
            last_name: None,
            username: None,
            language_code: Some("en".to_owned()),
        }
    }

    /// The same with an id.
    #[must_use]
    pub fn with_id(self, id: i64) -> Self {
        Self { id, ..self }
    }
}

/// A person or the bot.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) is_bot: bool,
    pub(crate) first_name: String,
    pub(crate) last_name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) language_code: Option<String>,
}

impl User {
    pub(crate) fn bot(id: i64, name: &str, username: &str) -> Self {
        Self {
            id,
            is_bot: true,
            first_name: name.to_owned(),
            last_name: None,
            username: Some(username.to_owned()),
            language_code: None,
        }
    }

    pub(crate) fn person(id: i64, spec: UserSpec) -> Self {
        Self {
            id,
            is_bot: false,
            first_name: spec.first_name,
            last_name: spec.last_name,
            username: spec.username,
            language_code: spec.language_code,
        }
    }

    pub(crate) fn full_name(&self) -> String {
        match &self.last_name {
            Some(last) => format!("{} {last}", self.first_name),
            None => self.first_name.clone(),
        }
    }

    /// As `User` in the Bot API.
    pub(crate) fn value(&self) -> Value {
        let mut user =
            json!({ "id": self.id, "is_bot": self.is_bot, "first_name": self.first_name });
        let optional = [
            ("last_name", &self.last_name),
            ("username", &self.username),
            ("language_code", &self.language_code),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                user[name] = value.as_str().into();
            }
        }
        user
    }
}
