//! Settings as an owner writes them.

use std::{collections::BTreeMap, fmt::Write as _, fs, time::Duration};

use secrecy::ExposeSecret as _;
use support_bot::config::{
    Language, LogFormat, Mistakes, Pace, Requirement, Settings, Source, VARIABLES,
};

pub(super) const TOKEN: &str = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";

pub(super) fn with(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let required =
        [("BOT_TOKEN", TOKEN), ("BOT_DEV_ID", "4242"), ("BOT_GROUP_ID", "-1001234567890")];
    let all = required.iter().chain(pairs);
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(super) fn load(pairs: &[(&str, &str)]) -> Result<Settings, Mistakes> {
    Settings::load(&with(pairs))
}

/// The message of the only error in these settings.
pub(super) fn mistake(pairs: &[(&str, &str)]) -> String {
    let mistakes = load(pairs).unwrap_err();
    assert_eq!(mistakes.0.len(), 1, "{mistakes}");
    mistakes.to_string()
}

#[test]
fn three_settings_suffice() {
    let settings = load(&[]).unwrap();
    assert_eq!(settings.desk.owner, 4242);
    assert_eq!(settings.desk.group, -1_001_234_567_890);
    assert_eq!(settings.telegram.api_url.as_str(), "https://api.telegram.org/");
    assert_eq!(settings.ops.address.to_string(), "127.0.0.1:9464");
    assert_eq!(settings.texts.operators, Language::En);
    assert_eq!(settings.logs.format, LogFormat::Pretty);
    assert_eq!(settings.store.link_retention, Duration::from_hours(30 * 24));
    assert!(settings.sentry.is_none());
    assert!(settings.warnings.is_empty());
}

#[test]
fn all_mistakes_are_reported_at_once_each_with_a_remedy() {
    let source = with(&[
        ("BOT_TOKEN", ""),
        ("BOT_DEV_ID", "@ada"),
        ("BOT_GROUP_ID", "1001234567890"),
        ("OPS_PORT", "99999"),
        ("LOG_FORMAT", "xml"),
        ("TGTRACK_ENABLED", "true"),
    ]);
    let mistakes = Settings::load(&source).unwrap_err();
    let names = mistakes.0.iter().map(|mistake| mistake.variable.as_str()).collect::<Vec<_>>();
    let expected =
        ["BOT_TOKEN", "BOT_DEV_ID", "BOT_GROUP_ID", "OPS_PORT", "TGTRACK_API_KEY", "LOG_FORMAT"];
    assert_eq!(names, expected);
    assert_eq!(mistakes.to_string().lines().count(), expected.len());
    assert!(mistakes.0.iter().all(|mistake| !mistake.remedy.is_empty()));
}

#[test]
fn ids_of_telegrams_own_accounts_are_refused() {
    let whose = [("1087968824", "anonymous"), ("136817688", "a channel"), ("777000", "itself")];
    for (id, what) in whose {
        for error in ["BOT_DEV_ID", "BOT_ADMIN_IDS"].map(|setting| mistake(&[(setting, id)])) {
            assert!(
                error.contains(what) && error.contains("@userinfobot in a private chat"),
                "{error}"
            );
        }
    }
}

#[test]
fn a_wrong_group_id_is_explained() {
    for (value, word) in [
        ("1001234567890", "minus sign"),
        ("-1234567", "basic group"),
        ("42", "-100"),
        ("@support", "numeric id"),
    ] {
        let error = mistake(&[("BOT_GROUP_ID", value)]);
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn no_secret_is_printed_in_settings_or_mistakes() {
    let settings = load(&[("SENTRY_DSN", "https://key5ecret@sentry.example/1")]).unwrap();
    let hook = load(&pushed(&[("WEBHOOK_SECRET", "a-hook5ecret-of-ours")])).unwrap();
    assert!(!format!("{hook:?}").contains("hook5ecret"), "{hook:?}");
    let dog = load(&[("WATCHDOG_TOKEN", "a-dog5ecret-of-ours")]).unwrap();
    assert!(!format!("{dog:?}").contains("dog5ecret"), "{dog:?}");
    let error = mistake(&[("WATCHDOG_TOKEN", "dog5ecret of mine, with spaces")]);
    assert!(error.contains("WATCHDOG_TOKEN") && !error.contains("dog5ecret"), "{error}");
    let printed = format!("{settings:?}");
    assert!(!printed.contains("AAEhBO") && !printed.contains("key5ecret"), "{printed}");
    let error = mistake(&[("BOT_TOKEN", "123456789:AAEhBO weik")]);
    assert!(!error.contains("AAEhBO"), "{error}");
    let error = mistake(&[("BOT_API_URL", "https://ada:pa55@bots.example")]);
    assert!(!error.contains("pa55"), "{error}");
}

#[test]
fn a_secret_may_be_given_as_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let mut source = with(&[("BOT_TOKEN_FILE", file.to_str().unwrap())]);
    source.remove("BOT_TOKEN");
    assert_eq!(Settings::load(&source).unwrap().telegram.token.expose_secret(), TOKEN);
}

#[test]
fn a_secret_given_twice_is_refused_naming_both_settings() {
    let error = mistake(&[("BOT_TOKEN_FILE", "/nowhere")]);
    assert!(error.contains("BOT_TOKEN and BOT_TOKEN_FILE"), "{error}");
}

#[test]
fn an_unreadable_secret_file_is_reported_once() {
    let mut source = with(&[("BOT_TOKEN_FILE", "/nowhere/token")]);
    source.remove("BOT_TOKEN");
    let mistakes = Settings::load(&source).unwrap_err();
    assert_eq!(mistakes.0.len(), 1, "{mistakes}");
    assert_eq!(mistakes.0[0].variable, "BOT_TOKEN_FILE");
    source.insert("BOT_TOKEN_FILE".to_owned(), TOKEN.to_owned());
    let error = Settings::load(&source).unwrap_err().to_string();
    assert!(!error.contains(TOKEN), "a token in the wrong variable is printed: {error}");
}

#[test]
fn the_token_is_never_sent_unencrypted_over_the_internet() {
    for fine in [
        "http://127.0.0.1:8081",
        "http://[::1]:8081",
        "http://localhost:8081",
        "http://10.1.2.3",
        "http://telegram-bot-api:8081",
        "https://bots.example",
    ] {
        assert!(load(&[("BOT_API_URL", fine)]).is_ok(), "{fine}");
    }
    for refused in ["http://api.telegram.org", "http://8.8.8.8", "ftp://localhost", "telegram"] {
        let error = mistake(&[("BOT_API_URL", refused)]);
        assert!(error.starts_with("BOT_API_URL"), "{error}");
    }
}

#[test]
fn zero_switches_a_limit_off() {
    let settings = load(&[
        ("PACE_OVERALL_PER_SECOND", "0"),
        ("PACE_PRIVATE_PER_SECOND", "0"),
        ("PACE_GROUP_PER_MINUTE", "0"),
    ]);
    let unlimited = Pace {
        overall_per_second: None,
        private_per_second: None,
        private_burst: 3,
        group_per_minute: None,
        group_period: Duration::from_mins(1),
        known_for: Duration::from_hours(24 * 30),
    };
    assert_eq!(settings.unwrap().pace, unlimited);
}

#[test]
fn contradictory_limits_are_refused_naming_both() {
    let error = mistake(&[("PACE_PRIVATE_PER_SECOND", "40")]);
    assert!(error.contains("PACE_PRIVATE_PER_SECOND and PACE_OVERALL_PER_SECOND"), "{error}");
}

/// Settings for a webhook, overridden by `pairs`.
fn pushed<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![("WEBHOOK_ENABLED", "true"), ("WEBHOOK_URL", "https://desk.example.org")];
    all.extend(pairs);
    all
}

#[test]
fn a_webhook_needs_only_its_address() {
    let webhook = load(&pushed(&[])).unwrap().webhook.unwrap();
    assert_eq!(webhook.url.as_str(), "https://desk.example.org/webhook");
    assert_eq!((webhook.path.as_str(), webhook.max_connections), ("/webhook", 40));
    assert_eq!(webhook.address.to_string(), "0.0.0.0:8080");
    assert!(webhook.secret.is_none() && webhook.certificate.is_none() && !webhook.drop_pending);
    assert!(load(&[]).unwrap().webhook.is_none());
    assert!(mistake(&[("WEBHOOK_ENABLED", "True")]).starts_with("WEBHOOK_URL is missing"));
}

#[test]
fn a_webhook_address_that_telegram_cannot_reach_is_refused_with_a_remedy() {
    for (url, word) in [
        ("http://desk.example.org", "https://"),
        ("https://desk.example.org:8080", "8443"),
        ("https://127.0.0.1", "cannot reach"),
        ("https://10.1.2.3:8443", "cannot reach"),
        ("https://desk.example.org/webhook", "WEBHOOK_PATH"),
        ("https://ada:pa55@desk.example.org", "user name or password"),
        ("https://desk.example.org/?key=pa55", "query"),
        ("desk.example.org", "https://"),
        ("ftp://desk.example.org", "https"),
    ] {
        let error = mistake(&pushed(&[("WEBHOOK_URL", url)]));
        assert!(error.starts_with("WEBHOOK_URL") && error.contains(word), "{url}: {error}");
        assert!(!error.contains("pa55"), "{error}");
    }
    let own = [("WEBHOOK_URL", "http://10.1.2.3:9000"), ("BOT_API_URL", "http://10.1.2.4:8081")];
    assert!(load(&pushed(&own)).is_ok(), "the owner's own Bot API server may push to any address");
    let public = [("WEBHOOK_URL", "http://desk.example.org"), own[1]];
    let error = mistake(&pushed(&public));
    assert!(error.starts_with("WEBHOOK_URL is not encrypted"), "{error}");
    for port in ["443", "80", "88", "8443"] {
        let url = format!("https://desk.example.org:{port}");
        assert!(load(&pushed(&[("WEBHOOK_URL", &url)])).is_ok(), "{url}");
    }
}

#[test]
fn mistakes_in_webhook_settings_are_reported_at_once() {
    let source = with(&[
        ("WEBHOOK_ENABLED", "true"),
        ("WEBHOOK_URL", "desk"),
        ("WEBHOOK_PATH", "webhook"),
        ("WEBAPP_HOST", "example.org"),
        ("WEBAPP_PORT", "0"),
        ("WEBHOOK_SECRET", "hush hush"),
        ("WEBHOOK_MAX_CONNECTIONS", "101"),
        ("WEBHOOK_CERTIFICATE", "/nowhere"),
        ("WEBHOOK_DROP_PENDING", "perhaps"),
    ]);
    let mistakes = Settings::load(&source).unwrap_err();
    assert_eq!(mistakes.0.len(), 8, "{mistakes}");
    assert!(!mistakes.to_string().contains("hush hush"), "{mistakes}");
    for path in ["/a b", "/../x", "//x", "/x?y", "/{x}", "/%2e"] {
        assert!(mistake(&pushed(&[("WEBHOOK_PATH", path)])).starts_with("WEBHOOK_PATH"), "{path}");
    }
}

#[test]
fn the_webhook_and_the_operations_server_may_not_share_a_port() {
    let error = mistake(&pushed(&[("OPS_PORT", "8080")]));
    assert!(error.contains("OPS_PORT and WEBAPP_PORT"), "{error}");
    let apart = [("OPS_PORT", "8080"), ("WEBAPP_HOST", "127.0.0.2")];
    assert!(load(&pushed(&apart)).is_ok());
}

#[test]
fn a_private_key_is_refused_as_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cert.pem");
    let name = file.to_str().unwrap();
    let begin = |what: &str| format!("-----BEGIN {what}-----\n");
    for (content, fine) in [
        (begin("CERTIFICATE"), true),
        (begin("CERTIFICATE") + &begin("EC PRIVATE KEY"), false),
        (String::from("x"), false),
    ] {
        fs::write(&file, &content).unwrap();
        assert_eq!(load(&pushed(&[("WEBHOOK_CERTIFICATE", name)])).is_ok(), fine, "{content}");
    }
}

#[test]
fn settings_of_a_disabled_webhook_cause_a_warning() {
    let settings = load(&[
        ("WEBHOOK_ENABLED", "false"),
        ("WEBHOOK_URL", "https://desk.example.org"),
        ("WEBHOOK_SECRET_FILE", "/nowhere"),
        ("WEBHOOK_DROP_PENDING", "true"),
        ("WEBHOOK_PATH", "/webhook"),
        ("WEBAPP_PORT", "8080"),
    ]);
    let warnings = settings.unwrap().warnings;
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings.iter().all(|word| word.contains("WEBHOOK_ENABLED is not true")));
}

#[test]
fn allowed_hosts_of_the_operations_server_must_be_host_names() {
    let settings = load(&[("OPS_ALLOWED_HOSTS", "desk.example.org, metrics.example.org,")]);
    let allowed = settings.unwrap().ops.allowed_hosts;
    assert_eq!(allowed, ["desk.example.org", "metrics.example.org"]);
    assert!(load(&[]).unwrap().ops.allowed_hosts.is_empty());
    for wrong in ["https://desk.example.org", "desk.example.org:9464", "*", "a b"] {
        assert!(mistake(&[("OPS_ALLOWED_HOSTS", wrong)]).contains("OPS_ALLOWED_HOSTS"), "{wrong}");
    }
}

#[test]
fn a_misspelled_setting_causes_a_warning_with_the_right_name() {
    let settings = load(&[("BOT_TOKNE", "x"), ("HOME", "/root")]).unwrap();
    assert_eq!(settings.warnings.len(), 1);
    assert!(settings.warnings[0].contains("BOT_TOKEN?"), "{:?}", settings.warnings);
}

#[test]
fn the_example_file_matches_the_table() {
    let file = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.env.example")).unwrap();
    assert_eq!(file, example(), ".env.example must match the table in src/config/variables.rs");
}

#[test]
fn the_defaults_in_the_table_apply() {
    let defaults = VARIABLES.iter().filter_map(|variable| match variable.requirement {
        Requirement::Default(default) => Some((variable.name, default)),
        Requirement::Required | Requirement::Optional => None,
    });
    let given = load(&defaults.collect::<Vec<_>>()).unwrap();
    assert_eq!(format!("{given:?}"), format!("{:?}", load(&[]).unwrap()));
}

#[test]
fn an_empty_variable_counts_as_unset() {
    assert_eq!(Source::get(&with(&[("DATA_DIR", "  ")]), "DATA_DIR"), None);
}

/// `.env.example`, generated from the table.
fn example() -> String {
    let mut page = String::from(
        "# Settings of support-bot. Copy to .env; the environment wins over the file.\n\
         # Each: what the value is; what holds without it; what it does.\n\
         # A value that holds \" $ # or \\ goes into single quotes: REDIS_PASSWORD='pa$word#1'\n",
    );
    for variable in VARIABLES {
        let (without, line) = match variable.requirement {
            Requirement::Required => ("required".to_owned(), format!("{}=", variable.name)),
            Requirement::Optional => ("off if not set".to_owned(), format!("#{}=", variable.name)),
            Requirement::Default(default) => {
                (format!("default {default}"), format!("#{}={default}", variable.name))
            }
        };
        let file = if variable.secret {
            format!(" Or name a file that holds it: {}_FILE.", variable.name)
        } else {
            String::new()
        };
        let consequence = variable.consequence;
        write!(page, "\n# {}; {without}.\n# {consequence}.{file}\n{line}\n", variable.unit)
            .unwrap();
    }
    page
}
