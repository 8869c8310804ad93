//! Refusals in Telegram's words.

use serde_json::{Value, json};

/// What `ok: false` carries.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::simulator) struct ApiError {
    pub(in crate::simulator) code: u16,
    pub(in crate::simulator) description: String,
    pub(in crate::simulator) parameters: Option<Value>,
}

impl ApiError {
    pub(in crate::simulator) fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), parameters: None }
    }

    /// `400 Bad Request: …`
    pub(in crate::simulator) fn bad(what: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", what.as_ref()))
    }

    /// `403 Forbidden: …`
    pub(in crate::simulator) fn forbidden(what: &str) -> Self {
        Self::new(403, format!("Forbidden: {what}"))
    }

    /// `409 Conflict: …`
    pub(in crate::simulator) fn conflict(what: &str) -> Self {
        Self::new(409, format!("Conflict: {what}"))
    }

    /// Known to the Bot API, not to the simulator.
    pub(in crate::simulator) fn not_implemented(what: &str) -> Self {
        Self::new(501, format!("Not Implemented: the simulator does not know {what}"))
    }

    /// `429 Too Many Requests: …`
    pub(in crate::simulator) fn throttled(retry_after: u64) -> Self {
        Self {
            code: 429,
            description: format!("Too Many Requests: retry after {retry_after}"),
            parameters: Some(json!({ "retry_after": retry_after })),
        }
    }

    /// The group has become another chat.
    pub(in crate::simulator) fn migrated(to: i64) -> Self {
        Self {
            parameters: Some(json!({ "migrate_to_chat_id": to })),
            ..Self::bad("group chat was upgraded to a supergroup chat")
        }
    }

    /// The body of the answer.
    pub(in crate::simulator) fn body(&self) -> Value {
        let mut body =
            json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let Some(parameters) = &self.parameters {
            body["parameters"] = parameters.clone();
        }
        body
    }
}
