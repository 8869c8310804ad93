//! All untrusted input: nothing panics, nothing runs forever, and an accepted value is written back unchanged.
//!
//! A few hundred inputs for each property, in seconds; `FUZZ_ROUNDS` asks for more, as `just fuzz` does. Proptest
//! shrinks a failure to a minimal one, which becomes a row of its own test.

mod backup;
mod env_file;
mod html;
mod input;
mod callback_data;
mod rows;
mod settings;
mod texts;
mod updates;
