//! Finds names that have no effect, and guesses which setting was meant.
//!
//! The environment holds the names of other programs, so only those that look like settings are reported. The file is
//! the desk's own: each of its names is a setting, or one that Docker Compose reads.

use crate::{
    config::{
        mistakes::Mistake,
        source::{Origin, Source},
        variables::{VARIABLES, is_setting},
    },
    spelling::did_you_mean,
};

/// Prefixes that other programs hardly use.
const PREFIXES: [&str; 6] = ["BOT_", "OPS_", "PACE_", "TGTRACK_", "WEBAPP_", "WEBHOOK_"];
/// Letters by which a misspelling differs from what was meant, at most.
const NEAR: usize = 2;
/// Names that our compose files read from `.env`, besides settings.
const IN_COMPOSE_FILES: [&str; 6] = [
    "CADDY_ALLOW_FROM",
    "GRAFANA_URL",
    "RUNBOOKS_URL",
    "SUPPORT_BOT_IMAGE",
    "SUPPORT_BOT_REVISION",
    "SUPPORT_BOT_VERSION",
];
/// How the names begin that Docker and Compose read themselves.
const OF_DOCKER: [&str; 4] = ["COMPOSE_", "DOCKER_", "BUILDKIT_", "BUILDX_"];
/// Names that libraries and the system look for in the environment of the process, in capitals. Docker Compose puts
/// there what `.env` holds; a desk that reads the file itself does not.
const OF_THE_SYSTEM: [&str; 7] =
    ["HTTP_PROXY", "LANG", "LC_ALL", "NO_COLOR", "RUST_BACKTRACE", "RUST_LIB_BACKTRACE", "TZ"];
/// Names of proxies, which programs read in lower case too. The desk does not use all of them.
const OF_PROXIES: [&str; 5] = ["ALL_PROXY", "FTP_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
/// What other bots call a setting, where the name alone does not tell.
const ELSEWHERE: [(&str, &str); 12] = [
    ("API_TOKEN", "BOT_TOKEN"),
    ("CHAT_ID", "BOT_GROUP_ID"),
    ("DEV_ID", "BOT_DEV_ID"),
    ("LANGUAGE", "DEFAULT_LANGUAGE"),
    ("LOGLEVEL", "RUST_LOG"),
    ("LOG_LEVEL", "RUST_LOG"),
    ("OWNER_ID", "BOT_DEV_ID"),
    ("SUPPORT_CHAT_ID", "BOT_GROUP_ID"),
    ("TELEGRAM_API_TOKEN", "BOT_TOKEN"),
    ("TELEGRAM_TOKEN", "BOT_TOKEN"),
    ("TG_TOKEN", "BOT_TOKEN"),
    ("TOKEN", "BOT_TOKEN"),
];

/// A warning for each name without effect.
pub(in crate::config) fn without_effect(source: &dyn Source) -> Vec<Mistake> {
    let in_file = source.names_in_file();
    let elsewhere = source.names().into_iter();
    let elsewhere = elsewhere.filter(|name| !in_file.iter().any(|(other, _)| other == name));
    let elsewhere: Vec<Mistake> = elsewhere.filter_map(|name| misspelling(&name)).collect();
    let mut in_file: Vec<_> = in_file.iter().collect();
    in_file.sort_by_key(|(_, origin)| match origin {
        Origin::File { line, .. } => *line,
        Origin::Environment => 0,
    });
    let of_system = |name: &str| OF_THE_SYSTEM.contains(&&*name.to_ascii_uppercase());
    let in_file = in_file.into_iter().filter_map(|(name, origin)| {
        if !of_system(name) {
            return unknown(name, origin);
        }
        let in_environment = source.origin(name) == Some(Origin::Environment);
        let wrong = "has no effect in a file that the desk reads itself";
        let mistake = Mistake::new(name, wrong, "set it in the environment");
        (!in_environment).then(|| mistake.at(origin.to_string()))
    });
    in_file.chain(elsewhere).collect()
}

/// A warning about a name of the environment that looks like a setting.
fn misspelling(name: &str) -> Option<Mistake> {
    if is_setting(name) || IN_COMPOSE_FILES.contains(&name) || names_proxy(name) {
        return None;
    }
    let known: Vec<String> = known_names().collect();
    if let Some(meant) = did_you_mean(name, known.iter().map(String::as_str), NEAR) {
        return Some(useless(name, &format!("did you mean {meant}?")));
    }
    let ours = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    ours.then(|| useless(name, "see .env.example"))
}

/// A warning about a name of the file that nothing reads.
fn unknown(name: &str, origin: &Origin) -> Option<Mistake> {
    let read = is_setting(name)
        || names_proxy(name)
        || IN_COMPOSE_FILES.contains(&name)
        || OF_DOCKER.iter().any(|prefix| name.starts_with(prefix));
    if read {
        return None;
    }
    // A line of a secret that was broken over several lines may look like a name.
    let mixed = name.chars().any(char::is_uppercase) && name.chars().any(char::is_lowercase);
    let shown = if mixed || name.len() > 40 { "a name" } else { name };
    let remedy = meant(name).map(|meant| format!("did you mean {meant}?"));
    let remedy = remedy.unwrap_or_else(|| "remove it; .env.example names all settings".to_owned());
    Some(useless(shown, &remedy).at(origin.to_string()))
}

fn names_proxy(name: &str) -> bool {
    OF_PROXIES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn useless(name: &str, remedy: &str) -> Mistake {
    Mistake::new(name, "is not a setting and has no effect", remedy)
}

/// The setting that was probably meant, whatever its case and its first word.
fn meant(name: &str) -> Option<String> {
    let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
    let known: Vec<String> = known_names().collect();
    let words = || known.iter().map(String::as_str);
    let tail = |name: &str| name.split_once('_').map(|(_first, rest)| rest.to_owned());
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == name);
    let elsewhere = elsewhere.map(|(_, setting)| (*setting).to_owned());
    let same_end = || only(words().filter(|known| known.ends_with(&format!("_{name}"))));
    let own_end = || only(words().filter(|known| tail(&name).as_deref() == Some(known)));
    let same_beginning =
        || only(words().filter(|known| name.contains('_') && known.starts_with(&*name)));
    let near_end = || {
        let tails: Vec<_> = words().filter_map(|known| Some((tail(known)?, known))).collect();
        let near = |end: &str| did_you_mean(&name, [end], 1).is_some();
        only(tails.iter().filter(|(end, _)| end.len() > 5 && near(end)).map(|(_, known)| *known))
    };
    elsewhere
        .or_else(|| did_you_mean(&name, words(), NEAR).map(str::to_owned))
        .or_else(same_end)
        .or_else(own_end)
        .or_else(same_beginning)
        .or_else(near_end)
}

/// The only name, leaving aside those of files.
fn only<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut names = names.filter(|name| !name.ends_with("_FILE") || *name == "WELCOME_FILE");
    let first = names.next()?;
    names.next().is_none().then(|| first.to_owned())
}

fn known_names() -> impl Iterator<Item = String> {
    let files = VARIABLES.iter().filter(|variable| variable.secret);
    let files = files.map(|variable| format!("{}_FILE", variable.name));
    let names = VARIABLES.iter().map(|variable| variable.name);
    names.map(str::to_owned).chain(files)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

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
        // What the file is warned of may belong to another program here.
        for name in ["GROUP_ID", "LOG_LEVEL", "TELEGRAM_TOKEN", "bot_token"] {
            assert_eq!(misspelling(name), None, "{name}");
        }
    }

    fn in_file(name: &str) -> Option<String> {
        let origin = Origin::File { file: ".env".to_owned(), line: 3 };
        unknown(name, &origin).map(|warning| warning.to_string())
    }

    #[test]
    fn each_unknown_name_of_the_file_is_warned_of_with_a_guess() {
        for (name, guess) in [
            ("GROUP_ID", "BOT_GROUP_ID"),
            ("TELEGRAM_TOKEN", "BOT_TOKEN"),
            ("TELEGRAM_BOT_TOKEN", "BOT_TOKEN"),
            ("ADMIN_IDS", "BOT_ADMIN_IDS"),
            ("ADMIN_ID", "BOT_ADMIN_IDS"),
            ("REDIS_PASS", "REDIS_PASSWORD"),
            ("DEFAULT_LANG", "DEFAULT_LANGUAGE"),
            ("LANGUAGE", "DEFAULT_LANGUAGE"),
            ("LOG_LEVEL", "RUST_LOG"),
            ("SENTRY_ENV", "SENTRY_ENVIRONMENT"),
            ("bot_token", "BOT_TOKEN"),
            ("Bot-Token", "BOT_TOKEN"),
            ("BOT_TOKE", "BOT_TOKEN"),
            ("OPERATOR_LANGUAGE", "OPERATORS_LANGUAGE"),
            ("EMOJI_ID", "BOT_EMOJI_ID"),
        ] {
            let shown = if name == "Bot-Token" { "a name" } else { name };
            let expected = format!(
                "{shown} (.env, line 3) is not a setting and has no effect: did you mean {guess}?"
            );
            assert_eq!(in_file(name), Some(expected));
        }
        assert!(in_file("SHOP_OF_ADA").unwrap().contains(".env.example"));
        // The end of a key that was broken over two lines.
        let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
        assert!(!in_file(key).unwrap().contains("MII"));
    }

    #[test]
    fn names_that_compose_reads_are_known() {
        for name in ["COMPOSE_FILE", "COMPOSE_PROFILES", "DOCKER_HOST", "SUPPORT_BOT_IMAGE"] {
            assert_eq!(in_file(name), None, "{name}");
        }
    }

    /// The names in `${NAME…}` of a compose file. `$$` is a dollar sign for the program inside.
    fn substituted(text: &str) -> BTreeSet<String> {
        let text = text.replace("$$", "");
        let names = text.split("${").skip(1);
        names
            .map(|rest| {
                rest.split(|c: char| c != '_' && !c.is_ascii_alphanumeric())
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn the_names_that_compose_files_read_are_all_known() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = vec![root.join("monitoring/compose.yml")];
        for entry in fs::read_dir(root).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("docker-compose")
                && path.extension().is_some_and(|end| end == "yml")
            {
                files.push(path);
            }
        }
        assert!(files.len() > 2, "{files:?}");
        let read = files.iter().map(|file| fs::read_to_string(file).unwrap());
        let read: BTreeSet<String> = read.flat_map(|text| substituted(&text)).collect();
        let read: BTreeSet<&str> =
            read.iter().map(String::as_str).filter(|name| !is_setting(name)).collect();
        assert_eq!(read, BTreeSet::from(IN_COMPOSE_FILES), "IN_COMPOSE_FILES must list them all");
    }
}
