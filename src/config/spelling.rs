//! Finds names that look like misspelled settings.

use crate::{
    config::{mistakes::Mistake, variables::VARIABLES},
    spelling::did_you_mean,
};

/// Prefixes that other programs hardly use.
const PREFIXES: [&str; 6] = ["BOT_", "OPS_", "PACE_", "TGTRACK_", "WEBAPP_", "WEBHOOK_"];
/// Letters by which a misspelling differs from what was meant, at most.
const NEAR: usize = 2;

/// A warning about a name that looks like a setting and has no effect.
pub(in crate::config) fn misspelling(name: &str) -> Option<Mistake> {
    let known = known_names();
    if known.iter().any(|known| known == name) || is_of_other_programs(name) {
        return None;
    }
    if let Some(meant) = did_you_mean(name, known.iter().map(String::as_str), NEAR) {
        return Some(without_effect(name, &format!("did you mean {meant}?")));
    }
    let ours = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    ours.then(|| without_effect(name, "see .env.example"))
}

/// Whether a name is one that other programs read, and looks like a setting only by accident.
fn is_of_other_programs(name: &str) -> bool {
    const NAMES: [&str; 5] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY"];
    NAMES.iter().any(|theirs| theirs.eq_ignore_ascii_case(name))
}

fn without_effect(name: &str, remedy: &str) -> Mistake {
    Mistake {
        variable: name.to_owned(),
        wrong: "is not a setting and has no effect".to_owned(),
        remedy: remedy.to_owned(),
    }
}

fn known_names() -> Vec<String> {
    let files = VARIABLES.iter().filter(|variable| variable.secret);
    let files = files.map(|variable| format!("{}_FILE", variable.name));
    let names = VARIABLES.iter().map(|variable| variable.name);
    names.map(str::to_owned).chain(files).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_settings_are_found_and_other_names_are_ignored() {
        let meant = |name: &str| {
            misspelling(name).map(|misspelling| misspelling.to_string()).unwrap_or_default()
        };
        assert!(meant("BOT_TOKNE").contains("BOT_TOKEN?"));
        assert!(meant("DATADIR").contains("DATA_DIR?"));
        assert!(meant("BOT_TOKEN_FIL").contains("BOT_TOKEN_FILE?"));
        assert!(meant("BOT_SOMETHING_ELSE").contains(".env.example"));
        for name in [
            "BOT_TOKEN",
            "SENTRY_DSN_FILE",
            "REDIS_HOST",
            "PATH",
            "HOME",
            "RUSTUP_HOME",
            "HTTP_PROXY",
            "no_proxy",
        ] {
            assert_eq!(misspelling(name), None, "{name}");
        }
    }
}
