//! The Bot API's methods and types, and what fits them.

mod check;
mod fixture;

use fixture::Shape;
pub(in crate::simulator) use fixture::{Field, Kind, Method, Spec};
