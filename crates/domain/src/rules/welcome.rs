//! The welcome: plays the scene from Start, from a press, or from the end of a wait, as far as it goes by itself.

use super::{Context, user_presence};
use crate::{
    ButtonAction, Conversation, Decision, Effect, Fact, Request, Saying, Scene, SceneAct,
    SceneButton, SceneLine, ScenePlace, Tell, Text, Topic, Welcome, WelcomeEnd, escape_html,
};

/// A user pressed Start: begins a new run, whatever the state was. Start also means that the user has returned.
pub(super) fn started(conversation: Conversation, scene: &Scene, given: &Context<'_>) -> Decision {
    let mut decision = user_presence::returned(conversation);
    decision.ignored = false;
    let Some(mut conversation) = decision.next.take() else { return decision };
    let ended = conversation.end_welcome(WelcomeEnd::Restarted);
    decision.facts.extend(ended.map(Fact::WelcomeEnded));
    let run = conversation.welcome.map_or(0, |welcome| welcome.run).wrapping_add(1);
    conversation.welcome = Some(Welcome { run, shape: scene.shape, place: ScenePlace::Over });
    let before = conversation.request.unwrap_or(Request { nth: 0, number: None, closed: true });
    conversation.request = Some(if before.closed {
        Request { nth: before.nth.wrapping_add(1), number: None, closed: false }
    } else {
        before
    });
    // If operators saw none of several runs, only the last one counts, which is what the user sees.
    conversation.untold.clear();
    Play { scene, given, conversation, said: Vec::new(), decision }.from(0)
}

/// A user pressed a button of a question; `places` are the indexes of the step and the button. Ignored unless the
/// question is the open one.
pub(super) fn pressed(
    mut conversation: Conversation,
    run: u32,
    places: (usize, usize),
    given: &Context<'_>,
) -> Decision {
    let (at, place) = places;
    let open = given.scene.zip(conversation.welcome).filter(|(scene, welcome)| {
        welcome.run == run
            && welcome.shape == scene.shape
            && welcome.place == ScenePlace::Asking(at)
    });
    let asked = open.and_then(|(scene, _)| Some((scene, &scene.steps.get(at)?.act)));
    let Some((scene, SceneAct::Ask { question, choices, .. })) = asked else {
        return Decision { next: Some(conversation), ..Decision::ignored() };
    };
    let Some(choice) = choices.get(place) else {
        return Decision { next: Some(conversation), ..Decision::ignored() };
    };
    conversation.answers.insert(question.clone(), choice.answer.clone());
    if choice.zone.is_some() {
        conversation.zone.clone_from(&choice.zone);
    }
    let label = choice.label.of(conversation.speaks(given.language));
    let said = vec![format!("\u{2192} {}", escape_html(label))];
    let facts = vec![Fact::Chose { step: at, choice: place }];
    let effects = given.goal(choice.goal.as_ref()).into_iter().collect();
    let decision = Decision { effects, facts, ..Decision::default() };
    let next = choice.goes.unwrap_or(at + 1);
    Play { scene, given, conversation, said, decision }.from(next)
}

/// The timer of a wait may have expired.
pub(super) fn due(mut conversation: Conversation, given: &Context<'_>) -> Decision {
    if conversation.due.is_none_or(|due| due > given.now) {
        return Decision::ignored();
    }
    match (given.scene, conversation.welcome) {
        (Some(scene), Some(Welcome { shape, place: ScenePlace::Waiting(at), .. }))
            if shape == scene.shape =>
        {
            let (said, decision) = (Vec::new(), Decision::default());
            Play { scene, given, conversation, said, decision }.from(at)
        }
        // The next step is unknown: the scene has changed, or there is no scene any more.
        (_, _) => {
            let ended = conversation.end_welcome(WelcomeEnd::Changed).map(Fact::WelcomeEnded);
            let facts = ended.into_iter().collect();
            Decision { next: Some(conversation), facts, ..Decision::default() }
        }
    }
}

/// A scene in progress.
struct Play<'a> {
    scene: &'a Scene,
    given: &'a Context<'a>,
    conversation: Conversation,
    /// Lines to show to operators.
    said: Vec<String>,
    decision: Decision,
}

impl Play<'_> {
    /// Plays from this step to the next wait or question, or to the end.
    fn from(mut self, mut at: usize) -> Decision {
        let language = self.conversation.speaks(self.given.language);
        let zone = self.scene.zone(self.conversation.zone.as_deref());
        let minute = self.given.minutes.get(zone).copied().unwrap_or(0);
        self.conversation.due = None;
        let place = loop {
            let Some(step) = self.scene.steps.get(at) else { break ScenePlace::Over };
            if !step.when.holds(language, minute) {
                at += 1;
                continue;
            }
            match &step.act {
                SceneAct::Say(saying) => self.say(saying, Vec::new()),
                SceneAct::Ask { saying, choices, .. } => {
                    let run = self.conversation.welcome.map_or(0, |welcome| welcome.run);
                    let buttons = choices.iter().enumerate().map(|(choice, one)| SceneButton {
                        label: one.label.of(language).to_owned(),
                        action: ButtonAction::Welcome { run, step: at, choice },
                    });
                    self.say(saying, buttons.collect());
                    break ScenePlace::Asking(at);
                }
                SceneAct::Wait(time) => {
                    self.conversation.due = Some(self.given.now.plus(*time));
                    break ScenePlace::Waiting(at + 1);
                }
                SceneAct::Go(to) => {
                    at = *to;
                    continue;
                }
                SceneAct::End => break ScenePlace::Over,
            }
            at += 1;
        };
        if let Some(welcome) = &mut self.conversation.welcome {
            welcome.place = place;
        }
        if place == ScenePlace::Over {
            self.decision.facts.push(Fact::WelcomeEnded(WelcomeEnd::Finished));
        }
        self.tell();
        self.decision.next = Some(self.conversation);
        self.decision
    }

    fn say(&mut self, saying: &Saying, buttons: Vec<SceneButton>) {
        let language = self.conversation.speaks(self.given.language);
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
        match self.conversation.topic {
            Topic::Closed(topic) if self.scene.open_topic => {
                self.conversation.topic = Topic::Open(topic);
                self.decision.effects.push(Effect::ReopenTopic);
            }
            Topic::None if self.scene.open_topic => {}
            Topic::Open(_) => {}
            Topic::None | Topic::Closed(_) => {
                self.conversation.untold.extend(lines);
                return;
            }
        }
        self.decision.effects.push(Tell::topic(Text::WelcomeSaid { lines }, None));
    }
}
