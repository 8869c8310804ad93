//! The tables: SQL, and nothing that knows who asks for it.

pub(crate) mod conversations;
pub(crate) mod dead;
pub(crate) mod inbox;
pub(crate) mod links;
pub(crate) mod meta;
pub(crate) mod outbox;
pub(crate) mod requests;
pub(crate) mod transaction;
