//! Builds the arguments of commands and scripts, and reads their answers.

use fred::types::Value;

use ports::StoreError;

use crate::adapters::redis::errors::corrupt;

use super::encoding::number;

/// Arguments of a command or script, in order.
#[derive(Debug, Clone, Default)]
pub(in crate::adapters::redis) struct Args(Vec<Value>);

impl Args {
    /// Adds text.
    pub(in crate::adapters::redis) fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.0.push(Value::String(text.into().into()));
        self
    }

    /// Adds a number, as text.
    pub(in crate::adapters::redis) fn number(&mut self, number: i64) -> &mut Self {
        self.text(number.to_string())
    }

    /// Adds the number of the items that follow.
    pub(in crate::adapters::redis) fn count(&mut self, count: usize) -> &mut Self {
        self.text(count.to_string())
    }

    /// Adds a flag: `1` or `0`.
    pub(in crate::adapters::redis) fn flag(&mut self, flag: bool) -> &mut Self {
        self.text(if flag { "1" } else { "0" })
    }

    pub(in crate::adapters::redis) fn append(&mut self, mut other: Self) -> &mut Self {
        self.0.append(&mut other.0);
        self
    }

    pub(in crate::adapters::redis) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::adapters::redis) fn values(&self) -> Vec<Value> {
        self.0.clone()
    }
}

impl From<&str> for Args {
    fn from(first: &str) -> Self {
        let mut args = Self::default();
        args.text(first);
        args
    }
}

/// Reads a list.
pub(in crate::adapters::redis) fn list(value: Value) -> Result<Vec<Value>, StoreError> {
    match value {
        Value::Array(values) => Ok(values),
        Value::Null => Ok(Vec::new()),
        Value::Boolean(_)
        | Value::Integer(_)
        | Value::Double(_)
        | Value::String(_)
        | Value::Bytes(_)
        | Value::Queued
        | Value::Map(_) => Err(corrupt("expected a list from Redis")),
    }
}

/// Reads text; `None` if the value is nil.
pub(in crate::adapters::redis) fn maybe(value: Value) -> Result<Option<String>, StoreError> {
    match value {
        Value::Null => Ok(None),
        Value::Integer(number) => Ok(Some(number.to_string())),
        Value::String(text) => Ok(Some(text.to_string())),
        Value::Bytes(bytes) => {
            let text = String::from_utf8(bytes.to_vec());
            text.map(Some).map_err(|_not| corrupt("a record is not text"))
        }
        Value::Boolean(_) | Value::Double(_) | Value::Queued | Value::Map(_) | Value::Array(_) => {
            Err(corrupt("expected text from Redis"))
        }
    }
}

/// Reads text; an error if the value is nil.
pub(in crate::adapters::redis) fn text(value: Value) -> Result<String, StoreError> {
    maybe(value)?.ok_or_else(|| corrupt("a value is missing in an answer from Redis"))
}

/// Reads a number; 0 if the text is empty.
pub(in crate::adapters::redis) fn integer(value: Value) -> Result<i64, StoreError> {
    let text = text(value)?;
    if text.is_empty() { Ok(0) } else { number(&text) }
}

/// Reads a number; `None` if the text is empty.
pub(in crate::adapters::redis) fn maybe_integer(value: Value) -> Result<Option<i64>, StoreError> {
    let text = text(value)?;
    if text.is_empty() { Ok(None) } else { number(&text).map(Some) }
}

/// Reads a number; `None` if the value is nil.
pub(in crate::adapters::redis) fn maybe_number(value: Value) -> Result<Option<i64>, StoreError> {
    maybe(value)?.map(|text| number(&text)).transpose()
}

/// Reads a list of pairs of text.
pub(in crate::adapters::redis) fn pairs(value: Value) -> Result<Vec<(String, String)>, StoreError> {
    let mut values = list(value)?.into_iter();
    let mut pairs = Vec::new();
    while let (Some(first), Some(second)) = (values.next(), values.next()) {
        pairs.push((text(first)?, text(second)?));
    }
    Ok(pairs)
}
