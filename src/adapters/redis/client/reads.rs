//! Reads that many ports share.

use ports::StoreError;

use crate::adapters::redis::script::{answers::maybe, arguments::Args};

use super::{connection::Connection, observer::Operation};

impl Connection {
    /// One field of a hash; `None` if it is missing.
    pub(in crate::adapters::redis) async fn hash_field(
        &self,
        operation: Operation,
        key: String,
        field: impl ToString,
    ) -> Result<Option<String>, StoreError> {
        let args = Args::from_iter([key, field.to_string()]);
        maybe(self.command("HGET", operation, args).await?)
    }
}
