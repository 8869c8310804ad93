//! Every text that the locale files hold: where it is shown, and what it must show.

use super::words;

/// What is known of a text before its words are.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) place: Place,
    /// The placeholders that it must show, and the only ones that it can.
    pub(super) shows: &'static [&'static str],
}

/// Where a text is shown, which decides how it is written and how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A message: Telegram's HTML.
    Message,
    /// The answer to the press of a button: plain.
    Answer,
    /// The label of a button: plain.
    Button,
    /// A command's description in Telegram's menu: plain.
    Command,
    /// Words inside another text: plain.
    Words,
}

impl Place {
    /// The most that Telegram takes there, in UTF-16 units.
    pub(super) fn limit(self) -> usize {
        match self {
            Self::Message => 4096,
            Self::Answer => 200,
            Self::Command => 256,
            // Telegram names no limit for labels, but phones show no more; words go where labels go.
            Self::Button | Self::Words => 64,
        }
    }
}

/// The commands of users, as they are typed.
pub(super) const USER_COMMANDS: [&str; 3] = ["start", "help", "language"];

/// The commands of administrators in private beside those of users, as they are typed.
pub(super) const ADMINISTRATOR_COMMANDS: [&str; 2] = ["status", "newsletter"];
/// The commands of the owner beside those.
pub(super) const OWNER_COMMANDS: [&str; 1] = ["doctor"];

/// The commands of operators, as they are typed.
pub(super) const STAFF_COMMANDS: [&str; 8] =
    ["ban", "silent", "information", "delete", "close", "reopen", "help", "id"];

/// The text of this id.
pub(super) fn entry(id: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.id == id)
}

/// The longest that a placeholder's content can be, in UTF-16 units.
pub(super) fn longest(placeholder: &str) -> usize {
    match placeholder {
        "name" | "username" => words::LONGEST_NAME + "@".len(),
        "language" => Place::Words.limit(),
        "status" => 3 * Place::Words.limit() + 2 * ", ".len(),
        "words" => words::LONGEST_SAID,
        "answers" => words::LONGEST_ANSWERS,
        "since" => "9999-12-31".len(),
        "missing" | "kept" | "count" => "4294967295".len(),
        "place" | "task" | "file" => words::LONGEST_NAME,
        "moment" => "9999-12-31 23:59:59 UTC".len(),
        "version" => "255.255.255-rc.255".len(),
        "age" | "uptime" => "4294967295 min".len(),
        "class" => Place::Words.limit(),
        "parts" => "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15".len(),
        "time" => "23:59".len(),
        "bar" => 20,
        "percent" => "100".len(),
        "question" | "answer" => 64,
        _ => "-9223372036854775808".len(), // an id
    }
}

const fn message(id: &'static str, shows: &'static [&'static str]) -> Entry {
    Entry { id, place: Place::Message, shows }
}

const fn answer(id: &'static str) -> Entry {
    Entry { id, place: Place::Answer, shows: &[] }
}

const fn button(id: &'static str) -> Entry {
    Entry { id, place: Place::Button, shows: &[] }
}

const fn command(id: &'static str) -> Entry {
    Entry { id, place: Place::Command, shows: &[] }
}

const fn words(id: &'static str) -> Entry {
    Entry { id, place: Place::Words, shows: &[] }
}

const fn counted(id: &'static str) -> Entry {
    Entry { id, place: Place::Words, shows: &["count"] }
}

/// All texts, in the order of the locale files.
pub(super) const ENTRIES: &[Entry] = &[
    message("greeting", &["name"]),
    message("greeting-nameless", &[]),
    message("help", &[]),
    message("choose-language", &[]),
    message("language-chosen", &[]),
    message("welcome-said", &["words"]),
    message("card-request", &["number"]),
    message("card-answers", &["answers"]),
    message("card", &["name", "user", "username", "language", "since", "status"]),
    words("no-username"),
    words("status-active"),
    words("status-banned"),
    words("status-silent"),
    words("status-unreachable"),
    message("banned", &[]),
    message("unbanned", &[]),
    message("silent-on", &[]),
    message("silent-off", &[]),
    message("closed", &[]),
    message("reopened", &[]),
    message("staff-help", &[]),
    message("unknown-command", &[]),
    message("edited-anew", &[]),
    message("user-left", &[]),
    message("user-returned", &[]),
    message("some-missing", &["missing"]),
    message("not-copied-text", &[]),
    message("not-copied-photo", &[]),
    message("not-copied-video", &[]),
    message("not-copied-animation", &[]),
    message("not-copied-audio", &[]),
    message("not-copied-voice", &[]),
    message("not-copied-video-note", &[]),
    message("not-copied-document", &[]),
    message("not-copied-sticker", &[]),
    message("not-copied-contact", &[]),
    message("not-copied-location", &[]),
    message("not-copied-venue", &[]),
    message("not-copied-poll", &[]),
    message("not-copied-dice", &[]),
    message("not-copied-story", &[]),
    message("not-copied-game", &[]),
    message("not-copied-checklist", &[]),
    message("not-copied-paid-media", &[]),
    message("not-copied-invoice", &[]),
    message("not-copied-payment", &[]),
    message("not-copied-giveaway", &[]),
    message("not-copied-gift", &[]),
    message("not-copied-passport", &[]),
    message("not-copied-service", &[]),
    message("not-copied-protected", &[]),
    message("not-copied-other", &[]),
    message("send-failed-blocked", &[]),
    message("send-failed-gone", &[]),
    message("send-failed-not-copyable", &[]),
    message("send-failed-vanished", &[]),
    message("send-failed-copy-gone", &[]),
    message("send-failed-privacy", &[]),
    message("send-failed-topic", &[]),
    message("send-failed-refused", &[]),
    message("deleted", &[]),
    message("not-deleted", &[]),
    message("delete-what", &[]),
    message("nothing-to-delete", &[]),
    message("ids", &["chat", "user"]),
    message("ids-in-topic", &["chat", "topic", "user"]),
    message("owner-crashed", &["place", "task", "moment", "file"]),
    message("owner-ended", &["task", "moment"]),
    message("owner-killed", &["moment"]),
    message("owner-panicked", &["place", "task", "moment", "file"]),
    message("owner-monitoring-silent", &["time"]),
    message("owner-monitoring-back", &["time"]),
    message("owner-store-begun", &["moment"]),
    message("owner-store-over", &["moment"]),
    message("owner-group-begun", &["moment"]),
    message("owner-group-over", &["moment"]),
    message("owner-token-begun", &["moment"]),
    message("owner-token-over", &["moment"]),
    message("owner-webhook-begun", &["moment"]),
    message("owner-webhook-over", &["moment"]),
    message("owner-backup-begun", &["moment"]),
    message("owner-backup-over", &["moment"]),
    message("owner-disk-begun", &["moment"]),
    message("owner-disk-over", &["moment"]),
    message("owner-tracker-begun", &["moment"]),
    message("owner-tracker-over", &["moment"]),
    message("owner-given-up", &["count"]),
    message("owner-kept-back", &["kept"]),
    message("desk-head", &["version", "uptime"]),
    message("desk-in-file", &[]),
    message("desk-in-redis", &[]),
    message("desk-well", &[]),
    message("desk-store-down", &["age"]),
    message("desk-telegram-down", &["age"]),
    message("desk-group-down", &["age"]),
    message("desk-inbox", &["count", "age"]),
    message("desk-inbox-empty", &[]),
    message("desk-outbox", &["class", "count", "age"]),
    message("desk-outbox-empty", &[]),
    message("desk-tracker", &["count", "age"]),
    message("desk-tracker-empty", &[]),
    words("desk-class-button"),
    words("desk-class-to-user"),
    words("desk-class-to-topic"),
    words("desk-class-notice"),
    words("desk-class-cosmetic"),
    words("desk-class-newsletter"),
    message("desk-overall-left", &["left", "of"]),
    message("desk-overall-frozen", &["age"]),
    message("desk-group-left", &["left", "of"]),
    message("desk-group-frozen", &["age"]),
    message("desk-waiting", &["count", "age"]),
    message("desk-waiting-none", &[]),
    message("desk-dead", &["count"]),
    message("desk-dead-none", &[]),
    message("desk-stored-unknown", &[]),
    message("desk-alerts-none", &[]),
    message("desk-alerts-unknown", &[]),
    message("desk-alert-critical", &["alert"]),
    message("desk-alert-warning", &["alert"]),
    message("desk-alerts-more", &["count"]),
    message("desk-backup", &["age"]),
    message("desk-backup-failed", &[]),
    message("desk-backup-none", &[]),
    message("desk-parts", &["parts"]),
    message("desk-finding-ok", &["what"]),
    message("desk-finding-warn", &["what"]),
    message("desk-finding-fail", &["what"]),
    message("desk-finding-remedy", &["what"]),
    message("desk-found-ok", &[]),
    message("desk-found-warn", &[]),
    message("desk-found-fail", &[]),
    message("news-empty", &[]),
    message("news-draft", &[]),
    message("news-message", &[]),
    message("news-album", &["count"]),
    message("news-forward", &[]),
    message("news-forwards", &["count"]),
    message("news-links", &["count"]),
    message("news-for-all", &[]),
    message("news-for-language", &["language"]),
    message("news-for-answer", &["answer", "question"]),
    message("news-for-active", &["count"]),
    message("news-counting", &[]),
    message("news-recipients", &["count"]),
    message("news-takes", &["age"]),
    message("news-starts-now", &[]),
    message("news-starts-at", &["moment"]),
    message("news-price", &["count"]),
    message("news-ask-content", &[]),
    message("news-ask-links", &[]),
    message("news-ask-time", &[]),
    message("news-ask-start", &["count"]),
    message("news-head", &["moment"]),
    message("news-planned", &["moment"]),
    message("news-running", &[]),
    message("news-paused", &[]),
    message("news-refused", &[]),
    message("news-vanished", &[]),
    message("news-stopping", &[]),
    message("news-cancelled", &[]),
    message("news-over", &["moment"]),
    message("news-undoing", &[]),
    message("news-undone", &[]),
    message("news-bar", &["bar", "percent"]),
    message("news-sent", &["of", "sent"]),
    message("news-blocked", &["count"]),
    message("news-failed", &["count"]),
    message("news-skipped", &["count"]),
    message("news-recalled", &["count"]),
    message("news-kept", &["count"]),
    message("news-pace", &["age", "count"]),
    message("news-ask-undo", &[]),
    message("news-report", &["missed", "sent"]),
    message("newsletter-links-wrong", &[]),
    message("newsletter-time-wrong", &[]),
    message("newsletter-discarded", &[]),
    message("newsletter-unsendable", &[]),
    counted("age-seconds"),
    counted("age-minutes"),
    counted("age-hours"),
    counted("age-days"),
    answer("trying-again"),
    answer("button-expired"),
    answer("newsletter-no-links"),
    answer("newsletter-counting"),
    answer("newsletter-nobody"),
    answer("newsletter-too-many"),
    answer("newsletter-too-late"),
    button("retry-button"),
    button("language-english"),
    button("language-russian"),
    button("knob-preview"),
    button("knob-links"),
    button("knob-language"),
    button("knob-answer"),
    button("knob-active"),
    button("knob-time"),
    button("knob-paid"),
    button("knob-start"),
    button("knob-confirm"),
    button("knob-back"),
    button("knob-discard"),
    button("knob-pause"),
    button("knob-go-on"),
    button("knob-cancel"),
    button("knob-undo"),
    button("knob-undo-confirm"),
    button("knob-leave"),
    command("command-user-start"),
    command("command-user-help"),
    command("command-user-language"),
    command("command-administrator-status"),
    command("command-administrator-newsletter"),
    command("command-owner-doctor"),
    command("command-staff-ban"),
    command("command-staff-silent"),
    command("command-staff-information"),
    command("command-staff-delete"),
    command("command-staff-close"),
    command("command-staff-reopen"),
    command("command-staff-help"),
    command("command-staff-id"),
];
