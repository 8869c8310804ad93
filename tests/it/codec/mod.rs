//! Stored formats: what any release wrote, all later ones read.

mod formats;
mod former;
mod newsletters;
mod who;
