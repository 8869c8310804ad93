//! The topics of users in the group.

mod former;
mod healing;
mod opening;
