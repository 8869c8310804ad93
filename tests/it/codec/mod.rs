//! Stored formats: every later release reads what an earlier one wrote.

mod floods;
mod formats;
mod former;
mod newsletters;
mod authors;
mod stored;
