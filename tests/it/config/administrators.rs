//! The administrators of a desk, as an owner lists them in the settings.

use std::collections::BTreeMap;

use support_bot::config::{Mistakes, Settings};

fn load(administrators: Option<&str>) -> Result<Settings, Mistakes> {
    let token = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";
    let required =
        [("BOT_TOKEN", token), ("BOT_DEV_ID", "4242"), ("BOT_GROUP_ID", "-1001234567890")];
    let all = required.into_iter().chain(administrators.map(|ids| ("BOT_ADMIN_IDS", ids)));
    let named: BTreeMap<String, String> =
        all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Settings::load(&named)
}

#[test]
fn administrators_are_listed_by_id_without_duplicates() {
    let named = |value| load(Some(value)).map(|settings| settings.desk.administrators);
    assert_eq!(load(None).unwrap().desk.administrators, [0_u64; 0]);
    assert_eq!(named("17").unwrap(), [17]);
    assert_eq!(named(" 17, 18 ,4242,").unwrap(), [17, 18, 4242]);
    for (value, word) in [
        ("17,@ada", "\"@ada\", which is not a user id"),
        ("17 18", "commas"),
        ("-1001234567890", "a group"),
        ("17,18,17", "names 17 twice"),
    ] {
        let mistakes = load(Some(value)).unwrap_err();
        assert_eq!(mistakes.0.len(), 1, "{mistakes}");
        let error = mistakes.to_string();
        assert!(error.contains("BOT_ADMIN_IDS") && error.contains(word), "{error}");
    }
}
