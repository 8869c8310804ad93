//! The settings in effect and where each comes from, without secrets.

use std::collections::BTreeSet;

use url::Url;

use crate::config::{
    mistakes::Mistakes,
    source::{Origin, Source},
    variables::{Requirement, VARIABLES, Variable, file_variable},
};

/// A setting in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InEffect {
    /// The variable's name.
    pub name: &'static str,
    /// Its value, as far as it may be shown.
    pub value: Value,
    /// Where it is set; `None` for the default.
    pub origin: Option<Origin>,
    /// Whether the value is in the file that `NAME_FILE` names. `origin` is then that of `NAME_FILE`.
    pub in_file: bool,
}

/// What may be shown of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The value.
    Shown(String),
    /// A secret that is set.
    Secret,
    /// A value with a mistake. It may be a secret that was written after the wrong name.
    Wrong,
    /// No value: not set, and no default.
    Unset,
}

/// All settings, in the documented order. `mistakes` are those that loading them reported.
pub fn in_effect(source: &dyn Source, mistakes: Option<&Mistakes>) -> Vec<InEffect> {
    let mistakes = mistakes.map_or(&[][..], |mistakes| mistakes.0.as_slice());
    // A mistake may name two variables.
    let wrong = mistakes.iter().flat_map(|mistake| mistake.variable.split([' ', ',']));
    let wrong: BTreeSet<&str> = wrong.collect();
    VARIABLES.iter().map(|variable| setting(source, variable, &wrong)).collect()
}

fn setting(source: &dyn Source, variable: &Variable, wrong: &BTreeSet<&str>) -> InEffect {
    let name = variable.name;
    let file = file_variable(name);
    let direct = source.get(name);
    let in_file = variable.secret && direct.is_none() && source.get(&file).is_some();
    let of_line = || {
        let mut lines = source.names_in_file().into_iter();
        lines.find(|(other, _)| *other == name || *other == file).map(|(_, origin)| origin)
    };
    let mistaken = wrong.contains(name) || wrong.contains(&*file);
    let origin = source.origin(if in_file { &file } else { name });
    // The value of a line with a mistake of form was not read.
    let origin = origin.or_else(|| mistaken.then(of_line).flatten());
    let value = match (direct, variable.requirement) {
        _ if mistaken && origin.is_some() => Value::Wrong,
        _ if in_file => Value::Secret,
        (Some(_secret), _) if variable.secret => Value::Secret,
        (Some(value), _) => Value::Shown(harmless(value.trim(), variable)),
        (None, Requirement::Default(default)) => Value::Shown(default.to_owned()),
        (None, Requirement::Required | Requirement::Optional) => Value::Unset,
    };
    InEffect { name, value, origin, in_file }
}

/// A value without what may be a secret in it: parts of a URL besides its server, and a bot's token.
fn harmless(value: &str, variable: &Variable) -> String {
    const HIDDEN: &str = "(not shown: it may hold a secret)";
    if variable.unit.starts_with("URL") {
        let Some(url) = Url::parse(value).ok().filter(Url::has_host) else {
            return HIDDEN.to_owned();
        };
        let bare = url.username().is_empty() && url.password().is_none();
        let server = bare && url.query().is_none() && url.fragment().is_none() && url.path() == "/";
        return if server { value.to_owned() } else { HIDDEN.to_owned() };
    }
    let token =
        value.split(|c: char| c != ':' && c != '_' && c != '-' && !c.is_ascii_alphanumeric());
    let looks_like_token = |word: &str| {
        word.split_once(':').is_some_and(|(id, key)| {
            !id.is_empty() && id.chars().all(|c| c.is_ascii_digit()) && key.len() >= 20
        })
    };
    if token.into_iter().any(looks_like_token) { HIDDEN.to_owned() } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Settings;

    const KEY: &str = "AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";

    fn report(pairs: &[(&str, &str)]) -> Vec<InEffect> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let source: BTreeMap<_, _> = pairs.collect();
        in_effect(&source, Settings::load(&source).err().as_ref())
    }

    fn value(report: &[InEffect], name: &str) -> Value {
        report.iter().find(|setting| setting.name == name).unwrap().value.clone()
    }

    #[test]
    fn each_setting_is_reported_with_its_value_or_its_state() {
        let report = report(&[("BOT_DEV_ID", "4242"), ("BOT_TOKEN", "x"), ("FLOOD", "9")]);
        assert_eq!(report.len(), VARIABLES.len());
        for (name, expected) in [
            ("BOT_TOKEN", Value::Wrong),
            ("BOT_DEV_ID", Value::Shown("4242".to_owned())),
            ("BOT_GROUP_ID", Value::Unset),
            ("DATA_DIR", Value::Shown("./data".to_owned())),
            ("SENTRY_DSN", Value::Unset),
            ("FLOOD", Value::Shown("9".to_owned())),
        ] {
            assert_eq!(value(&report, name), expected, "{name}");
        }
    }

    #[test]
    fn no_secret_is_reported_wherever_it_stands() {
        let token = format!("123456789:{KEY}");
        for (name, given) in [
            ("BOT_TOKEN", token.clone()),
            ("BOT_DEV_ID", token.clone()),
            ("SENTRY_ENVIRONMENT", format!("of {token}")),
            ("REDIS_USERNAME", token.clone()),
            ("BOT_API_URL", format!("https://ada:{KEY}@bots.example")),
            ("ALERTMANAGER_URL", format!("https://bots.example/{KEY}")),
            ("TGTRACK_URL", format!("https://bots.example?{KEY}")),
            ("WEBHOOK_URL", format!("https://desk.example/{KEY}")),
            ("REDIS_URL", format!("redis://:{KEY}@redis")),
            ("REDIS_PASSWORD", KEY.to_owned()),
            ("BOT_TOKEN_FILE", token.clone()),
        ] {
            let report = report(&[(name, &given)]);
            assert!(!format!("{report:?}").contains(KEY), "{name}: {report:?}");
        }
        let plain = report(&[("WEBHOOK_URL", "https://desk.example")]);
        assert_eq!(value(&plain, "WEBHOOK_URL"), Value::Shown("https://desk.example".to_owned()));
    }
}
