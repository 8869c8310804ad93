//! Plans the call that delivers a newsletter, recalls it, or shows its state to its author.

use std::sync::Arc;

use crate::{
    engine::{Desk, limits::newsletter_rate, newsletter::progress},
    i18n::Zone,
};
use domain::{
    ButtonAction, Draft, Learnt, LinkRows, Newsletter, NewsletterButton, NewsletterCall,
    NewsletterContent, NewsletterId, NewsletterSend, Panel, PartitionSet, RecipientOutcome, UserId,
};
use ports::{Address, Call, Keys, StoreError, Welcomes};

use super::{
    Planner,
    outcome_table::OutcomeTable,
    step::{Step, Then},
};

/// Number of conversations that are read together for a report.
const PAGE: usize = 500;

impl Planner<'_> {
    /// Delivers or recalls a newsletter, unless that is already done. A recipient who has been banned or has left
    /// since it was queued is skipped.
    pub(in crate::engine::deliver) fn deliver_newsletter(&self, send: &NewsletterSend) -> Step {
        let newsletter = send.newsletter;
        let Some(conversation) = self.conversation else { return Step::Nothing };
        let before = conversation.received(newsletter).map(|received| received.outcome);
        let learn = |outcome| {
            Step::Learn(Learnt::Mailed { newsletter, outcome, copies: None, at: self.now })
        };
        match &send.act {
            NewsletterCall::Deliver { .. } if before != Some(RecipientOutcome::Queued) => {
                Step::Nothing
            }
            NewsletterCall::Deliver { .. } if conversation.moderation.banned => {
                learn(RecipientOutcome::Failed)
            }
            NewsletterCall::Deliver { .. } if !conversation.reachable => {
                learn(RecipientOutcome::Blocked)
            }
            NewsletterCall::Deliver { author, letter } => {
                let then = Then::NewsletterSettled { newsletter, outcome: RecipientOutcome::Sent };
                // A newsletter belongs to no topic, so it does not go to the topic that the user last wrote in.
                let to = Address { chat: self.lane.user.chat(), topic: None };
                Step::Call(newsletter_call(letter, *author, to), then)
            }
            NewsletterCall::Recall(_) if before != Some(RecipientOutcome::Recalling) => {
                Step::Nothing
            }
            NewsletterCall::Recall(copies) => {
                let chat = self.lane.user.chat();
                let then =
                    Then::NewsletterSettled { newsletter, outcome: RecipientOutcome::Recalled };
                match copies.as_slice() {
                    [] => learn(RecipientOutcome::Kept),
                    [message] => Step::Call(Call::Delete { chat, message: *message }, then),
                    several => {
                        let messages = several.to_vec();
                        Step::Call(Call::DeleteMany { chat, messages }, then)
                    }
                }
            }
        }
    }

    /// Updates the message that shows a panel; sends a new message if no message shows it yet.
    pub(in crate::engine::deliver) async fn panel(
        &self,
        desk: &Desk,
        panel: Panel,
    ) -> Result<Step, StoreError> {
        let Some(conversation) = self.conversation else { return Ok(Step::Nothing) };
        let (panel_text, before) = match panel {
            Panel::Draft => {
                let Some(draft) = &conversation.authoring.draft else { return Ok(Step::Nothing) };
                (self.draft(draft), draft.panel)
            }
            Panel::Newsletter(id) => {
                let Some(newsletter) = conversation.authoring.newsletter(id) else {
                    return Ok(Step::Nothing);
                };
                (self.newsletter_panel(desk, newsletter).await?, newsletter.panel)
            }
        };
        let (html, buttons) = panel_text;
        let data = |button| ButtonAction::Newsletter(button).data();
        let keys: Keys = buttons.into_iter().map(|(label, button)| (label, data(button))).collect();
        let chat = self.lane.user.chat();
        if let Some(message) = before.filter(|_| !self.hints.resend) {
            return Ok(Step::Call(Call::EditSaid { chat, message, html, keys }, Then::PanelEdited));
        }
        let to = self.private();
        Ok(Step::Call(Call::Say { to, html, reply: None, keys }, Then::PanelSent(panel)))
    }

    fn draft(&self, draft: &Draft) -> (String, Vec<(String, NewsletterButton)>) {
        let rate = newsletter_rate(&self.settings.pacing, draft.letter.paid);
        let scene = self.welcome.map(Welcomes::scene);
        let has_questions = scene.is_some_and(|scene| scene.questions().next().is_some());
        let language = self.user_language();
        let mut shown = draft.clone();
        let answer = &mut shown.segment.answer;
        *answer =
            answer.take().map(|(question, answer)| self.labelled(&question, &answer, language));
        self.texts.draft(&shown, rate, has_questions, (self.zone(), self.now), language)
    }

    /// The author's time zone, as far as the welcome knows it.
    fn zone(&self) -> Zone<'_> {
        let Some(welcome) = self.welcome else { return Zone::UTC };
        let chosen =
            self.conversation.and_then(|conversation| conversation.welcome.zone.as_deref());
        Zone::of(welcome.scene(), welcome, chosen)
    }

    async fn newsletter_panel(
        &self,
        desk: &Desk,
        newsletter: &Newsletter,
    ) -> Result<(String, Vec<(String, NewsletterButton)>), StoreError> {
        let progress = match newsletter.round() {
            Some(round) => progress::read(&*desk.store, newsletter.id, round).await?.sum,
            None => newsletter.last,
        };
        let rate = desk.feedback.rate(newsletter.id);
        let when = (self.zone(), self.now);
        Ok(self.texts.newsletter(newsletter, &progress, rate, when, self.user_language()))
    }

    /// The outcome for each recipient, as a file. Recipients who did not get the newsletter come first.
    pub(in crate::engine::deliver) async fn newsletter_report(
        &self,
        desk: &Desk,
        id: NewsletterId,
    ) -> Result<Step, StoreError> {
        let newsletter =
            self.conversation.and_then(|conversation| conversation.authoring.newsletter(id));
        let Some(newsletter) = newsletter else { return Ok(Step::Nothing) };
        let (mut table, mut after) = (OutcomeTable::new(id), None);
        loop {
            let (page, next) = desk.store.page(PartitionSet::ALL, after, PAGE).await?;
            for user in &page {
                table.add(user);
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        let html = self.texts.newsletter_report(&newsletter.last, self.user_language());
        let to = self.private();
        let name = format!("newsletter-{id}.csv");
        let content = Arc::from(table.into_csv(&newsletter.last).into_bytes());
        let call = Call::Document { to, name, content, html };
        Ok(Step::Call(call, Then::TextSent { pin: false }))
    }
}

/// The call that delivers the author's newsletter to a chat.
pub(in crate::engine::deliver) fn newsletter_call(
    content: &NewsletterContent,
    author: UserId,
    to: Address,
) -> Call {
    let (from, messages) = (author.chat(), content.messages.clone());
    match (messages.as_slice(), content.forward) {
        ([message], true) => Call::Forward { to, from, message: *message },
        (_, true) => Call::ForwardMany { to, from, messages },
        ([message], false) if content.links.is_empty() && !content.paid => {
            Call::Copy { to, from, message: *message, reply: None, links: LinkRows::new() }
        }
        ([message], false) => {
            let (links, paid) = (content.links.clone(), content.paid);
            Call::Broadcast { to, from, message: *message, links, paid }
        }
        (_, false) => Call::CopyMany { to, from, messages },
    }
}
