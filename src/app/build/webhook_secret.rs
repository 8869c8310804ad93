//! Derives the webhook's secret from the token, so that all replicas of a desk use the same secret.

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::app::hex;

/// Separates this use of the token from any other.
const DOMAIN_SEPARATOR: &[u8] = b"support-bot: the secret of the webhook, 1\0";

/// The secret derived from this token. It reveals nothing about the token, whose random part is too long to guess.
pub(super) fn derive(token: &SecretString) -> SecretString {
    let digest = Sha256::new_with_prefix(DOMAIN_SEPARATOR)
        .chain_update(token.expose_secret().as_bytes())
        .finalize();
    hex(&digest).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(token: &str) -> String {
        derive(&SecretString::from(token)).expose_secret().to_owned()
    }

    #[test]
    fn each_token_has_its_own_secret() {
        let secret = derived("123456789:AAFsimulated-token-of-thirty-five-c");
        // A fixed value, so that no release changes the secret unnoticed: replicas of two releases run side by side
        // during a deployment.
        assert_eq!(secret, "0035adcb593e7e4b0d9ea31c2325413570c11a3a0c519b86e45a7b5282344144");
        assert_ne!(secret, derived("123456789:AAFsimulated-token-of-thirty-five-d"));
    }
}
