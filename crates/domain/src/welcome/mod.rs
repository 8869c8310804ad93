//! The welcome: a scene that the owner has written, played to each user who presses Start.

mod scene;
pub(crate) mod line;

pub use line::{Request, SceneButton, SceneLine, ScenePlace, Welcome, WelcomeEnd};
pub use scene::{Choice, Hours, MAXIMUM, Maximum, Saying, Scene, SceneAct, SceneStep, When, Words};
