//! The welcome, read once and then served from memory.

use std::path::Path;

use jiff::tz::TimeZone;

use domain::{Millis, Scene, Zones};
use ports::{Photo, Welcomes};

use super::{
    super::toml_file::{self, FileMistakes},
    file,
    pictures::Pictures,
    zones,
};

/// A welcome that was read from a file.
#[derive(Debug)]
pub struct WelcomeFile {
    scene: Scene,
    zones: Vec<TimeZone>,
    pictures: Pictures,
}

impl WelcomeFile {
    /// Reads the file and its pictures, and reports all mistakes at once. `keep` is the folder where the pictures'
    /// file ids are stored; `None` only checks.
    pub fn load(path: &Path, keep: Option<&Path>) -> Result<Self, FileMistakes> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let (scene, contents) =
            toml_file::load(path, |reading, table| file::read(reading, table, folder))?;
        // Every name was looked up when the file was checked.
        let zones = scene.zones.iter().map(|name| zones::zone(name).unwrap_or(TimeZone::UTC));
        let zones = zones.collect();
        Ok(Self { scene, zones, pictures: Pictures::new(contents, keep) })
    }
}

impl Zones for WelcomeFile {
    fn offset(&self, zone: usize, at: Millis) -> i32 {
        self.zones.get(zone).map_or(0, |zone| zones::offset(zone, at))
    }
}

impl Welcomes for WelcomeFile {
    fn scene(&self) -> &Scene {
        &self.scene
    }

    fn photo(&self, name: &str, anew: bool) -> Option<Photo> {
        self.pictures.photo(name, anew)
    }

    fn uploaded(&self, photo: &Photo, file: &str) {
        self.pictures.uploaded(photo, file);
    }
}
