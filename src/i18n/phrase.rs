//! Maps each `Text` to an id in the locale files and its arguments.

use std::time::Duration;

use super::{sanitize, zone::LocalTime};
use domain::{
    ChatId, ContentKind, Date, Elsewhere, FailureReason, Language, Millis, Text, TopicId,
};

/// The id of a text in the locale files, and its arguments.
#[derive(Debug)]
pub(super) struct Phrase {
    pub(super) id: &'static str,
    pub(super) arguments: Vec<(&'static str, Argument)>,
}

/// The content of a placeholder.
#[derive(Debug)]
pub(super) enum Argument {
    /// Foreign words, which must be escaped.
    Foreign(String),
    /// A number, which may select a plural form.
    Count(u32),
    /// A length of time.
    Age(Duration),
    /// The date of a moment.
    Date(Millis),
    /// The date and the time of day of a moment.
    Moment(Millis),
    /// The date and the time of day of a moment, with the name of the time zone.
    LocalMoment(LocalTime),
    /// The name of a time zone.
    Zone(LocalTime),
    /// Our own texts by id, joined by commas.
    Ours(Vec<&'static str>),
}

impl Phrase {
    pub(super) fn text(text: &Text) -> Self {
        let id = match text {
            Text::Greeting { name } => return greeting(name),
            Text::Card { name, user, username, language, since, banned, silent, reachable } => {
                let name = sanitize::name(name).unwrap_or_else(|| format!("#{user}"));
                let arguments = vec![
                    ("name", Argument::Foreign(name)),
                    ("user", Argument::Foreign(user.to_string())),
                    ("username", username_of(username.as_deref())),
                    ("language", Argument::Ours(vec![language_name(*language)])),
                    ("since", Argument::Date(*since)),
                    ("status", status(*banned, *silent, *reachable)),
                ];
                return Self { id: "card", arguments };
            }
            Text::WelcomeSaid { lines } => {
                let arguments = vec![("words", Argument::Foreign(sanitize::said(lines)))];
                return Self { id: "welcome-said", arguments };
            }
            Text::RequestNumber { number } => {
                let arguments = vec![("number", Argument::Foreign(number.to_string()))];
                return Self { id: "card-request", arguments };
            }
            Text::Answers { answers } => {
                let arguments = vec![("answers", Argument::Foreign(sanitize::answers(answers)))];
                return Self { id: "card-answers", arguments };
            }
            Text::AnswersElsewhere(elsewhere) => return answers_elsewhere(elsewhere),
            Text::SomeMissing { missing } => return counted("some-missing", "missing", *missing),
            Text::FloodAsks { limit } => return counted("flood-asks", "limit", *limit),
            Text::FloodDropped { count } => return counted("flood-dropped", "count", *count),
            Text::Ids { chat, topic, user } => {
                let mut phrase = ids(["ids", "ids-in-topic"], *chat, *topic);
                phrase.arguments.push(("user", Argument::Foreign(user.to_string())));
                return phrase;
            }
            Text::IdsAnonymous { chat, topic } => {
                return ids(["ids-anonymous", "ids-anonymous-in-topic"], *chat, *topic);
            }
            Text::IdsAsChannel { chat, topic } => {
                return ids(["ids-as-channel", "ids-as-channel-in-topic"], *chat, *topic);
            }
            Text::WrittenAsChannel => "written-as-channel",
            Text::ContinuedFrom { group, topic } => {
                let arguments = vec![("link", Argument::Foreign(sanitize::link(*group, *topic)))];
                return Self { id: "continued-from", arguments };
            }
            Text::GoesOnIn { group, topic } => {
                let arguments = vec![("link", Argument::Foreign(sanitize::link(*group, *topic)))];
                return Self { id: "goes-on-in", arguments };
            }
            Text::AboutFormer { operator: None } => "about-former",
            Text::AboutFormer { operator: Some(operator) } => {
                let arguments = vec![("operator", Argument::Foreign(operator.to_string()))];
                return Self { id: "about-former-by", arguments };
            }
            Text::Help => "help",
            Text::ChooseLanguage => "choose-language",
            Text::LanguageChosen => "language-chosen",
            Text::FloodHeld => "flood-held",
            Text::Rush => "rush",
            Text::FloodShown => "flood-shown",
            Text::FloodShowButton => "flood-show-button",
            Text::FloodDropButton => "flood-drop-button",
            Text::FloodBanButton => "flood-ban-button",
            Text::Banned => "banned",
            Text::Unbanned => "unbanned",
            Text::SilentOn => "silent-on",
            Text::SilentOff => "silent-off",
            Text::Closed => "closed",
            Text::Reopened => "reopened",
            Text::StaffHelp => "staff-help",
            Text::UnknownCommand => "unknown-command",
            Text::NotCopied { kind } => not_copied(*kind),
            Text::EditedAnew => "edited-anew",
            Text::UserLeft => "user-left",
            Text::UserReturned => "user-returned",
            Text::SendFailed { reason } => send_failed(*reason),
            Text::TryingAgain => "trying-again",
            Text::ButtonExpired => "button-expired",
            Text::Deleted => "deleted",
            Text::NotDeleted => "not-deleted",
            Text::Stuck => "stuck",
            Text::DeleteWhat => "delete-what",
            Text::NothingToDelete => "nothing-to-delete",
            Text::NewsletterLinksWrong => "newsletter-links-wrong",
            Text::NewsletterTimeWrong => "newsletter-time-wrong",
            Text::NewsletterDiscarded => "newsletter-discarded",
            Text::NewsletterUnsendable => "newsletter-unsendable",
            Text::NewsletterNoLinks => "newsletter-no-links",
            Text::NewsletterCounting => "newsletter-counting",
            Text::NewsletterNobody => "newsletter-nobody",
            Text::NewsletterTooMany => "newsletter-too-many",
            Text::NewsletterTooLate => "newsletter-too-late",
            Text::RetryButton => "retry-button",
            Text::LanguageButton(language) => language_name(*language),
        };
        Self { id, arguments: Vec::new() }
    }
}

/// A text with a number.
fn counted(id: &'static str, name: &'static str, count: u32) -> Phrase {
    Phrase { id, arguments: vec![(name, Argument::Count(count))] }
}

impl Phrase {
    /// A length of time, in the largest unit that yields at least two.
    pub(super) fn age(age: Duration) -> Self {
        let seconds = age.as_secs();
        let (id, unit) = match seconds {
            0..120 => ("age-seconds", 1),
            120..7_200 => ("age-minutes", 60),
            7_200..172_800 => ("age-hours", 3_600),
            _ => ("age-days", 86_400),
        };
        let count = u32::try_from(seconds / unit).unwrap_or(u32::MAX);
        Self { id, arguments: vec![("count", Argument::Count(count))] }
    }

    /// The date of a moment, in UTC.
    pub(super) fn date(at: Millis) -> Self {
        let Date { year, month, day } = at.date();
        let arguments = vec![
            ("day", Argument::Count(day)),
            ("month", Argument::Count(month)),
            ("year", Argument::Count(year)),
        ];
        Self { id: "date", arguments }
    }

    /// The date and the time of day of a moment, in UTC.
    pub(super) fn moment(at: Millis) -> Self {
        let time = Argument::Foreign(at.time());
        Self { id: "moment", arguments: vec![("date", Argument::Date(at)), ("time", time)] }
    }
}

impl Phrase {
    /// The date and the time of day of a moment, on a clock that is named.
    pub(super) fn local_moment(time: &LocalTime) -> Self {
        if time.city.is_none() && time.ahead == 0 {
            return Self::moment(time.at);
        }
        let shifted = time.shifted();
        let arguments = vec![
            ("date", Argument::Date(shifted)),
            ("time", Argument::Foreign(shifted.time())),
            ("zone", Argument::Zone(time.clone())),
        ];
        Self { id: "moment-in-zone", arguments }
    }

    /// The name of a time zone.
    pub(super) fn zone(time: &LocalTime) -> Self {
        let offset = ("offset", Argument::Foreign(time.offset()));
        match &time.city {
            None => Self { id: "zone-utc", arguments: vec![offset] },
            Some(city) => {
                let city = ("city", Argument::Foreign(city.clone()));
                Self { id: "zone", arguments: vec![city, offset] }
            }
        }
    }
}

fn greeting(name: &str) -> Phrase {
    match sanitize::name(name) {
        Some(name) => Phrase { id: "greeting", arguments: vec![("name", Argument::Foreign(name))] },
        None => Phrase { id: "greeting-nameless", arguments: Vec::new() },
    }
}

fn answers_elsewhere(elsewhere: &Elsewhere) -> Phrase {
    let Elsewhere { names, link, quote } = elsewhere;
    let source = match sanitize::source(names, link.as_deref()) {
        Some(source) => Argument::Foreign(source),
        None => Argument::Ours(vec!["elsewhere-unnamed"]),
    };
    let mut arguments = vec![("source", source)];
    let quote = quote.as_deref().and_then(sanitize::quote);
    let id = if quote.is_some() { "answers-elsewhere-quoting" } else { "answers-elsewhere" };
    arguments.extend(quote.map(|quote| ("quote", Argument::Foreign(quote))));
    Phrase { id, arguments }
}

/// The id of a group, with that of the topic if there is one.
fn ids([plain, in_topic]: [&'static str; 2], chat: ChatId, topic: Option<TopicId>) -> Phrase {
    let chat = ("chat", Argument::Foreign(chat.to_string()));
    match topic {
        None => Phrase { id: plain, arguments: vec![chat] },
        Some(topic) => {
            let topic = ("topic", Argument::Foreign(topic.to_string()));
            Phrase { id: in_topic, arguments: vec![chat, topic] }
        }
    }
}

fn username_of(username: Option<&str>) -> Argument {
    match username.and_then(sanitize::name) {
        Some(username) => Argument::Foreign(format!("@{username}")),
        None => Argument::Ours(vec!["no-username"]),
    }
}

fn status(banned: bool, silent: bool, reachable: bool) -> Argument {
    let states =
        [(banned, "status-banned"), (silent, "status-silent"), (!reachable, "status-unreachable")];
    let holding: Vec<_> =
        states.into_iter().filter_map(|(holds, id)| holds.then_some(id)).collect();
    Argument::Ours(if holding.is_empty() { vec!["status-active"] } else { holding })
}

fn language_name(language: Language) -> &'static str {
    match language {
        Language::English => "language-english",
        Language::Russian => "language-russian",
    }
}

fn not_copied(kind: ContentKind) -> &'static str {
    match kind {
        ContentKind::Text => "not-copied-text",
        ContentKind::Photo => "not-copied-photo",
        ContentKind::Video => "not-copied-video",
        ContentKind::Animation => "not-copied-animation",
        ContentKind::Audio => "not-copied-audio",
        ContentKind::Voice => "not-copied-voice",
        ContentKind::VideoNote => "not-copied-video-note",
        ContentKind::Document => "not-copied-document",
        ContentKind::Sticker => "not-copied-sticker",
        ContentKind::Contact => "not-copied-contact",
        ContentKind::Location => "not-copied-location",
        ContentKind::Venue => "not-copied-venue",
        ContentKind::Poll => "not-copied-poll",
        ContentKind::Dice => "not-copied-dice",
        ContentKind::Story => "not-copied-story",
        ContentKind::Game => "not-copied-game",
        ContentKind::Checklist => "not-copied-checklist",
        ContentKind::PaidMedia => "not-copied-paid-media",
        ContentKind::Invoice => "not-copied-invoice",
        ContentKind::Payment => "not-copied-payment",
        ContentKind::Giveaway => "not-copied-giveaway",
        ContentKind::Gift => "not-copied-gift",
        ContentKind::Passport => "not-copied-passport",
        ContentKind::Service => "not-copied-service",
        ContentKind::Protected => "not-copied-protected",
        ContentKind::Other => "not-copied-other",
    }
}

fn send_failed(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::Blocked => "send-failed-blocked",
        FailureReason::Gone => "send-failed-gone",
        FailureReason::NotCopyable => "send-failed-not-copyable",
        FailureReason::Vanished => "send-failed-vanished",
        FailureReason::CopyGone => "send-failed-copy-gone",
        FailureReason::Privacy => "send-failed-privacy",
        FailureReason::Topic => "send-failed-topic",
        FailureReason::Refused => "send-failed-refused",
        FailureReason::Defect => "send-failed-defect",
    }
}
