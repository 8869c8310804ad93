//! The welcome at run time: the scene, its time zones, the pictures.

use std::fmt;

use domain::{Scene, Zones};

use super::{Photo, PhotoSource};

/// The owner's welcome, read and checked. No method fails or blocks.
pub trait Welcomes: Zones + fmt::Debug + Send + Sync + 'static {
    /// The scene.
    fn scene(&self) -> &Scene;

    /// Returns a picture of the scene by its name; `None` if the scene has no such picture. The source is Telegram's
    /// `file_id`, if it is known and `anew` is false.
    fn photo(&self, name: &str, anew: bool) -> Option<Photo>;

    /// Remembers Telegram's `file_id` of a picture, beyond the end of the process. If that fails, the picture is
    /// uploaded again.
    fn uploaded(&self, photo: &Photo, file: &str);
}

impl Photo {
    /// Whether the picture must be uploaded.
    pub fn is_new(&self) -> bool {
        matches!(self.source, PhotoSource::New(_))
    }
}
