//! Every command that a page of the book shows is verified, in one of the ways of `check.rs`.

mod check;
mod compose;
mod pages;
mod played;
mod shell;

pub(super) use pages::block;
