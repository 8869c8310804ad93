//! `support-bot setup` as somebody at a terminal sees it.

mod answers;
mod pty;
mod story;
mod unheard;
mod unattended;
mod newcomer;

pub(crate) use newcomer::{ENOUGH, Newcomer};
pub(crate) use pty::AtTerminal;
