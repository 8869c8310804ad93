//! The settings of TGTrack, which counts where users come from.

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::config::{
    checks::{server_url, switch},
    reader::Reader,
};

/// Where it is, and who we are there.
#[derive(Debug, Clone)]
pub struct TgTrack {
    /// `TGTRACK_URL`.
    pub url: Url,
    /// `TGTRACK_API_KEY`.
    pub key: SecretString,
}

/// Reads all of it. `None` if nothing is reported, or with a mistake; `warnings` names what is set in vain.
pub(in crate::config) fn tgtrack(
    r: &mut Reader<'_>,
    warnings: &mut Vec<String>,
) -> Option<TgTrack> {
    const KEY: &str = "TGTRACK_API_KEY";
    let enabled = switch(r, "TGTRACK_ENABLED");
    if enabled != Some(true) {
        if r.is_given(KEY) {
            warnings.push(format!("{KEY} has no effect: TGTRACK_ENABLED is not true"));
        }
        return None;
    }
    let url = server_url(
        r,
        "TGTRACK_URL",
        "https://bot-api.tgtrack.ru",
        "would send the key and what is reported in clear over the internet",
    );
    let before = r.mistakes.len();
    let key = r.secret(KEY);
    let fits = key.as_ref().is_some_and(|key| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '~');
        let key = key.expose_secret();
        (1..=256).contains(&key.len()) && key.chars().all(plain)
    });
    if !fits && r.mistakes.len() == before {
        let (wrong, remedy) = if key.is_some() {
            (
                "is not a key of TGTrack's",
                "copy it whole from TGTrack, without spaces, quotes or the address around it",
            )
        } else {
            (
                "is missing",
                "set it, or TGTRACK_API_KEY_FILE, to the key that TGTrack gives for the bot, or set TGTRACK_ENABLED to false",
            )
        };
        r.mistake(KEY, wrong, remedy);
    }
    Some(TgTrack { url: url?, key: key.filter(|_| fits)? })
}
