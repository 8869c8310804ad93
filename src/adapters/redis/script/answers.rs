//! Reads the answers of commands and scripts.

use std::vec;

use fred::types::Value;

use ports::StoreError;

use crate::adapters::redis::errors::corrupt;

use super::encoding::number;

/// The fields of a script's answer, in order.
#[derive(Debug)]
pub(in crate::adapters::redis) struct Answer(vec::IntoIter<Value>);

impl Answer {
    pub(in crate::adapters::redis) fn of(value: Value) -> Result<Self, StoreError> {
        Ok(Self(list(value)?.into_iter()))
    }

    /// The next field; an error if the answer has no more.
    pub(in crate::adapters::redis) fn field(&mut self) -> Result<Value, StoreError> {
        self.0.next().ok_or_else(|| corrupt("an answer of a script is cut off"))
    }

    /// The next field as text.
    pub(in crate::adapters::redis) fn text(&mut self) -> Result<String, StoreError> {
        text(self.field()?)
    }

    /// The next field as a number.
    pub(in crate::adapters::redis) fn number<T: std::str::FromStr>(
        &mut self,
    ) -> Result<T, StoreError> {
        number(&self.text()?)
    }

    /// The next field as a number; `None` if it is empty or missing.
    pub(in crate::adapters::redis) fn optional_number(
        &mut self,
    ) -> Result<Option<i64>, StoreError> {
        self.0.next().map_or(Ok(None), maybe_integer)
    }

    /// The next field as a number; 0 if it is empty or missing.
    pub(in crate::adapters::redis) fn number_or_zero(&mut self) -> Result<i64, StoreError> {
        Ok(self.optional_number()?.unwrap_or(0))
    }

    pub(in crate::adapters::redis) fn is_at_end(&self) -> bool {
        self.0.as_slice().is_empty()
    }
}

impl Iterator for Answer {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        self.0.next()
    }
}

/// Reads the answer to a scan: the next cursor, and the entries.
pub(in crate::adapters::redis) fn scan_page(value: Value) -> Result<(String, Value), StoreError> {
    let mut fields = list(value)?.into_iter();
    let mut field = || fields.next().ok_or_else(|| corrupt("an answer of Redis is cut off"));
    Ok((text(field()?)?, field()?))
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
