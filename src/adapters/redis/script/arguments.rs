//! The arguments of commands and scripts.

use fred::types::Value;

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

impl<T: Into<String>> FromIterator<T> for Args {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut args = Self::default();
        for text in texts {
            args.text(text);
        }
        args
    }
}
