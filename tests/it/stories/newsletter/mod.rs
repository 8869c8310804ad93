//! Newsletters, from their author to their recipients.

mod limits;
mod sending;
