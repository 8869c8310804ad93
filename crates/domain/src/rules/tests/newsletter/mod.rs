//! A newsletter, from its draft to its end.

mod draft;
mod sent;
mod written;
