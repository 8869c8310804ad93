//! An author of newsletters and the panel that the desk shows them.

use std::time::Duration;

use telegram_simulator::{Person, SeenMessage, Simulator};

use super::{OWNER, TIMEOUT, spec};

/// The owner or an administrator.
pub(crate) struct Author<'a> {
    telegram: &'a Simulator,
    pub(crate) person: Person,
}

impl<'a> Author<'a> {
    pub(crate) fn new(telegram: &'a Simulator, id: i64, language: &str) -> Self {
        Self { telegram, person: telegram.user(spec(id, "Author", language)) }
    }

    pub(crate) fn owner(telegram: &'a Simulator) -> Self {
        Self::new(telegram, OWNER, "en")
    }

    /// The last message of the desk's own, in Telegram's order: a panel, unless the desk has sent something else.
    pub(crate) fn panel(&self) -> String {
        let mut texts = self.person.reads().into_iter().rev();
        texts.find(|text| text.starts_with('◆')).unwrap_or_default()
    }

    /// Waits until the panel contains `says`.
    pub(crate) async fn until(&self, says: &str) -> String {
        self.wait_until(&format!("{says:?} in the panel"), || self.panel().contains(says)).await;
        self.panel()
    }

    /// Waits until the desk has sent `words`.
    pub(crate) async fn wait_for_message(&self, words: &str) {
        let texts = || self.person.reads().iter().any(|read| read.contains(words));
        self.wait_until(&format!("{words:?}"), texts).await;
    }

    /// The labels of the buttons under the last message with buttons.
    pub(crate) fn labels(&self) -> Vec<String> {
        let last = self.person.sees().into_iter().rfind(|message| !message.buttons.is_empty());
        let buttons = last.iter().flat_map(SeenMessage::all_buttons);
        buttons.map(|button| button.text.clone()).collect()
    }

    /// Presses the button with this label under the last message that has it. Returns the pop-up text.
    pub(crate) async fn presses(&self, label: &str) -> Option<String> {
        let button = || {
            self.person.sees().into_iter().rev().find_map(|message| {
                let button = message.all_buttons().find(|button| button.text == label)?;
                Some((message.id, button.data.clone()?))
            })
        };
        self.wait_until(&format!("a button {label:?}"), || button().is_some()).await;
        let (message, data) = button().unwrap();
        let query = self.person.presses(message, &data).unwrap();
        let answer = || {
            let answers = self.telegram.answers();
            answers.into_iter().find(|(id, _)| *id == query).map(|(_, answer)| answer)
        };
        self.wait_until("the press is answered", || answer().is_some()).await;
        answer()?["text"].as_str().map(str::to_owned)
    }

    /// Begins a newsletter.
    pub(crate) async fn begins(&self) {
        self.person.writes("/newsletter");
        self.until("A new newsletter").await;
    }

    /// Begins a newsletter and writes its message. Returns the id of the message.
    pub(crate) async fn drafts(&self, text: &str) -> i64 {
        self.begins().await;
        self.person.writes(text)
    }

    /// Writes a newsletter and starts it for this number of recipients.
    pub(crate) async fn sends_out(&self, text: &str, recipients: usize) {
        self.drafts(text).await;
        self.starts(recipients).await;
    }

    /// Starts the written newsletter for this number of recipients.
    pub(crate) async fn starts(&self, recipients: usize) {
        self.until(&format!("Recipients: {recipients}\n")).await;
        assert_eq!(self.presses("Start…").await, None);
        self.presses("Yes, start").await;
    }

    async fn wait_until(&self, what: &str, so: impl Fn() -> bool) {
        let deadline = tokio::time::Instant::now() + TIMEOUT;
        while !so() {
            let chat = self.person.reads();
            assert!(tokio::time::Instant::now() < deadline, "never happened: {what}\n{chat:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// How often a person has received a text from the bot.
pub(crate) fn copies(person: &Person, text: &str) -> usize {
    person.reads().iter().filter(|read| *read == text).count()
}
