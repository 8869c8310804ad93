//! Whatever comes in from outside: nothing panics, nothing takes forever, and what is taken in is what comes out.
//!
//! Some hundred inputs a property, in seconds; `FUZZ_ROUNDS` asks for more, as `just fuzz` does. What fails is shortened by
//! proptest to the least that fails, and becomes a row of a test of its own.

mod backup;
mod html;
mod input;
mod press;
mod rows;
mod settings;
mod texts;
mod updates;
