//! The welcome: plays the scene from Start, from a press, or from the end of a wait, as far as it goes by itself.

use super::{Context, user::presence};
use crate::{
    ButtonAction, Conversation, Decision, Effect, Fact, Request, Saying, Scene, SceneAct,
    SceneButton, SceneLine, ScenePosition, Tell, Text, Topic, WelcomeEnd, WelcomeRun, escape_html,
};

/// A user pressed Start: begins a new run, whatever the state was. Start also means that the user has returned.
pub(super) fn started(conversation: Conversation, scene: &Scene, ctx: &Context<'_>) -> Decision {
    let mut decision = presence::returned(conversation);
    decision.ignored = false;
    let Some(mut conversation) = decision.next.take() else { return decision };
    let ended = conversation.welcome.end(WelcomeEnd::Restarted);
    decision.facts.extend(ended.map(Fact::WelcomeEnded));
    let number = conversation.welcome.run.map_or(0, |run| run.number).wrapping_add(1);
    let (shape, position) = (scene.shape, ScenePosition::Over);
    conversation.welcome.run = Some(WelcomeRun { number, shape, position });
    let before = conversation.request.unwrap_or(Request { nth: 0, number: None, closed: true });
    conversation.request = Some(if before.closed {
        Request { nth: before.nth.wrapping_add(1), number: None, closed: false }
    } else {
        before
    });
    // If operators saw none of several runs, only the last one counts, which is what the user sees.
    conversation.welcome.unseen.clear();
    Play { scene, ctx, conversation, said: Vec::new(), decision }.from(0)
}

/// A user pressed a button of a question; `places` are the indexes of the step and the button. Ignored unless the
/// question is the open one.
pub(super) fn pressed(
    mut conversation: Conversation,
    run: u32,
    places: (usize, usize),
    ctx: &Context<'_>,
) -> Decision {
    let (at, place) = places;
    let open = ctx.scene.zip(conversation.welcome.run).filter(|(scene, of_run)| {
        of_run.number == run
            && of_run.shape == scene.shape
            && of_run.position == ScenePosition::Asking(at)
    });
    let asked = open.and_then(|(scene, _)| Some((scene, &scene.steps.get(at)?.act)));
    let Some((scene, SceneAct::Ask { question, choices, .. })) = asked else {
        return Decision { next: Some(conversation), ..Decision::ignored() };
    };
    let Some(choice) = choices.get(place) else {
        return Decision { next: Some(conversation), ..Decision::ignored() };
    };
    conversation.welcome.answers.insert(question.clone(), choice.answer.clone());
    if choice.zone.is_some() {
        conversation.welcome.zone.clone_from(&choice.zone);
    }
    let label = choice.label.of(conversation.language_or(ctx.language));
    let said = vec![format!("\u{2192} {}", escape_html(label))];
    let facts = vec![Fact::Chose { step: at, choice: place }];
    let effects = ctx.goal(choice.goal.as_ref()).into_iter().collect();
    let decision = Decision { effects, facts, ..Decision::default() };
    let next = choice.goes.unwrap_or(at + 1);
    Play { scene, ctx, conversation, said, decision }.from(next)
}

/// The timer of a wait may have expired.
pub(super) fn due(mut conversation: Conversation, ctx: &Context<'_>) -> Decision {
    if conversation.welcome.due.is_none_or(|due| due > ctx.now) {
        return Decision::ignored();
    }
    match (ctx.scene, conversation.welcome.run) {
        (Some(scene), Some(WelcomeRun { shape, position: ScenePosition::Waiting(at), .. }))
            if shape == scene.shape =>
        {
            let (said, decision) = (Vec::new(), Decision::default());
            Play { scene, ctx, conversation, said, decision }.from(at)
        }
        // The next step is unknown: the scene has changed, or there is no scene any more.
        (_, _) => {
            let ended = conversation.welcome.end(WelcomeEnd::Changed).map(Fact::WelcomeEnded);
            let facts = ended.into_iter().collect();
            Decision { next: Some(conversation), facts, ..Decision::default() }
        }
    }
}

/// A scene in progress.
struct Play<'a> {
    scene: &'a Scene,
    ctx: &'a Context<'a>,
    conversation: Conversation,
    /// Lines to show to operators.
    said: Vec<String>,
    decision: Decision,
}

impl Play<'_> {
    /// Plays from this step to the next wait or question, or to the end.
    fn from(mut self, mut at: usize) -> Decision {
        let language = self.conversation.language_or(self.ctx.language);
        let ahead = self.ctx.offset(&self.conversation, self.ctx.now);
        let minute = self.ctx.now.minute_of_day(ahead);
        self.conversation.welcome.due = None;
        let position = loop {
            let Some(step) = self.scene.steps.get(at) else { break ScenePosition::Over };
            if !step.when.holds(language, minute) {
                at += 1;
                continue;
            }
            match &step.act {
                SceneAct::Say(saying) => self.say(saying, Vec::new()),
                SceneAct::Ask { saying, choices, .. } => {
                    let run = self.conversation.welcome.run.map_or(0, |run| run.number);
                    let buttons = choices.iter().enumerate().map(|(choice, one)| SceneButton {
                        label: one.label.of(language).to_owned(),
                        action: ButtonAction::Welcome { run, step: at, choice },
                    });
                    self.say(saying, buttons.collect());
                    break ScenePosition::Asking(at);
                }
                SceneAct::Wait(time) => {
                    self.conversation.welcome.due = Some(self.ctx.now.plus(*time));
                    break ScenePosition::Waiting(at + 1);
                }
                SceneAct::Go(to) => {
                    at = *to;
                    continue;
                }
                SceneAct::End => break ScenePosition::Over,
            }
            at += 1;
        };
        if let Some(run) = &mut self.conversation.welcome.run {
            run.position = position;
        }
        if position == ScenePosition::Over {
            self.decision.facts.push(Fact::WelcomeEnded(WelcomeEnd::Finished));
        }
        self.tell();
        self.decision.next = Some(self.conversation);
        self.decision
    }

    fn say(&mut self, saying: &Saying, buttons: Vec<SceneButton>) {
        let language = self.conversation.language_or(self.ctx.language);
        let words = saying.words.of(language).to_owned();
        let line = SceneLine { words, picture: saying.picture.clone(), buttons };
        self.said.push(line.told());
        self.decision.effects.push(Effect::Scene(line));
    }

    /// Shows the lines to operators in one message, or stores them until there is a topic.
    fn tell(&mut self) {
        let lines = std::mem::take(&mut self.said);
        if lines.is_empty() {
            return;
        }
        match self.conversation.topic.current {
            Topic::Closed(topic) if self.scene.open_topic => {
                self.conversation.topic.current = Topic::Open(topic);
                self.decision.effects.push(Effect::ReopenTopic);
            }
            Topic::None if self.scene.open_topic => {}
            Topic::Open(_) => {}
            Topic::None | Topic::Closed(_) => {
                self.conversation.welcome.unseen.extend(lines);
                return;
            }
        }
        self.decision.effects.push(Tell::topic(Text::WelcomeSaid { lines }, None));
    }
}
