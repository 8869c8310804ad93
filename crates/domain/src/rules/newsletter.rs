//! The owner or an administrator writes a newsletter, starts it and controls it.
//!
//! While a draft is open, its author's messages belong to the draft and do not reach operators.

use std::time::Duration;

use super::Context;
use crate::{
    Awaits, CallbackId, Content, Conversation, Decision, Draft, Effect, MessageId, Newsletter,
    NewsletterButton, NewsletterId, NewsletterState, Panel, Role, Side, Tell, Text, UrlButton,
    newsletter::parse_moment,
};

/// How far ahead a newsletter may be planned.
const MAX_AHEAD: Duration = Duration::from_hours(90 * 24);

/// `/newsletter`: moves the panels of newsletters in progress to the end of the chat, followed by the open draft or a
/// new one.
pub(super) fn show_panels(mut conversation: Conversation, ctx: &Context<'_>) -> Decision {
    let mut effects = Vec::new();
    for newsletter in
        conversation.authoring.newsletters.iter_mut().filter(|newsletter| newsletter.is_under_way())
    {
        effects.extend(retire_buttons(newsletter.panel.take()));
        effects.push(Effect::Panel(Panel::Newsletter(newsletter.id)));
    }
    let open = conversation.authoring.draft.take().filter(|draft| draft.is_open(ctx.now));
    let mut draft = open.unwrap_or_else(|| Draft::new(ctx.now));
    draft.awaits = Awaits::Content;
    effects.extend(retire_buttons(draft.panel.take()));
    effects.push(Effect::Panel(Panel::Draft));
    conversation.authoring.draft = Some(draft);
    Decision { next: Some(conversation), effects, ..Decision::default() }
}

/// Whether this user's message belongs to a draft.
pub(super) fn belongs_to_draft(conversation: &Conversation, role: Role, ctx: &Context<'_>) -> bool {
    let draft = conversation.authoring.draft.as_ref();
    role >= Role::Administrator && draft.is_some_and(|draft| draft.is_open(ctx.now))
}

/// Uses a message of the author for the open draft.
pub(super) fn wrote(
    mut conversation: Conversation,
    content: &Content,
    ctx: &Context<'_>,
) -> Decision {
    let author = conversation.clone();
    let Some(draft) = &mut conversation.authoring.draft else { return Decision::ignored() };
    let text = content.body.as_ref().map_or("", |body| body.text.as_str());
    let mut is_further_piece = false;
    match draft.awaits {
        Awaits::Links => match UrlButton::read(text) {
            Some(links) => draft.letter.links = links,
            None => return say(conversation, Text::NewsletterLinksWrong),
        },
        Awaits::Time => {
            let ahead = |at| ctx.offset(&author, at);
            let read = parse_moment(text, ctx.now, ahead(ctx.now));
            // The clocks may have been changed by then.
            let read = read.and_then(|at| parse_moment(text, ctx.now, ahead(at)));
            let at = read.filter(|at| *at > ctx.now && *at <= ctx.now.plus(MAX_AHEAD));
            let Some(at) = at else { return say(conversation, Text::NewsletterTimeWrong) };
            draft.at = Some(at);
        }
        Awaits::Content | Awaits::Confirmation => {
            if !draft.letter.set_or_append(content) {
                return say(conversation, Text::NewsletterUnsendable);
            }
            is_further_piece = draft.letter.messages.len() > 1;
        }
    }
    draft.awaits = Awaits::Content;
    // The panel moves below the new message; the pieces of an album share one panel.
    let before = if is_further_piece { None } else { draft.panel.take() };
    let effects = retire_buttons(before).into_iter().chain([Effect::Panel(Panel::Draft)]).collect();
    Decision { next: Some(conversation), effects, ..Decision::default() }
}

/// Somebody pressed a button of a control panel.
pub(super) fn pressed(
    mut conversation: Conversation,
    role: Role,
    (callback, message): (CallbackId, Option<MessageId>),
    button: NewsletterButton,
    ctx: &Context<'_>,
) -> Decision {
    let result = if role >= Role::Administrator {
        apply_press(&mut conversation, message, button, ctx)
    } else {
        Err(Text::ButtonExpired)
    };
    let (text, effects) = match result {
        Ok(effects) => (None, effects),
        Err(text) => (Some(text), Vec::new()),
    };
    let answer = Effect::Answer { callback, side: Side::User, text };
    let effects = std::iter::once(answer).chain(effects).collect();
    Decision { next: Some(conversation), effects, ..Decision::default() }
}

/// Applies a press and returns its effects; an error is the answer to a press that changes nothing.
fn apply_press(
    conversation: &mut Conversation,
    message: Option<MessageId>,
    button: NewsletterButton,
    ctx: &Context<'_>,
) -> Result<Vec<Effect>, Text> {
    match button {
        NewsletterButton::Pause(id)
        | NewsletterButton::GoOn(id)
        | NewsletterButton::Cancel(id)
        | NewsletterButton::Undo(id)
        | NewsletterButton::UndoConfirm(id)
        | NewsletterButton::Leave(id) => change_newsletter(conversation, id, button, ctx),
        NewsletterButton::Confirm => start(conversation, message, ctx),
        NewsletterButton::Discard => {
            conversation.authoring.draft.take().ok_or(Text::ButtonExpired)?;
            let notice = Tell::user(Text::NewsletterDiscarded);
            Ok(retire_buttons(message).into_iter().chain([notice]).collect())
        }
        NewsletterButton::Preview
        | NewsletterButton::Links
        | NewsletterButton::Language
        | NewsletterButton::Answer
        | NewsletterButton::Active
        | NewsletterButton::Time
        | NewsletterButton::Paid
        | NewsletterButton::Start
        | NewsletterButton::Back => {
            let under_way =
                conversation.authoring.newsletters.iter().filter(|one| one.is_under_way()).count();
            let draft = current_draft(conversation.authoring.draft.as_mut(), message, ctx)?;
            let preview = button == NewsletterButton::Preview;
            let preview = preview.then(|| Effect::Preview(draft.letter.clone()));
            change_draft(draft, button, under_way, ctx)?;
            Ok(preview.into_iter().chain([Effect::Panel(Panel::Draft)]).collect())
        }
    }
}

/// Returns the draft, if its panel is this message, or is not known yet.
fn current_draft<'a>(
    draft: Option<&'a mut Draft>,
    message: Option<MessageId>,
    ctx: &Context<'_>,
) -> Result<&'a mut Draft, Text> {
    draft
        .filter(|draft| draft.is_open(ctx.now) && !draft.letter.messages.is_empty())
        .filter(|draft| draft.panel.is_none() || draft.panel == message)
        .ok_or(Text::ButtonExpired)
}

fn change_draft(
    draft: &mut Draft,
    button: NewsletterButton,
    under_way: usize,
    ctx: &Context<'_>,
) -> Result<(), Text> {
    let before = draft.segment.clone();
    let awaits = std::mem::replace(&mut draft.awaits, Awaits::Content);
    match button {
        NewsletterButton::Language => draft.segment.select_next_language(),
        NewsletterButton::Active => draft.segment.select_next_days(),
        NewsletterButton::Answer => draft.segment.select_next_answer(&answers(ctx)),
        NewsletterButton::Paid => draft.letter.paid = !draft.letter.paid,
        NewsletterButton::Links if !draft.letter.takes_links() => {
            return Err(Text::NewsletterNoLinks);
        }
        NewsletterButton::Links if draft.letter.links.is_empty() => draft.awaits = Awaits::Links,
        NewsletterButton::Links => draft.letter.links.clear(),
        NewsletterButton::Time if draft.at.is_none() => draft.awaits = Awaits::Time,
        NewsletterButton::Time => draft.at = None,
        NewsletterButton::Start => match draft.recipients {
            None => return Err(Text::NewsletterCounting),
            Some(0) => return Err(Text::NewsletterNobody),
            Some(_) if under_way >= Newsletter::AT_ONCE => return Err(Text::NewsletterTooMany),
            Some(_) => draft.awaits = Awaits::Confirmation,
        },
        NewsletterButton::Back if awaits == Awaits::Content => return Err(Text::ButtonExpired),
        // The other buttons do not change the draft itself.
        NewsletterButton::Back
        | NewsletterButton::Preview
        | NewsletterButton::Confirm
        | NewsletterButton::Discard
        | NewsletterButton::Pause(_)
        | NewsletterButton::GoOn(_)
        | NewsletterButton::Cancel(_)
        | NewsletterButton::Undo(_)
        | NewsletterButton::UndoConfirm(_)
        | NewsletterButton::Leave(_) => {}
    }
    if draft.segment != before {
        draft.recipients = None;
    }
    Ok(())
}

/// Turns the draft into a newsletter. The message with the draft's panel shows the newsletter's panel from now on.
fn start(
    conversation: &mut Conversation,
    message: Option<MessageId>,
    ctx: &Context<'_>,
) -> Result<Vec<Effect>, Text> {
    let draft = current_draft(conversation.authoring.draft.as_mut(), message, ctx)?;
    if draft.awaits != Awaits::Confirmation || draft.recipients.is_none() {
        return Err(Text::ButtonExpired);
    }
    let Some(draft) = conversation.authoring.draft.take() else { return Err(Text::ButtonExpired) };
    let newsletter = Newsletter::start(draft, conversation.user, ctx.now);
    let panel = Effect::Panel(Panel::Newsletter(newsletter.id));
    Newsletter::remember(&mut conversation.authoring.newsletters, newsletter);
    Ok(vec![panel])
}

fn change_newsletter(
    conversation: &mut Conversation,
    id: NewsletterId,
    button: NewsletterButton,
    ctx: &Context<'_>,
) -> Result<Vec<Effect>, Text> {
    let newsletter = conversation.authoring.newsletter_mut(id).ok_or(Text::ButtonExpired)?;
    let asks = std::mem::replace(&mut newsletter.asks, false);
    match (button, newsletter.state) {
        (NewsletterButton::Pause(_), NewsletterState::Running) => {
            newsletter.state = NewsletterState::Paused;
        }
        (NewsletterButton::GoOn(_), _) if newsletter.is_resumable(ctx.now) => {
            (newsletter.state, newsletter.cancelled) = (NewsletterState::Running, false);
            newsletter.ended = None;
        }
        (NewsletterButton::Cancel(_), NewsletterState::Planned) => {
            (newsletter.state, newsletter.cancelled) = (NewsletterState::Over, true);
            newsletter.ended = Some(ctx.now);
        }
        (
            NewsletterButton::Cancel(_),
            NewsletterState::Running | NewsletterState::Paused | NewsletterState::Vanished,
        ) => (newsletter.state, newsletter.cancelled) = (NewsletterState::Stopping, true),
        (NewsletterButton::Undo(_), NewsletterState::Over) if !newsletter.is_undoable(ctx.now) => {
            return Err(Text::NewsletterTooLate);
        }
        (NewsletterButton::Undo(_), NewsletterState::Over) => newsletter.asks = true,
        (NewsletterButton::UndoConfirm(_), NewsletterState::Over)
            if asks && newsletter.is_undoable(ctx.now) =>
        {
            newsletter.state = NewsletterState::Undoing;
        }
        (NewsletterButton::Leave(_), _) if asks => {}
        _ => return Err(Text::ButtonExpired),
    }
    Ok(vec![Effect::Panel(Panel::Newsletter(id))])
}

/// Lists the answers that the welcome can give.
fn answers(ctx: &Context<'_>) -> Vec<(String, String)> {
    let questions = ctx.scene.into_iter().flat_map(crate::Scene::questions);
    let answers = questions.flat_map(|(_, question, choices)| {
        choices.iter().map(|choice| (question.to_owned(), choice.answer.clone()))
    });
    let mut known = Vec::new();
    for answer in answers {
        if !known.contains(&answer) {
            known.push(answer);
        }
    }
    known
}

fn say(conversation: Conversation, text: Text) -> Decision {
    Decision { next: Some(conversation), effects: vec![Tell::user(text)], ..Decision::default() }
}

/// Removes the buttons from a message that is no longer current.
fn retire_buttons(message: Option<MessageId>) -> Option<Effect> {
    message.map(|message| Effect::RetireButtons { side: Side::User, message })
}
