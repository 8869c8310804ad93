//! The transcript: a live record of the users' phones and the operators' group.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use telegram_simulator::{Button, Event, EventKind, MessageId, SeenMessage};

use super::{
    layout::{TIME, width_of},
    structured,
    terminal::{Side, Style, Terminal, shortened, with_marks},
};

/// Interval between two summaries during a burst.
const SUMMARY_EVERY: Duration = Duration::from_millis(500);

/// The level of detail: every event; a few summaries per second during a burst, except for what the bot tells users;
/// or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    Every,
    Summary,
    Nothing,
}

/// Writes events.
#[derive(Debug)]
pub(super) struct Transcript {
    pub(super) terminal: Terminal,
    detail: Detail,
    begun: Instant,
    chapters: usize,
    /// The texts so far, to show what an edit changes. Empty after the transcript has ended.
    texts: BTreeMap<(i64, MessageId), String>,
    summary: BTreeMap<(bool, String), u64>,
    last_summary: Instant,
}

impl Transcript {
    /// Creates an empty transcript.
    pub(super) fn new(terminal: Terminal) -> Self {
        let begun = Instant::now();
        Self {
            terminal,
            detail: Detail::Every,
            begun,
            chapters: 0,
            texts: BTreeMap::new(),
            summary: BTreeMap::new(),
            last_summary: begun,
        }
    }

    /// Seconds since the start of the demo.
    pub(super) fn second(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// Sets the level of detail from now on.
    pub(super) fn set_detail(&mut self, detail: Detail) {
        self.write_summary();
        self.detail = detail;
        if detail == Detail::Nothing {
            self.texts.clear();
        }
    }

    /// Writes the title of a chapter and an explanation.
    pub(super) fn chapter(&mut self, title: &str, why: &str) {
        self.chapters += 1;
        self.terminal.record(&structured::chapter(self.chapters, title));
        let title = format!("── {} · {title} ", self.chapters);
        let rule = "─".repeat(self.terminal.layout().width().saturating_sub(width_of(&title)));
        let (title, rule) =
            (self.terminal.paint(Style::Bold, &title), self.terminal.paint(Style::Faint, &rule));
        self.terminal.line("");
        self.terminal.line(&format!("{title}{rule}"));
        self.terminal.prose(Style::Plain, 3, why);
    }

    /// Writes a remark of the demo itself.
    pub(super) fn remark(&mut self, text: &str) {
        self.write_summary();
        self.terminal.prose(Style::Bold, TIME, &format!("→ {text}"));
    }

    /// Records that Telegram answered calls with `429`.
    pub(super) fn refused(&mut self, calls: u64) {
        if self.detail == Detail::Nothing {
            return;
        }
        self.write_summary();
        let what = if calls == 1 {
            "429 Too Many Requests".to_owned()
        } else {
            format!("429 Too Many Requests ({calls} calls)")
        };
        let second = self.second();
        self.terminal.entry(second, Side::Operators, (Style::Alarm, "Telegram ▸"), &what, None);
    }

    /// Records an event in the conversation of this user. `seen` is the message that it concerns.
    pub(super) fn event(
        &mut self,
        user: &str,
        event: &Event,
        seen: Option<&SeenMessage>,
        answered: Option<&SeenMessage>,
    ) {
        let in_topic = event.topic.is_some();
        if self.detail != Detail::Nothing {
            self.terminal.record(&structured::event(self.chapters, user, event, seen));
        }
        match self.detail {
            Detail::Every => {}
            Detail::Nothing => return,
            Detail::Summary if event.by_bot && !in_topic => self.write_summary(),
            Detail::Summary => {
                if matches!(event.kind, EventKind::Sent { .. }) && !is_service(&event.kind) {
                    let who = label(user, event, in_topic);
                    *self.summary.entry((in_topic, who)).or_default() += 1;
                    if self.last_summary.elapsed() > SUMMARY_EVERY {
                        self.write_summary();
                    }
                }
                return;
            }
        }
        let Some(what) = self.describe(event, seen, answered) else { return };
        let style = if event.by_bot {
            Style::Bot
        } else if in_topic {
            Style::Operator
        } else {
            Style::User
        };
        let side = if in_topic { Side::Operators } else { Side::Users };
        let second = self.second();
        let buttons = buttons(event, seen);
        let who = label(user, event, in_topic);
        self.terminal.entry(second, side, (style, &who), &what, buttons.as_deref());
    }

    /// Writes the pending summary.
    pub(super) fn write_summary(&mut self) {
        self.last_summary = Instant::now();
        let second = self.second();
        for ((in_topic, who), count) in std::mem::take(&mut self.summary) {
            let side = if in_topic { Side::Operators } else { Side::Users };
            let style = match (who.ends_with('◂'), in_topic) {
                (true, _) => Style::Bot,
                (false, true) => Style::Operator,
                (false, false) => Style::User,
            };
            let what =
                if count == 1 { "1 message".to_owned() } else { format!("{count} messages") };
            self.terminal.entry(second, side, (style, &who), &what, None);
        }
    }

    fn describe(
        &mut self,
        event: &Event,
        seen: Option<&SeenMessage>,
        answered: Option<&SeenMessage>,
    ) -> Option<String> {
        if is_service(&event.kind) {
            return None;
        }
        let about = || seen.map(subject).unwrap_or_default();
        Some(match &event.kind {
            EventKind::Sent { message, kind, text } => {
                let said = text.clone().unwrap_or_default();
                self.texts.insert((event.chat, *message), said);
                sent(kind, text.as_deref(), seen, answered)
            }
            EventKind::Edited { message, text } => {
                let now = text.clone().unwrap_or_default();
                let before = self.texts.insert((event.chat, *message), now.clone());
                edited(before.as_deref().unwrap_or_default(), &now, seen)
            }
            EventKind::Reacted { emoji: Some(emoji), .. } => format!("{emoji} on {}", about()),
            EventKind::Reacted { emoji: None, .. } => {
                format!("took a reaction back on {}", about())
            }
            EventKind::Pinned { pinned: true, .. } => format!("pinned {}", about()),
            EventKind::Pinned { pinned: false, .. } => format!("unpinned {}", about()),
            EventKind::Pressed { data, .. } => format!("pressed [{}]", pressed(seen, data)),
            EventKind::Answered { text } => format!("({})", text.as_ref()?),
            EventKind::TopicCreated { name } => format!("✚ opened the topic “{name}”"),
            EventKind::TopicEdited { name, .. } => format!("the topic is called “{name}” now"),
            EventKind::TopicClosed => "closed the topic".to_owned(),
            EventKind::TopicReopened => "reopened the topic".to_owned(),
            EventKind::TopicDeleted => "✖ deleted the topic with all its messages".to_owned(),
            EventKind::BotBlocked => "✖ blocks the bot".to_owned(),
            EventKind::BotUnblocked => "✔ unblocks the bot".to_owned(),
            EventKind::Deleted { messages } => match messages.len() {
                1 => "deleted a message".to_owned(),
                count => format!("deleted {count} messages"),
            },
        })
    }
}

/// The message that an event concerns.
pub(super) fn message_of(kind: &EventKind) -> Option<MessageId> {
    match kind {
        EventKind::Sent { message, .. }
        | EventKind::Edited { message, .. }
        | EventKind::Reacted { message, .. }
        | EventKind::Pinned { message, .. }
        | EventKind::Pressed { message, .. } => Some(*message),
        EventKind::Deleted { .. }
        | EventKind::Answered { .. }
        | EventKind::TopicCreated { .. }
        | EventKind::TopicEdited { .. }
        | EventKind::TopicClosed
        | EventKind::TopicReopened
        | EventKind::TopicDeleted
        | EventKind::BotBlocked
        | EventKind::BotUnblocked => None,
    }
}

/// The author of a message: ▸ marks a person, ◂ the bot.
fn label(user: &str, event: &Event, in_topic: bool) -> String {
    match (in_topic, event.by_bot) {
        (false, false) => format!("{user} ▸"),
        (false, true) => format!("{user} ◂"),
        (true, false) => format!("#{user} {} ▸", event.actor),
        (true, true) => format!("#{user} ◂"),
    }
}

/// Whether it is a service message, which other events describe better.
fn is_service(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Sent { kind, .. } if kind.starts_with("forum_topic") || kind == "pinned_message")
}

fn sent(
    kind: &str,
    text: Option<&str>,
    seen: Option<&SeenMessage>,
    answered: Option<&SeenMessage>,
) -> String {
    let mut words = Vec::new();
    if let Some(answered) = answered {
        words.push(format!("↩ to {}:", subject(answered)));
    }
    if kind != "text" {
        let album = seen.is_some_and(|seen| seen.media_group_id.is_some());
        words.push(if album { format!("[{kind}, album]") } else { format!("[{kind}]") });
    }
    words.extend(text.map(|text| with_marks(text, seen)));
    words.join(" ")
}

/// Describes an edit. Of a long text, it shows only new lines.
fn edited(before: &str, now: &str, seen: Option<&SeenMessage>) -> String {
    if before == now {
        return "✎ took the buttons away".to_owned();
    }
    let shown = with_marks(now, seen);
    if before.lines().count() < 3 {
        return format!("✎ edited: {shown}");
    }
    let fresh =
        now.lines().zip(shown.lines()).filter(|(line, _)| before.lines().all(|old| old != *line));
    let fresh: Vec<&str> = fresh.map(|(_, shown)| shown).collect();
    format!("✎ edited “{}”: {}", shortened(now), fresh.join(" "))
}

/// The buttons below a message that was just sent.
fn buttons(event: &Event, seen: Option<&SeenMessage>) -> Option<String> {
    let sent = matches!(event.kind, EventKind::Sent { .. });
    let buttons: Vec<String> = seen
        .filter(|_| sent)?
        .all_buttons()
        .map(|Button { text, .. }| format!("[{text}]"))
        .collect();
    (!buttons.is_empty()).then(|| buttons.join(" "))
}

/// A reference to a message.
fn subject(message: &SeenMessage) -> String {
    match &message.text {
        Some(text) => format!("“{}”", shortened(text)),
        None => format!("the {}", message.kind),
    }
}

fn pressed<'a>(seen: Option<&'a SeenMessage>, data: &'a str) -> &'a str {
    let button = seen
        .and_then(|seen| seen.all_buttons().find(|button| button.data.as_deref() == Some(data)));
    button.map_or(data, |button| button.text.as_str())
}
