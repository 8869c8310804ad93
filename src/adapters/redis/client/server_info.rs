//! The server's `INFO`, by field.

use fred::error::Error;

use ports::StoreError;

use crate::adapters::redis::script::{answers::text, arguments::Args};

use super::{connection::Connection, observer::Operation};

/// One section of the server's `INFO`, or all of it; in a cluster, that of one node.
#[derive(Debug)]
pub(in crate::adapters::redis) struct ServerInfo(String);

impl ServerInfo {
    pub(super) fn new(info: String) -> Self {
        Self(info)
    }

    /// The lines, without line ends.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.lines().map(str::trim_end)
    }

    /// A field as text; empty if it is missing.
    pub(super) fn field(&self, name: &str) -> &str {
        let value = self.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.map(str::trim).unwrap_or_default()
    }

    /// A field as a number; 0 if it is missing.
    pub(in crate::adapters::redis) fn number(&self, name: &str) -> u64 {
        self.field(name).parse().unwrap_or(0)
    }
}

impl Connection {
    /// Reads one section of `INFO`; all sections if `section` is empty.
    pub(in crate::adapters::redis) async fn info(
        &self,
        section: &str,
    ) -> Result<ServerInfo, StoreError> {
        let info = self.command("INFO", Operation::Upkeep, section_args(section)).await?;
        text(info).map(ServerInfo::new)
    }

    /// Like [`Connection::info`], with fred's error and one attempt. An answer that is not text counts as empty.
    pub(super) async fn info_once(&self, section: &str) -> Result<ServerInfo, Error> {
        let info = self.command_raw("INFO", Operation::Upkeep, section_args(section), 1).await?;
        Ok(ServerInfo::new(text(info).unwrap_or_default()))
    }
}

fn section_args(section: &str) -> Args {
    if section.is_empty() { Args::default() } else { Args::from(section) }
}
