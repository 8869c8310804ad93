//! The stored format of the desk's own texts.

use serde::{Deserialize, Serialize};

use domain;

use super::mirror::{is_false, maybe, mirrors, one};

mirrors! {
    Text of domain::Text;
    FailureReason of domain::FailureReason;
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Text", rename_all = "snake_case")]
enum Text {
    Greeting {
        name: String,
    },
    Help,
    ChooseLanguage,
    LanguageChosen,
    FloodHeld,
    Rush,
    Card {
        name: String,
        #[serde(with = "one")]
        user: domain::UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        username: Option<String>,
        #[serde(with = "one")]
        language: domain::Language,
        #[serde(with = "one")]
        since: domain::Millis,
        #[serde(default, skip_serializing_if = "is_false")]
        banned: bool,
        #[serde(default, skip_serializing_if = "is_false")]
        silent: bool,
        #[serde(default, skip_serializing_if = "is_false")]
        reachable: bool,
    },
    WelcomeSaid {
        lines: Vec<String>,
    },
    RequestNumber {
        number: i64,
    },
    Answers {
        answers: Vec<(String, String)>,
    },
    Banned,
    Unbanned,
    SilentOn,
    SilentOff,
    Closed,
    Reopened,
    StaffHelp,
    UnknownCommand,
    NotCopied {
        #[serde(with = "one")]
        kind: domain::ContentKind,
    },
    AnswersElsewhere(#[serde(with = "one")] domain::Elsewhere),
    EditedAnew,
    UserLeft,
    UserReturned,
    ContinuedFrom {
        #[serde(with = "one")]
        group: domain::ChatId,
        #[serde(with = "one")]
        topic: domain::TopicId,
    },
    GoesOnIn {
        #[serde(with = "one")]
        group: domain::ChatId,
        #[serde(with = "one")]
        topic: domain::TopicId,
    },
    AboutFormer {
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        operator: Option<domain::UserId>,
    },
    SendFailed {
        #[serde(with = "one")]
        reason: domain::FailureReason,
    },
    SomeMissing {
        missing: u32,
    },
    TryingAgain,
    ButtonExpired,
    Deleted,
    NotDeleted,
    Stuck,
    DeleteWhat,
    NothingToDelete,
    Ids {
        #[serde(with = "one")]
        chat: domain::ChatId,
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        topic: Option<domain::TopicId>,
        #[serde(with = "one")]
        user: domain::UserId,
    },
    IdsAnonymous {
        #[serde(with = "one")]
        chat: domain::ChatId,
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        topic: Option<domain::TopicId>,
    },
    IdsAsChannel {
        #[serde(with = "one")]
        chat: domain::ChatId,
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        topic: Option<domain::TopicId>,
    },
    WrittenAsChannel,
    FloodAsks {
        limit: u32,
    },
    FloodShown,
    FloodDropped {
        count: u32,
    },
    NewsletterLinksWrong,
    NewsletterTimeWrong,
    NewsletterDiscarded,
    NewsletterUnsendable,
    NewsletterNoLinks,
    NewsletterCounting,
    NewsletterNobody,
    NewsletterTooMany,
    NewsletterTooLate,
    RetryButton,
    FloodShowButton,
    FloodDropButton,
    FloodBanButton,
    LanguageButton(#[serde(with = "one")] domain::Language),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::FailureReason", rename_all = "snake_case")]
enum FailureReason {
    Blocked,
    Gone,
    NotCopyable,
    Vanished,
    CopyGone,
    Privacy,
    Defect,
    Topic,
    Refused,
}
