//! The welcome, read once and played from memory.

use std::path::Path;

use jiff::tz::TimeZone;

use crate::files;
use domain::{Millis, Scene};
use ports::{Photo, Welcomes};

use super::{WelcomeMistake, WelcomeMistakes, file, pictures::Pictures, zones};

/// The longest file, in bytes: far more than Telegram lets a scene say.
const LONGEST: usize = 1 << 20;

/// A welcome from a file.
#[derive(Debug)]
pub struct WelcomeFile {
    scene: Scene,
    zones: Vec<TimeZone>,
    pictures: Pictures,
}

impl WelcomeFile {
    /// Reads the file and its pictures, and finds all mistakes at once. `keep`: the folder where Telegram's names of the
    /// pictures are kept; `None` to look only.
    pub fn load(path: &Path, keep: Option<&Path>) -> Result<Self, WelcomeMistakes> {
        let refused = |mistakes| WelcomeMistakes { file: path.to_owned(), mistakes };
        let source = files::read_text(path, LONGEST).map_err(|error| {
            let what = format!("it cannot be read: {error}");
            refused(vec![WelcomeMistake { line: None, what }])
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let (scene, contents) = file::read(&source, folder).map_err(refused)?;
        // Each was asked for when the file was checked.
        let zones = scene.zones.iter().map(|name| zones::zone(name).unwrap_or(TimeZone::UTC));
        let zones = zones.collect();
        Ok(Self { scene, zones, pictures: Pictures::new(contents, keep) })
    }
}

impl Welcomes for WelcomeFile {
    fn scene(&self) -> &Scene {
        &self.scene
    }

    fn minutes(&self, at: Millis) -> Vec<u16> {
        self.zones.iter().map(|zone| zones::minute(zone, at)).collect()
    }

    fn photo(&self, name: &str, anew: bool) -> Option<Photo> {
        self.pictures.photo(name, anew)
    }

    fn uploaded(&self, photo: &Photo, file: &str) {
        self.pictures.uploaded(photo, file);
    }
}
