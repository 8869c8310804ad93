//! A sample of every text of the desk; the compiler enforces that none is missing.

use std::{iter, time::Duration};

use crate::i18n::phrase::{Argument, Phrase};
use domain::{
    Alerts, Backups, ChatId, Class, ContentKind, Elsewhere, FailureReason, Firing, Incident,
    Language, LimitUse, Limits, Millis, Notice, Panic, Part, PartitionSet, Room, Status, Stored,
    Text, TopicId, UserId, Waiting, Work,
};

/// A name that breaks HTML and sentences if it is not escaped and cleaned.
pub(super) const NASTY_NAME: &str = "<b>&\"\u{202e} { $name }";

/// Every text, with arguments that are hard to show.
pub(super) fn samples() -> Vec<Text> {
    iter::successors(Some(first()), next).collect()
}

pub(super) fn card(banned: bool, silent: bool, reachable: bool) -> Text {
    Text::Card {
        name: NASTY_NAME.to_owned(),
        user: UserId(i64::MAX),
        username: reachable.then(|| "ada_lovelace".to_owned()),
        language: if banned { Language::Russian } else { Language::English },
        since: Millis(1_735_689_600_000),
        banned,
        silent,
        reachable,
    }
}

fn first() -> Text {
    Text::Greeting { name: NASTY_NAME.to_owned() }
}

/// The sample after this one. A new variant does not compile until it has a place in the chain; a test
/// proves that the chain reaches every id of the catalogue.
fn next(text: &Text) -> Option<Text> {
    Some(match text {
        Text::Greeting { name } if !name.is_empty() => Text::Greeting { name: String::new() },
        Text::Greeting { .. } => Text::Help,
        Text::Help => Text::ChooseLanguage,
        Text::ChooseLanguage => Text::LanguageChosen,
        Text::LanguageChosen => Text::FloodHeld,
        Text::FloodHeld => Text::Rush,
        Text::Rush => {
            Text::WelcomeSaid { lines: vec!["<b>&lt;</b>".to_owned(), "W".repeat(9_000)] }
        }
        Text::WelcomeSaid { .. } => Text::RequestNumber { number: i64::MIN },
        Text::RequestNumber { .. } => {
            let answer = ("<".repeat(24), "&".repeat(24));
            Text::Answers { answers: vec![answer; 90] }
        }
        Text::Answers { .. } => card(false, false, true),
        Text::Card { banned: false, .. } => card(true, true, false),
        Text::Card { banned: true, .. } => Text::Banned,
        Text::Banned => Text::Unbanned,
        Text::Unbanned => Text::SilentOn,
        Text::SilentOn => Text::SilentOff,
        Text::SilentOff => Text::Closed,
        Text::Closed => Text::Reopened,
        Text::Reopened => Text::StaffHelp,
        Text::StaffHelp => Text::UnknownCommand,
        Text::UnknownCommand => Text::NotCopied { kind: ContentKind::Text },
        Text::NotCopied { kind } => match kind_after(*kind) {
            Some(kind) => Text::NotCopied { kind },
            None => elsewhere(Some(NASTY_NAME), Some("<".repeat(1_024))),
        },
        Text::AnswersElsewhere(Elsewhere { quote: Some(_), .. }) => {
            elsewhere(Some(NASTY_NAME), None)
        }
        Text::AnswersElsewhere(Elsewhere { names, .. }) if !names.is_empty() => {
            elsewhere(None, None)
        }
        Text::AnswersElsewhere(_) => Text::EditedAnew,
        Text::EditedAnew => Text::UserLeft,
        Text::UserLeft => Text::UserReturned,
        Text::UserReturned => Text::FloodAsks { limit: 1 },
        Text::FloodAsks { limit: 1 } => Text::FloodAsks { limit: u32::MAX },
        Text::FloodAsks { .. } => Text::FloodDropped { count: 0 },
        Text::FloodDropped { count: 0 } => Text::FloodDropped { count: u32::MAX },
        Text::FloodDropped { .. } => {
            Text::ContinuedFrom { group: ChatId(i64::MIN), topic: TopicId(i64::MAX) }
        }
        Text::ContinuedFrom { group, topic } => Text::GoesOnIn { group: *group, topic: *topic },
        Text::GoesOnIn { .. } => Text::AboutFormer { operator: None },
        Text::AboutFormer { operator: None } => {
            Text::AboutFormer { operator: Some(UserId(i64::MAX)) }
        }
        Text::AboutFormer { .. } => Text::SendFailed { reason: FailureReason::Blocked },
        Text::SendFailed { reason } => match reason_after(*reason) {
            Some(reason) => Text::SendFailed { reason },
            None => Text::SomeMissing { missing: 0 },
        },
        Text::SomeMissing { missing: 0 } => Text::SomeMissing { missing: u32::MAX },
        Text::SomeMissing { .. } => Text::TryingAgain,
        Text::TryingAgain => Text::ButtonExpired,
        Text::ButtonExpired => Text::FloodShown,
        Text::FloodShown => Text::Deleted,
        Text::Deleted => Text::NotDeleted,
        Text::NotDeleted => Text::Stuck,
        Text::Stuck => Text::DeleteWhat,
        Text::DeleteWhat => Text::NothingToDelete,
        Text::NothingToDelete => ids(None),
        Text::Ids { topic: None, .. } => ids(Some(TopicId(i64::MAX))),
        Text::Ids { topic: Some(_), .. } => anonymous(None),
        Text::IdsAnonymous { topic: None, .. } => anonymous(Some(TopicId(i64::MAX))),
        Text::IdsAnonymous { topic: Some(_), .. } => as_channel(None),
        Text::IdsAsChannel { topic: None, .. } => as_channel(Some(TopicId(i64::MAX))),
        Text::IdsAsChannel { topic: Some(_), .. } => Text::WrittenAsChannel,
        Text::WrittenAsChannel => Text::NewsletterLinksWrong,
        Text::NewsletterLinksWrong => Text::NewsletterTimeWrong,
        Text::NewsletterTimeWrong => Text::NewsletterDiscarded,
        Text::NewsletterDiscarded => Text::NewsletterUnsendable,
        Text::NewsletterUnsendable => Text::NewsletterNoLinks,
        Text::NewsletterNoLinks => Text::NewsletterCounting,
        Text::NewsletterCounting => Text::NewsletterNobody,
        Text::NewsletterNobody => Text::NewsletterTooMany,
        Text::NewsletterTooMany => Text::NewsletterTooLate,
        Text::NewsletterTooLate => Text::RetryButton,
        Text::RetryButton => Text::FloodShowButton,
        Text::FloodShowButton => Text::FloodDropButton,
        Text::FloodDropButton => Text::FloodBanButton,
        Text::FloodBanButton => Text::LanguageButton(Language::English),
        Text::LanguageButton(Language::English) => Text::LanguageButton(Language::Russian),
        Text::LanguageButton(Language::Russian) => return None,
    })
}

fn elsewhere(name: Option<&str>, quote: Option<String>) -> Text {
    let names = name.into_iter().map(|name| name.repeat(50)).collect();
    let link = name.map(|_| "https://t.me/news/2147483647".to_owned());
    Text::AnswersElsewhere(Elsewhere { names, link, quote })
}

fn ids(topic: Option<TopicId>) -> Text {
    Text::Ids { chat: ChatId(i64::MIN), topic, user: UserId(i64::MAX) }
}

fn anonymous(topic: Option<TopicId>) -> Text {
    Text::IdsAnonymous { chat: ChatId(i64::MIN), topic }
}

fn as_channel(topic: Option<TopicId>) -> Text {
    Text::IdsAsChannel { chat: ChatId(i64::MIN), topic }
}

fn kind_after(kind: ContentKind) -> Option<ContentKind> {
    Some(match kind {
        ContentKind::Text => ContentKind::Photo,
        ContentKind::Photo => ContentKind::Video,
        ContentKind::Video => ContentKind::Animation,
        ContentKind::Animation => ContentKind::Audio,
        ContentKind::Audio => ContentKind::Voice,
        ContentKind::Voice => ContentKind::VideoNote,
        ContentKind::VideoNote => ContentKind::Document,
        ContentKind::Document => ContentKind::Sticker,
        ContentKind::Sticker => ContentKind::Contact,
        ContentKind::Contact => ContentKind::Location,
        ContentKind::Location => ContentKind::Venue,
        ContentKind::Venue => ContentKind::Poll,
        ContentKind::Poll => ContentKind::Dice,
        ContentKind::Dice => ContentKind::Story,
        ContentKind::Story => ContentKind::Game,
        ContentKind::Game => ContentKind::Checklist,
        ContentKind::Checklist => ContentKind::PaidMedia,
        ContentKind::PaidMedia => ContentKind::Invoice,
        ContentKind::Invoice => ContentKind::Payment,
        ContentKind::Payment => ContentKind::Giveaway,
        ContentKind::Giveaway => ContentKind::Gift,
        ContentKind::Gift => ContentKind::Passport,
        ContentKind::Passport => ContentKind::Service,
        ContentKind::Service => ContentKind::Protected,
        ContentKind::Protected => ContentKind::Other,
        ContentKind::Other => return None,
    })
}

fn reason_after(reason: FailureReason) -> Option<FailureReason> {
    Some(match reason {
        FailureReason::Blocked => FailureReason::Gone,
        FailureReason::Gone => FailureReason::NotCopyable,
        FailureReason::NotCopyable => FailureReason::Vanished,
        FailureReason::Vanished => FailureReason::CopyGone,
        FailureReason::CopyGone => FailureReason::Privacy,
        FailureReason::Privacy => FailureReason::Topic,
        FailureReason::Topic => FailureReason::Refused,
        FailureReason::Refused => FailureReason::Defect,
        FailureReason::Defect => return None,
    })
}

/// Every notice to the owner, at its maximum length.
pub(super) fn notices() -> Vec<Notice> {
    let panic = Panic {
        line: "<".repeat(1000),
        task: "worker".to_owned(),
        at: Millis(i64::MAX),
        file: "2026-09-21T14-13-20-123Z-0123456789abcdef-1.json".to_owned(),
    };
    iter::successors(Some(Notice::Crashed(panic)), next_notice).collect()
}

fn next_notice(notice: &Notice) -> Option<Notice> {
    let at = Millis(i64::MAX);
    Some(match notice {
        Notice::Crashed(panic) => Notice::Panicked(panic.clone()),
        Notice::Panicked(_) => Notice::Ended { began: at, task: "sender".to_owned() },
        Notice::Ended { .. } => Notice::StoodStill {
            task: "newsletter".to_owned(),
            at,
            file: "2026-09-21T14-13-20-123Z-0123456789abcdef-1.json".to_owned(),
        },
        Notice::StoodStill { .. } => Notice::Killed { began: at },
        Notice::Killed { .. } => Notice::MonitoringSilent { since: at },
        Notice::MonitoringSilent { .. } => Notice::MonitoringBack { at },
        Notice::MonitoringBack { .. } => Notice::GivenUp { count: u32::MAX },
        Notice::GivenUp { .. } => {
            Notice::GroupMoved { from: ChatId(i64::MIN), to: ChatId(i64::MIN) }
        }
        Notice::GroupMoved { .. } => Notice::Damaged,
        Notice::Damaged => Notice::StoreDenies { since: at },
        Notice::StoreDenies { .. } => Notice::Begun { need: Incident::ALL[0], since: at },
        Notice::Begun { need, .. } => Notice::Over { need: *need, at },
        Notice::Over { need, .. } => {
            let next = Incident::ALL.iter().position(|one| one == need).unwrap() + 1;
            Notice::Begun { need: *Incident::ALL.get(next)?, since: at }
        }
    })
}

/// The status of an idle desk, of a desk where everything fails, and of a very busy desk.
pub(super) fn statuses() -> [Status; 3] {
    let at = Millis(1_790_000_000_000);
    let rests = Status {
        at,
        version: "255.255.255-rc.255",
        uptime: Duration::from_secs(7),
        in_redis: false,
        troubles: Vec::new(),
        work: Work::default(),
        limits: Limits::default(),
        backups: Backups::default(),
        alerts: Alerts::Firing(Vec::new()),
        stored: Some(Stored::default()),
        parts: PartitionSet::ALL,
        tracking: true,
    };
    let busy = |oldest| Waiting { count: u64::MAX, oldest: Some(oldest) };
    let ages = [at, Millis(at.0 - 600_000), Millis(at.0 - 20_000_000), Millis(0)];
    let mut outbox = [busy(at); Class::ALL.len()];
    for (waiting, age) in outbox.iter_mut().zip(ages) {
        *waiting = busy(age);
    }
    let room = Some(Room::Left { left: u64::MAX, of: u64::MAX });
    let works = Status {
        in_redis: true,
        work: Work {
            inbox: busy(Millis(0)),
            outbox,
            limits: Limits::default(),
            limit_used: Some(LimitUse { percent: 100, over: LimitUse::HOUR }),
        },
        limits: Limits { overall: room, group: room },
        backups: Backups { last: Some(Millis(0)), failing: false },
        alerts: Alerts::Unknown,
        stored: Some(Stored { conversations: busy(Millis(0)), dead: u64::MAX }),
        ..rests.clone()
    };
    let troubles = [Part::Store, Part::Telegram, Part::Group];
    let frozen = Some(Room::Frozen(Duration::MAX));
    let name = |number: i32| format!("<&>{number}{}", "x".repeat(100));
    let alerts = (0..14).map(|at| Firing { name: name(at), critical: at < 7 });
    let broken = Status {
        troubles: troubles.map(|part| (part, Duration::MAX)).to_vec(),
        limits: Limits { overall: frozen, group: frozen },
        backups: Backups { last: None, failing: true },
        alerts: Alerts::Firing(alerts.collect()),
        stored: None,
        parts: PartitionSet::NONE,
        ..works.clone()
    };
    [rests, works, broken]
}

impl Phrase {
    /// The ids of the texts in the phrase.
    pub(super) fn ids(&self) -> Vec<&'static str> {
        let parts = self.arguments.iter().flat_map(|(_, argument)| match argument {
            Argument::Ours(ids) => ids.clone(),
            Argument::Age(age) => Phrase::age(*age).ids(),
            Argument::Date(at) => Phrase::date(*at).ids(),
            Argument::Moment(at) => Phrase::moment(*at).ids(),
            Argument::LocalMoment(time) => Phrase::local_moment(time).ids(),
            Argument::Zone(time) => Phrase::zone(time).ids(),
            Argument::Foreign(_) | Argument::Count(_) => Vec::new(),
        });
        parts.chain([self.id]).collect()
    }
}
