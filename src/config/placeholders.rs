//! Values that examples hold instead of real ones.

/// The values in the example of the old Python bot (nessshon/support-bot, `.env.example`), and the token in
/// `docs/setup/first-desk.md`.
const EXAMPLES: [(&str, &str); 4] = [
    ("BOT_TOKEN", "123456789:the-token-from-BotFather"),
    ("BOT_TOKEN", "123456789:AAGASD2cxfatkDasDE22dqfawdfawd2WD-UI"),
    ("BOT_DEV_ID", "123456789"),
    ("BOT_GROUP_ID", "-100123456789"),
];
/// How placeholders begin, whatever the setting, in lower case.
const BEGINNINGS: [&str; 5] = ["your_", "your-", "your ", "ваш_", "changeme"];

/// Whether a value is a placeholder.
pub(in crate::config) fn is_placeholder(name: &str, value: &str) -> bool {
    let lower = value.to_lowercase();
    EXAMPLES.contains(&(name, value))
        || BEGINNINGS.iter().any(|begin| lower.starts_with(begin))
        || (value.starts_with('<') && value.ends_with('>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_values() {
        for (name, value) in [
            ("BOT_TOKEN", "123456789:AAGASD2cxfatkDasDE22dqfawdfawd2WD-UI"),
            ("BOT_TOKEN", "123456789:the-token-from-BotFather"),
            ("BOT_TOKEN", "<token from @BotFather>"),
            ("BOT_TOKEN", "YOUR_BOT_TOKEN"),
            ("BOT_DEV_ID", "123456789"),
            ("BOT_DEV_ID", "your_telegram_id"),
            ("BOT_GROUP_ID", "-100123456789"),
            ("TGTRACK_API_KEY", "your_api_key"),
            ("TGTRACK_API_KEY", "ваш_api_ключ_здесь"),
        ] {
            assert!(is_placeholder(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("BOT_DEV_ID", "1234567890"),
            ("BOT_ADMIN_IDS", "123456789"),
            ("BOT_GROUP_ID", "-1001234567890"),
            ("SENTRY_ENVIRONMENT", "production"),
            ("REDIS_PASSWORD", "a<b>"),
            ("SENTRY_ENVIRONMENT", "yours"),
        ] {
            assert!(!is_placeholder(name, value), "{name}={value}");
        }
    }
}
