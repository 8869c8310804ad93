//! Settings of TGTrack, which counts where users come from.

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::config::{
    checks::server_url,
    reader::{MISSING, Reader},
};

/// The address of TGTrack and the key for it.
#[derive(Debug, Clone)]
pub struct TgTrack {
    /// `TGTRACK_URL`.
    pub url: Url,
    /// `TGTRACK_API_KEY`.
    pub key: SecretString,
}

/// Reads the settings. `None` means that TGTrack is off, or that a mistake was reported. `warnings` gets settings
/// without effect.
pub(in crate::config) fn tgtrack(
    r: &mut Reader<'_>,
    warnings: &mut Vec<String>,
) -> Option<TgTrack> {
    const KEY: &str = "TGTRACK_API_KEY";
    let enabled = r.switch("TGTRACK_ENABLED");
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
        "would send the key and what is reported unencrypted over the internet",
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
                "is not a key of TGTrack",
                "copy it whole from TGTrack, without spaces, quotes or the address around it",
            )
        } else {
            (
                MISSING,
                "set it, or TGTRACK_API_KEY_FILE, to the key that TGTrack gives for the bot, or set TGTRACK_ENABLED to false",
            )
        };
        r.mistake(KEY, wrong, remedy);
    }
    Some(TgTrack { url: url?, key: key.filter(|_| fits)? })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Settings;

    /// The settings that every desk needs, plus these.
    fn load(more: &[(&str, &str)]) -> Result<Settings, String> {
        let token = format!("1:{}", "a".repeat(35));
        let needed =
            [("BOT_TOKEN", &*token), ("BOT_DEV_ID", "1"), ("BOT_GROUP_ID", "-1001234567890")];
        let all = needed.iter().chain(more);
        let source: BTreeMap<String, String> =
            all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::load(&source).map_err(|mistakes| mistakes.to_string())
    }

    const ON: (&str, &str) = ("TGTRACK_ENABLED", "true");

    #[test]
    fn reports_are_made_with_a_key_which_is_not_printed() {
        assert!(load(&[]).unwrap().tgtrack.is_none());
        let told = load(&[ON, ("TGTRACK_API_KEY", "k5ecret")]).unwrap().tgtrack.unwrap();
        assert_eq!(told.url.as_str(), "https://bot-api.tgtrack.ru/");
        assert_eq!(told.key.expose_secret(), "k5ecret");
        assert!(!format!("{told:?}").contains("k5ecret"));
    }

    #[test]
    fn a_key_that_is_none_and_a_server_that_may_not_be_told_it_are_mistakes() {
        let words = load(&[ON]).unwrap_err();
        assert!(words.contains("TGTRACK_API_KEY is missing") && words.contains("_FILE"), "{words}");
        for key in ["my key", "https://bot-api.tgtrack.ru/v1/key", "ключ", "a?b", "../x"] {
            let words = load(&[ON, ("TGTRACK_API_KEY", key)]).unwrap_err();
            assert!(words.contains("copy it whole") && !words.contains(key), "{words}");
        }
        let clear = [ON, ("TGTRACK_API_KEY", "k"), ("TGTRACK_URL", "http://example.org")];
        let words = load(&clear).unwrap_err();
        assert!(words.contains("TGTRACK_URL would send the key"), "{words}");
    }

    #[test]
    fn a_key_without_the_switch_has_no_effect_and_is_told_so() {
        let settings = load(&[("TGTRACK_ENABLED", "False"), ("TGTRACK_API_KEY", "k")]).unwrap();
        assert!(settings.tgtrack.is_none());
        assert_eq!(
            settings.warnings,
            ["TGTRACK_API_KEY has no effect: TGTRACK_ENABLED is not true"]
        );
    }
}
