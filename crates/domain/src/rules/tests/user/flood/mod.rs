//! Floods: what is held, for how long, and what operators decide about it.

mod held;
mod operators;
