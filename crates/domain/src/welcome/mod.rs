//! The welcome: a scene that the owner has written, played to each user who presses Start.

mod scene;
mod line;

pub use line::{SceneButton, SceneLine};
pub use scene::{
    Choice, Hours, MAXIMUM, Maximum, Saying, Scene, SceneAct, SceneStep, When, Words, Zones,
};
