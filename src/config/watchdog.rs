//! Settings of Alertmanager: its address, and the token that it sends with the watchdog alert.

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::config::{checks::server_url, reader::Reader};

/// Minimum length of the token; a shorter one could be guessed.
const SHORTEST: usize = 16;
/// Maximum length of the token; a longer one protects no better.
const LONGEST: usize = 256;

/// `ALERTMANAGER_URL`. `None` means that it is not set, or that a mistake was reported.
pub(in crate::config) fn alertmanager(r: &mut Reader<'_>) -> Option<Url> {
    server_url(
        r,
        "ALERTMANAGER_URL",
        "http://support-alertmanager:9093",
        "would be asked unencrypted over the internet",
    )
}

/// `WATCHDOG_TOKEN`. `None` means that it is not set, or that a mistake was reported.
pub(in crate::config) fn watchdog_token(r: &mut Reader<'_>) -> Option<SecretString> {
    const NAME: &str = "WATCHDOG_TOKEN";
    let token = r.secret(NAME)?;
    let text = token.expose_secret();
    let fits =
        (SHORTEST..=LONGEST).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic());
    if !fits {
        r.mistake(
            NAME,
            "is too short, too long, or has characters that a header does not accept",
            "write 16 to 256 letters, digits and signs without spaces, such as `openssl rand -hex 32` prints, or remove it",
        );
    }
    fits.then_some(token)
}
