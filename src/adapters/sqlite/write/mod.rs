//! Writes: what each of them changes, and the thread that runs them in shared transactions.

mod arrivals;
mod commit;
mod forget;
mod request;
mod writer;

pub(super) use arrivals::TakeIn;
pub(super) use commit::CommitAll;
pub(super) use forget::Forget;
pub(super) use writer::{Writer, WriterParts};
