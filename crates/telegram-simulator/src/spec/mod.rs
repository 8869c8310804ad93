//! The Bot API's methods and types, and what fits them.

mod check;
mod fixture;

use fixture::Shape;
pub(crate) use fixture::{Field, Kind, Method, Spec};
