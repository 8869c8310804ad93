//! The user's request, and its number.

/// A request: a user's matter, from Start until operators close it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The ordinal of the request among the user's requests, from 1.
    pub nth: u32,
    /// The number among the requests of all users; assigned when it is first needed.
    pub number: Option<i64>,
    /// Whether operators have closed it: then the next Start begins another.
    pub closed: bool,
}
