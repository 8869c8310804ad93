//! What `support-bot doctor` says besides its findings at Telegram.

use super::{Said, setting_wrong, with};

/// A text of the doctor: the first line says what is so, the last one what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each stands under its own name in the locale files")]
pub enum DoctorText<'a> {
    NoSettings { folder: &'a str },
    FileOpen { file: &'a str },
    StoreOk { place: &'a str },
    StoreInUse,
    StoreClosed { why: &'a str },
    FolderFails { why: &'a str },
    RedisFails { why: &'a str },
    StoreRisks { why: &'a str },
    ImportFirst,
    TextsOk,
    TextsFail { why: &'a str },
    WelcomeOk,
    WelcomeFail { why: &'a str },
    TrackerOk,
    TrackerFail { why: &'a str },
    SettingWrong { wrong: &'a str, remedy: &'a str },
    Ok,
    Warn,
    Fail,
}

impl Said for DoctorText<'_> {
    fn phrase(self) -> super::Phrase {
        // A reason in our own words may have several lines.
        let is_seen = |c: &char| !c.is_control() || *c == '\n';
        let because = |id, why: &str| with(id, [("why", why.chars().filter(is_seen).collect())]);
        let id = match self {
            Self::NoSettings { folder } => {
                return with("no-settings", [("folder", folder.to_owned())]);
            }
            Self::FileOpen { file } => {
                return with("doctor-file-open", [("file", file.to_owned())]);
            }
            Self::StoreOk { place } => {
                return with("doctor-store-ok", [("place", place.to_owned())]);
            }
            Self::StoreClosed { why } => return because("doctor-store-closed", why),
            Self::FolderFails { why } => return because("doctor-folder-fails", why),
            Self::RedisFails { why } => return because("doctor-redis-fails", why),
            Self::StoreRisks { why } => return because("doctor-store-risks", why),
            Self::TextsFail { why } => return because("doctor-texts-fail", why),
            Self::WelcomeFail { why } => return because("doctor-welcome-fail", why),
            Self::TrackerFail { why } => return because("doctor-tracker-fail", why),
            Self::SettingWrong { wrong, remedy } => return setting_wrong(wrong, remedy),
            Self::StoreInUse => "doctor-store-in-use",
            Self::ImportFirst => "doctor-import-first",
            Self::TextsOk => "doctor-texts-ok",
            Self::WelcomeOk => "doctor-welcome-ok",
            Self::TrackerOk => "doctor-tracker-ok",
            Self::Ok => "doctor-ok",
            Self::Warn => "doctor-warn",
            Self::Fail => "doctor-fail",
        };
        with(id, [])
    }
}
