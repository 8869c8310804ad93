//! Settings: any environment is read, or each error is reported without showing a secret.

use std::collections::BTreeMap;

use proptest::prelude::*;
use support_bot::config::{Settings, VARIABLES};

use super::input::{rounds, words};

/// Part of every secret; it must not appear in any message.
const SECRET: &str = "S3cr3tW0rd";

/// A value that some setting might accept.
fn value() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(
        &[
            "http",
            "https",
            "redis",
            "rediss",
            "redis-cluster",
            "redis-sentinel",
            "file",
            "HTTP",
            "",
        ][..],
    );
    let host = prop::sample::select(
        &[
            "localhost",
            "127.0.0.1",
            "[::1]",
            "e.org",
            "user:pass@e.org",
            "10.0.0.1",
            "[::ffff:1.2.3.4]",
            "a.local",
            "",
            "..",
        ][..],
    );
    prop_oneof![
        words(),
        any::<i64>().prop_map(|number| number.to_string()),
        (-3..70_000_i64).prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        (scheme, host, words())
            .prop_map(|(scheme, host, rest)| format!("{scheme}://{host}/{rest}")),
        prop::sample::select(
            &["true", "false", "on", "yes", "", " ", "en", "ru", "json", "info", "-1001234567890"]
                [..]
        )
        .prop_map(str::to_owned),
    ]
}

fn settings() -> impl Strategy<Value = BTreeMap<String, String>> {
    let variable = (prop::sample::select(VARIABLES), value(), any::<bool>()).prop_map(
        |(variable, value, file)| {
            // Secret files are only named, never present: no file is read.
            if variable.secret && file {
                return (format!("{}_FILE", variable.name), format!("/no/such/{SECRET}"));
            }
            let value = if variable.secret { format!("{SECRET}{value}") } else { value };
            (variable.name.to_owned(), value)
        },
    );
    prop::collection::btree_map(any::<u8>(), variable, 0..12).prop_map(|set| {
        let required = [
            ("BOT_TOKEN", "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"),
            ("BOT_DEV_ID", "4242"),
            ("BOT_GROUP_ID", "-1001234567890"),
        ];
        let required = required.map(|(name, value)| (name.to_owned(), value.to_owned()));
        required.into_iter().chain(set.into_values()).collect()
    })
}

proptest! {
    #![proptest_config(rounds(1_500))]

    #[test]
    fn settings_are_read_or_their_errors_reported_without_a_secret(set in settings()) {
        match Settings::load(&set) {
            Ok(settings) => {
                let report = format!("{settings:?}");
                prop_assert!(!report.contains(SECRET), "{}", report);
            }
            Err(mistakes) => {
                prop_assert!(!mistakes.0.is_empty());
                for mistake in &mistakes.0 {
                    prop_assert!(!mistake.variable.is_empty() && !mistake.remedy.is_empty(), "{:?}", mistake);
                }
                let report = format!("{mistakes} {mistakes:?}").replace(&format!("/no/such/{SECRET}"), "");
                prop_assert!(!report.contains(SECRET), "{}", report);
            }
        }
    }
}
