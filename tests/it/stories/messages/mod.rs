//! Messages, edits and reactions on their way to the other side.

mod albums;
mod backlog;
mod edits;
mod kinds;
mod reactions;
mod replies;
mod threads;
mod unknown;
