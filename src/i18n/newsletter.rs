//! Renders drafts and newsletters for their authors.

use std::time::Duration;

use super::{
    html,
    phrase::{Argument, Phrase},
    texts::Texts,
    zone::{LocalTime, Zone},
};
use domain::{
    Awaits, Draft, Language, Millis, Newsletter, NewsletterButton, NewsletterContent,
    NewsletterState, Progress, Segment,
};

/// A rendered panel: Telegram's HTML, and its buttons with labels.
pub type Shown = (String, Vec<(String, NewsletterButton)>);

/// The width of the progress bar, in characters.
const BAR: u64 = 20;
/// Maximum length of a question or an answer. Longer ones are cut.
const LONGEST_ANSWER: usize = 64;

impl Texts {
    /// Renders a draft. `pace` is the number of sends per second, if limited; `asks`: the welcome has questions;
    /// `clock` is the author's time zone and the current time.
    pub fn draft(
        &self,
        draft: &Draft,
        pace: Option<u32>,
        asks: bool,
        clock: (Zone<'_>, Millis),
        language: Language,
    ) -> Shown {
        self.shown(&Phrase::draft(draft, pace, clock), draft_buttons(draft, asks), language)
    }

    /// Renders a newsletter with its current progress. `clock` is the author's time zone and the current time.
    pub fn newsletter(
        &self,
        newsletter: &Newsletter,
        progress: &Progress,
        pace: Option<u32>,
        clock: (Zone<'_>, Millis),
        language: Language,
    ) -> Shown {
        let (zone, now) = clock;
        let phrases = Phrase::newsletter(newsletter, progress, pace, zone);
        self.shown(&phrases, newsletter_buttons(newsletter, now), language)
    }

    /// The caption of the file that lists the recipients.
    pub fn newsletter_report(&self, progress: &Progress, language: Language) -> String {
        self.fill(&Phrase::newsletter_report(progress), language, html::escape)
    }

    fn shown(
        &self,
        phrases: &[Phrase],
        buttons: Vec<NewsletterButton>,
        language: Language,
    ) -> Shown {
        let lines = phrases.iter().map(|phrase| self.fill(phrase, language, html::escape));
        let lines: Vec<String> = lines.collect();
        let label = |button| (self.fill(&plain(label(button)), language, str::to_owned), button);
        (lines.join("\n"), buttons.into_iter().map(label).collect())
    }
}

impl Phrase {
    pub(super) fn draft(
        draft: &Draft,
        pace: Option<u32>,
        (zone, now): (Zone<'_>, Millis),
    ) -> Vec<Self> {
        let Draft { letter, segment, at, awaits, recipients, .. } = draft;
        if letter.messages.is_empty() {
            return vec![plain("news-empty")];
        }
        let mut lines = vec![plain("news-draft"), says(letter)];
        if !letter.links.is_empty() {
            lines.push(counted("news-links", letter.links.len() as u64));
        }
        lines.extend(is_for(segment));
        let known = |recipients: &u64| counted("news-recipients", *recipients);
        lines.push(recipients.as_ref().map_or_else(|| plain("news-counting"), known));
        if let (Some(pace), Some(recipients)) = (pace, recipients) {
            let age = Duration::from_secs(recipients.div_ceil(u64::from(pace.max(1))));
            lines.push(Self { id: "news-takes", arguments: vec![("age", Argument::Age(age))] });
        }
        let starts = |at: &Millis| moment("news-starts-at", zone.time(*at));
        lines.push(at.as_ref().map_or_else(|| plain("news-starts-now"), starts));
        if let Some(recipients) = recipients.filter(|_| letter.paid) {
            lines.push(counted("news-price", recipients.div_ceil(10)));
        }
        lines.push(match awaits {
            Awaits::Content => plain("news-ask-content"),
            Awaits::Links => plain("news-ask-links"),
            Awaits::Time => Self {
                id: "news-ask-time",
                arguments: vec![("zone", Argument::Zone(zone.time(now)))],
            },
            Awaits::Confirmation => counted("news-ask-start", recipients.unwrap_or_default()),
        });
        lines
    }

    pub(super) fn newsletter(
        newsletter: &Newsletter,
        progress: &Progress,
        pace: Option<u32>,
        zone: Zone<'_>,
    ) -> Vec<Self> {
        let refused = newsletter.state == NewsletterState::Paused && progress.is_refused();
        let state = if refused { plain("news-refused") } else { state(newsletter, zone) };
        let mut lines = vec![moment("news-head", zone.time(newsletter.at)), state];
        if newsletter.state == NewsletterState::Planned {
            lines.push(counted("news-recipients", newsletter.recipients));
            return lines;
        }
        let all = progress.recipients();
        let done =
            if newsletter.state == NewsletterState::Undone { all } else { progress.settled() };
        lines.push(bar(done, all));
        if !matches!(newsletter.state, NewsletterState::Undoing | NewsletterState::Undone) {
            // Until all recipients are counted, the number at the start is shown.
            let of = number(if all == 0 { newsletter.recipients } else { all });
            let arguments = vec![("of", of), ("sent", number(progress.sent))];
            lines.push(Self { id: "news-sent", arguments });
        }
        let rest = [
            ("news-blocked", progress.blocked),
            ("news-failed", progress.failed.saturating_add(progress.vanished)),
            ("news-skipped", progress.skipped),
            ("news-recalled", progress.recalled),
            ("news-kept", progress.kept),
        ];
        let rest = rest.into_iter().filter(|(_, count)| *count > 0);
        lines.extend(rest.map(|(id, count)| counted(id, count)));
        if let Some(pace) = pace.filter(|_| newsletter.goes_on()) {
            let left =
                progress.pending.saturating_add(progress.queued).div_ceil(u64::from(pace.max(1)));
            let age = Argument::Age(Duration::from_secs(left));
            let arguments = vec![("age", age), ("count", number(u64::from(pace)))];
            lines.push(Self { id: "news-pace", arguments });
        }
        if newsletter.asks {
            lines.push(plain("news-ask-undo"));
        }
        lines
    }

    pub(super) fn newsletter_report(progress: &Progress) -> Self {
        let missed =
            progress.blocked.saturating_add(progress.failed).saturating_add(progress.vanished);
        let arguments = vec![("missed", number(missed)), ("sent", number(progress.sent))];
        Self { id: "news-report", arguments }
    }
}

fn says(letter: &NewsletterContent) -> Phrase {
    match (letter.messages.len(), letter.forward) {
        (1, false) => plain("news-message"),
        (1, true) => plain("news-forward"),
        (several, false) => counted("news-album", several as u64),
        (several, true) => counted("news-forwards", several as u64),
    }
}

/// The segment: a line for each condition.
fn is_for(segment: &Segment) -> Vec<Phrase> {
    let Segment { language, answer, active_days } = segment;
    let speaks = language.map(|language| {
        let name = match language {
            Language::English => "language-english",
            Language::Russian => "language-russian",
        };
        let arguments = vec![("language", Argument::Ours(vec![name]))];
        Phrase { id: "news-for-language", arguments }
    });
    let cut = |words: &str| Argument::Foreign(words.chars().take(LONGEST_ANSWER).collect());
    let answered = answer.as_ref().map(|(question, answer)| Phrase {
        id: "news-for-answer",
        arguments: vec![("answer", cut(answer)), ("question", cut(question))],
    });
    let active = active_days.map(|days| counted("news-for-active", u64::from(days)));
    let lines: Vec<Phrase> = [speaks, answered, active].into_iter().flatten().collect();
    if lines.is_empty() { vec![plain("news-for-all")] } else { lines }
}

fn state(newsletter: &Newsletter, zone: Zone<'_>) -> Phrase {
    match newsletter.state {
        NewsletterState::Planned => moment("news-planned", zone.time(newsletter.at)),
        NewsletterState::Running => plain("news-running"),
        NewsletterState::Paused => plain("news-paused"),
        NewsletterState::Vanished => plain("news-vanished"),
        NewsletterState::Stopping => plain("news-stopping"),
        NewsletterState::Over if newsletter.cancelled => plain("news-cancelled"),
        NewsletterState::Over => {
            moment("news-over", zone.time(newsletter.ended.unwrap_or(newsletter.at)))
        }
        NewsletterState::Undoing => plain("news-undoing"),
        NewsletterState::Undone => plain("news-undone"),
    }
}

fn bar(done: u64, all: u64) -> Phrase {
    let full = done.saturating_mul(BAR).checked_div(all).unwrap_or(0).min(BAR);
    let place = |at| if at < full { '\u{2593}' } else { '\u{2591}' };
    let percent = done.saturating_mul(100).checked_div(all).unwrap_or(0).min(100);
    let bar = Argument::Foreign((0..BAR).map(place).collect());
    Phrase { id: "news-bar", arguments: vec![("bar", bar), ("percent", number(percent))] }
}

fn draft_buttons(draft: &Draft, asks: bool) -> Vec<NewsletterButton> {
    if draft.letter.messages.is_empty() {
        return vec![NewsletterButton::Discard];
    }
    match draft.awaits {
        Awaits::Links | Awaits::Time => vec![NewsletterButton::Back],
        Awaits::Confirmation => vec![NewsletterButton::Confirm, NewsletterButton::Back],
        Awaits::Content => {
            let single = draft.letter.takes_links();
            let all = [
                (true, NewsletterButton::Preview),
                (single, NewsletterButton::Links),
                (true, NewsletterButton::Language),
                (asks || draft.segment.answer.is_some(), NewsletterButton::Answer),
                (true, NewsletterButton::Active),
                (true, NewsletterButton::Time),
                (single, NewsletterButton::Paid),
                (true, NewsletterButton::Start),
                (true, NewsletterButton::Discard),
            ];
            all.into_iter().filter(|(offered, _)| *offered).map(|(_, button)| button).collect()
        }
    }
}

fn newsletter_buttons(newsletter: &Newsletter, now: Millis) -> Vec<NewsletterButton> {
    let id = newsletter.id;
    match newsletter.state {
        NewsletterState::Planned | NewsletterState::Vanished => vec![NewsletterButton::Cancel(id)],
        NewsletterState::Running => vec![NewsletterButton::Pause(id), NewsletterButton::Cancel(id)],
        NewsletterState::Paused => vec![NewsletterButton::GoOn(id), NewsletterButton::Cancel(id)],
        NewsletterState::Over if newsletter.asks => {
            vec![NewsletterButton::UndoConfirm(id), NewsletterButton::Leave(id)]
        }
        NewsletterState::Over => {
            let goes_on = newsletter.is_resumable(now).then_some(NewsletterButton::GoOn(id));
            let some = newsletter.last.sent > 0;
            let undo = (some && newsletter.is_undoable(now)).then_some(NewsletterButton::Undo(id));
            goes_on.into_iter().chain(undo).collect()
        }
        NewsletterState::Stopping | NewsletterState::Undoing | NewsletterState::Undone => {
            Vec::new()
        }
    }
}

pub(super) fn label(button: NewsletterButton) -> &'static str {
    match button {
        NewsletterButton::Preview => "knob-preview",
        NewsletterButton::Links => "knob-links",
        NewsletterButton::Language => "knob-language",
        NewsletterButton::Answer => "knob-answer",
        NewsletterButton::Active => "knob-active",
        NewsletterButton::Time => "knob-time",
        NewsletterButton::Paid => "knob-paid",
        NewsletterButton::Start => "knob-start",
        NewsletterButton::Confirm => "knob-confirm",
        NewsletterButton::Back => "knob-back",
        NewsletterButton::Discard => "knob-discard",
        NewsletterButton::Pause(_) => "knob-pause",
        NewsletterButton::GoOn(_) => "knob-go-on",
        NewsletterButton::Cancel(_) => "knob-cancel",
        NewsletterButton::Undo(_) => "knob-undo",
        NewsletterButton::UndoConfirm(_) => "knob-undo-confirm",
        NewsletterButton::Leave(_) => "knob-leave",
    }
}

pub(super) fn plain(id: &'static str) -> Phrase {
    Phrase { id, arguments: Vec::new() }
}

fn counted(id: &'static str, count: u64) -> Phrase {
    Phrase { id, arguments: vec![("count", number(count))] }
}

fn moment(id: &'static str, at: LocalTime) -> Phrase {
    Phrase { id, arguments: vec![("moment", Argument::LocalMoment(at))] }
}

fn number(count: u64) -> Argument {
    Argument::Count(u32::try_from(count).unwrap_or(u32::MAX))
}
