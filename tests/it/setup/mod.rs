//! `support-bot setup` as somebody at a terminal sees it.

mod answers;
mod pty;
mod story;
mod unheard;
mod unattended;
mod newcomer;
