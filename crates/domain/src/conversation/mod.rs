//! The conversation: everything that is stored about one user between two updates.

mod learnt;
mod notes;
mod recent;
mod record;

pub use learnt::Learnt;
pub use notes::{Notes, Piece, StaffAlbum};
pub use record::{Conversation, Profile, Revision, State, Topic};
