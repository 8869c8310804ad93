//! The welcome as it is played: the scene, the time of day, the pictures.

use std::fmt;

use domain::{Millis, Scene};

use super::{Photo, PhotoSource};

/// The owner's welcome, read and checked. Nothing of it fails or waits.
pub trait Welcomes: fmt::Debug + Send + Sync + 'static {
    /// The scene.
    fn scene(&self) -> &Scene;

    /// The minute of the day at this moment in each of the scene's time zones, in their order.
    fn minutes(&self, at: Millis) -> Vec<u16>;

    /// A picture of the scene by its name, by Telegram's name of it if that is known and not `anew`; `None` if there is no such picture.
    fn photo(&self, name: &str, anew: bool) -> Option<Photo>;

    /// Telegram knows a picture by this name. What is remembered of that outlives the process; if it cannot, the picture
    /// is uploaded again.
    fn uploaded(&self, photo: &Photo, file: &str);
}

impl Photo {
    /// Whether it is sent by what is in it.
    pub fn is_new(&self) -> bool {
        matches!(self.source, PhotoSource::New(_))
    }
}
