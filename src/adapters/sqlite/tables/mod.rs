//! SQL, a file for each table. It runs on the connection or in the transaction that a caller brings, and knows neither
//! the threads nor the cache.

pub(crate) mod conversations;
pub(crate) mod counts;
pub(crate) mod dead;
pub(crate) mod facts;
pub(crate) mod groups;
pub(crate) mod inbox;
pub(crate) mod links;
pub(crate) mod meta;
pub(crate) mod numbers;
pub(crate) mod outbox;
pub(crate) mod requests;
pub(crate) mod row_limit;
pub(crate) mod transaction;
