//! Reads `PromQL` queries, and checks the names in them.

mod labels;
mod names;
mod parser;
mod schema;

pub(super) use names::queries_of;
pub(super) use parser::{readings, tree};
pub(super) use schema::Known;
