//! The time zone of a reader: its name, and its clock at a moment.

use domain::{Millis, Scene, Zones};

/// The time zone in which a reader reads moments.
#[derive(Debug, Clone, Copy)]
pub struct Zone<'a>(Option<Known<'a>>);

#[derive(Debug, Clone, Copy)]
struct Known<'a> {
    /// The name in the tz database, such as `Europe/Moscow`.
    name: &'a str,
    index: usize,
    zones: &'a dyn Zones,
}

/// A moment on the clock of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LocalTime {
    /// The moment.
    pub(super) at: Millis,
    /// The city that gives the zone its name; `None` for UTC and zones without a city.
    pub(super) city: Option<String>,
    /// Minutes ahead of UTC.
    pub(super) ahead: i32,
}

impl<'a> Zone<'a> {
    /// UTC, for readers whose zone is not known.
    pub const UTC: Self = Self(None);

    /// The zone that a reader of this welcome has chosen, or the welcome's first.
    pub fn of(scene: &'a Scene, zones: &'a dyn Zones, chosen: Option<&str>) -> Self {
        let index = scene.zone(chosen);
        Self(scene.zones.get(index).map(|name| Known { name, index, zones }))
    }

    pub(super) fn time(self, at: Millis) -> LocalTime {
        match self.0 {
            None => LocalTime { at, city: None, ahead: 0 },
            Some(Known { name, index, zones }) => {
                let city = name.rsplit_once('/').filter(|(area, _)| *area != "Etc");
                let city = city.map(|(_, city)| city.replace('_', " "));
                LocalTime { at, city, ahead: zones.offset(index, at) }
            }
        }
    }
}

impl LocalTime {
    /// The offset from UTC: `+3`, `−3:30`; empty for UTC itself.
    pub(super) fn offset(&self) -> String {
        if self.city.is_none() && self.ahead == 0 {
            return String::new();
        }
        let sign = if self.ahead < 0 { '\u{2212}' } else { '+' };
        let (hours, minutes) = (self.ahead.abs() / 60, self.ahead.abs() % 60);
        if minutes == 0 { format!("{sign}{hours}") } else { format!("{sign}{hours}:{minutes:02}") }
    }

    /// The moment that UTC's clock would show if it showed what this clock does.
    pub(super) fn shifted(&self) -> Millis {
        Millis(self.at.0.saturating_add(i64::from(self.ahead) * 60_000))
    }
}
