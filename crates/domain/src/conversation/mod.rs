//! The conversation: everything that is stored about one user between two updates.

mod authoring;
mod flood;
mod learnt;
mod moderation;
mod notes;
mod profile;
mod recent;
mod record;
mod request;
mod topic;
mod welcome;

pub use authoring::Authoring;
pub use flood::{Flood, Hold, HoldTimes};
pub use learnt::Learnt;
pub use moderation::Moderation;
pub use notes::{Notes, Piece, StaffAlbum};
pub use profile::Profile;
pub use record::{Conversation, Revision, State};
pub use request::Request;
pub use topic::{Topic, TopicState};
pub use welcome::{ScenePosition, WelcomeEnd, WelcomeProgress, WelcomeRun};
