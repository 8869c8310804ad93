//! What Docker Compose reads from values in `.env`, and that the desk reads the same or refuses.
//!
//! Measured with Docker Compose 2.26.1: a file with the line `SENTRY_ENVIRONMENT=<written>` as the `env_file` of a
//! service, then `docker compose config --format json`, which doubles each `$`. The test
//! `compose_reads_values_as_the_table_says`, which needs Docker, measures again.

use std::fs;

use support_bot::config::{Environment, Settings, Source};

use super::settings::TOKEN;

/// The variable in the table: any text is a valid value of it.
pub(crate) const NAME: &str = "SENTRY_ENVIRONMENT";

/// What the desk does with a value.
pub(crate) enum Desk {
    /// Reads what Compose reads.
    Same,
    /// Refuses, and says so with this part of the message.
    Refuses(&'static str),
}
use Desk::{Refuses, Same};

const SINGLE: &str = "put the value into single quotes: SENTRY_ENVIRONMENT='value'";
const DOUBLE: &str = "put the value into double quotes, and a backslash before each $";
const REST: &str = "goes on after the closing quotation mark";
const OPEN: &str = "is not closed on this line: close it, as in SENTRY_ENVIRONMENT='value'";
const INVISIBLE: &str = "holds an invisible character";

/// What is written after `NAME=`; what Compose reads, `None` if it refuses the file; what the desk does.
pub(crate) const CASES: &[(&str, Option<&str>, Desk)] = &[
    ("plain", Some("plain"), Same),
    ("  spaces around \t", Some("spaces around"), Same),
    ("my  shop", Some("my  shop"), Same),
    ("", Some(""), Same),
    ("''", Some(""), Same),
    ("a=b:c", Some("a=b:c"), Same),
    ("приёмная ☃", Some("приёмная ☃"), Same),
    ("!*&;()<>|`id`%~", Some("!*&;()<>|`id`%~"), Same),
    // Comments.
    ("a # why", Some("a"), Same),
    ("a # it's $HOME # \"", Some("a"), Same),
    ("a#b", Some("a#b"), Refuses(SINGLE)),
    ("4000000001# me", Some("4000000001# me"), Refuses("before a comment, write a space")),
    ("a\t#b", Some("a\t#b"), Refuses("before a comment, write a space")),
    ("#b", Some("#b"), Refuses(SINGLE_HASH)),
    (" # none", Some("# none"), Refuses(SINGLE_HASH)),
    // Substitution.
    ("pa$word#1", Some("pa#1"), Refuses(SINGLE)),
    ("$HOMELESS/desk", Some("/desk"), Refuses(SINGLE)),
    ("a$$b", Some("a$b"), Refuses(SINGLE)),
    ("a$1", Some("a$1"), Refuses(SINGLE)),
    ("a$", Some("a$"), Refuses(SINGLE)),
    ("a${", None, Refuses(SINGLE)),
    ("a\\$b", Some("a\\"), Refuses(SINGLE)),
    // Backslashes: Compose keeps them, shells and systemd do not.
    ("C:\\Users\\Ada\\desk", Some("C:\\Users\\Ada\\desk"), Refuses(SINGLE)),
    ("a\\", Some("a\\"), Refuses(DOUBLE)),
    // Quotation marks inside.
    ("it's", Some("it's"), Refuses(DOUBLE)),
    ("a\"b\"", Some("a\"b\""), Refuses(SINGLE)),
    // Single quotes.
    ("'my shop'", Some("my shop"), Same),
    ("'pa$word#1 \"\\n'", Some("pa$word#1 \"\\n"), Same),
    ("'a\\\\b'", Some("a\\\\b"), Same),
    ("' a '", Some(" a "), Same),
    ("  'a'  # why", Some("a"), Same),
    ("'a'#why", Some("a"), Refuses(REST)),
    ("'a\\'b'", Some("a'b"), Refuses(DOUBLE)),
    ("'a\\\\'", Some("a\\\\"), Refuses(DOUBLE)),
    ("'a\\'", None, Refuses(DOUBLE)),
    ("'a", None, Refuses(OPEN)),
    ("'a''b'", None, Refuses(REST)),
    // What follows would be a variable without a name.
    ("'a'b", Some("a"), Refuses(REST)),
    ("\"a\" b", Some("a"), Refuses(REST)),
    // Double quotes.
    ("\"my shop\"", Some("my shop"), Same),
    ("\"it's # 1\"", Some("it's # 1"), Same),
    ("\"a\\\"b\\\\c\\$d\\\\\\$e\"", Some("a\"b\\c$d\\$e"), Same),
    ("\"\\${a}\\$\\$\"", Some("${a}$$"), Same),
    ("\"a\\\\\"", Some("a\\"), Same),
    ("\"a\" # why", Some("a"), Same),
    ("\"a $b\"", Some("a "), Refuses(SINGLE)),
    ("\"a$$b\"", Some("a$b"), Refuses(SINGLE)),
    ("\"a\\\\$b\"", Some("a\\"), Refuses(SINGLE)),
    ("\"a\\nb\"", Some("a\nb"), Refuses(SINGLE)),
    ("\"a\\'b\"", Some("a\\'b"), Refuses(DOUBLE)),
    ("\"a\\db\"", Some("a\\db"), Refuses(SINGLE)),
    ("\"a", None, Refuses(OPEN)),
    ("\"a\\\"", None, Refuses(OPEN)),
    // What nobody sees.
    ("a\u{a0}", Some("a"), Refuses(INVISIBLE)),
    ("a\u{a0}b", Some("a\u{a0}b"), Refuses(INVISIBLE)),
    ("'a\u{a0}b'", Some("a\u{a0}b"), Same),
    ("a\u{200b}", Some("a\u{200b}"), Refuses(INVISIBLE)),
    ("a\u{1}b", Some("a\u{1}b"), Refuses(INVISIBLE)),
    ("'a\tb'", Some("a\tb"), Refuses(INVISIBLE)),
];

const SINGLE_HASH: &str =
    "write SENTRY_ENVIRONMENT= alone for no value, or put the value into single quotes";

#[test]
fn each_value_is_read_as_compose_reads_it_or_refused_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    for (written, compose, desk) in CASES {
        let needed = format!("BOT_TOKEN={TOKEN}\nBOT_DEV_ID=4242\nBOT_GROUP_ID=-1001234567890\n");
        fs::write(&file, format!("{needed}{NAME}={written}\n")).unwrap();
        let source = Environment::read(&file).unwrap();
        match desk {
            Same => {
                assert!(source.mistakes().is_empty(), "{written}: {:?}", source.mistakes());
                // An empty value counts as not set.
                assert_eq!(source.get(NAME).as_deref(), compose.filter(|value| !value.is_empty()));
                assert!(Settings::load(&source).is_ok(), "{written}");
            }
            Refuses(part) => {
                let mistakes = Settings::load(&source).unwrap_err();
                assert_eq!(mistakes.0.len(), 1, "{written}: {mistakes}");
                let message = mistakes.to_string();
                let place = format!("{NAME} ({}, line 4) ", file.display());
                assert!(message.starts_with(&place), "{written}: {message}");
                assert!(message.contains(part), "{written}: {message}");
            }
        }
    }
}
