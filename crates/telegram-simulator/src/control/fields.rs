//! The JSON body of a control request. Fields are taken one by one, and a field that is left over is refused.

use serde_json::{Map, Value};

/// Why a control request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) why: String,
}

impl Refusal {
    pub(super) fn bad(why: impl Into<String>) -> Self {
        Self { status: 400, why: why.into() }
    }

    pub(super) fn missing(what: impl Into<String>) -> Self {
        Self { status: 404, why: what.into() }
    }

    pub(super) fn forbidden(why: &str) -> Self {
        Self { status: 403, why: why.to_owned() }
    }
}

/// The fields of a request that nobody has taken yet.
#[derive(Debug)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body; an empty one has no fields.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|_| Refusal::bad("the body is not a JSON object"))
    }

    pub(super) fn of(value: Value) -> Result<Self, Refusal> {
        if let Value::Object(fields) = value {
            Ok(Self(fields))
        } else {
            Err(Refusal::bad("an object is needed"))
        }
    }

    /// A field of any kind; `null` is as good as none.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    fn typed<T>(
        &mut self,
        name: &str,
        kind: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.take(name) else { return Ok(None) };
        read(&value).map(Some).ok_or_else(|| Refusal::bad(format!("`{name}` is not {kind}")))
    }

    pub(super) fn int(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        self.typed(name, "an integer", Value::as_i64)
    }

    /// A number that counts something: not below 0.
    pub(super) fn count(&mut self, name: &str) -> Result<Option<u64>, Refusal> {
        self.typed(name, "a count", Value::as_u64)
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<f64>, Refusal> {
        self.typed(name, "a number", Value::as_f64)
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        self.typed(name, "a boolean", Value::as_bool)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        self.typed(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<Value>>, Refusal> {
        self.typed(name, "an array", |value| value.as_array().cloned())
    }

    /// Refuses fields that were not taken, so that a misspelt one is noticed. Called before anything is done.
    pub(super) fn end(&self) -> Result<(), Refusal> {
        match self.0.keys().next() {
            Some(name) => Err(Refusal::bad(format!("`{name}` is not a field of this request"))),
            None => Ok(()),
        }
    }
}

/// A field that must be there.
pub(super) fn needed<T>(value: Option<T>, name: &str) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::bad(format!("`{name}` is missing")))
}
