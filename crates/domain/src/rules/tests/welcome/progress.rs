//! When the welcome begins, when a press or the end of a wait continues it, and when not.

use std::time::Duration;

use crate::rules::tests::states::{SHAPE, at, closed, gone, known, open, opening, scene, with};
use crate::rules::tests::{NOW, TOPIC, USER, answered, check, retired, user, user_pressed, when};
use crate::{
    ButtonAction, Conversation, Effect, Event, Fact, Millis, Press, Request, SceneButton,
    SceneLine, ScenePosition, Tell, Text, Topic, Track, UserAct, WelcomeEnd, WelcomeRun,
};

fn line(words: &str) -> SceneLine {
    SceneLine { words: words.to_owned(), picture: None, buttons: Vec::new() }
}

/// The lines played at Start, in this run.
fn hello_and_question(run: u32) -> [Effect; 2] {
    let button = |label: &str, choice| SceneButton {
        label: label.to_owned(),
        action: ButtonAction::Welcome { run, step: 1, choice },
    };
    let buttons = vec![button("Kazan <3", 0), button("Another", 1)];
    [Effect::Scene(line("Hello")), Effect::Scene(SceneLine { buttons, ..line("Which city?") })]
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn hello_and_question_said() -> Vec<String> {
    lines(&["Hello", "Which city?\n[Kazan &lt;3] [Another]"])
}

fn said(lines: Vec<String>) -> Effect {
    Tell::topic(Text::WelcomeSaid { lines }, None)
}

/// A conversation whose question is open, in this run.
fn asks(conversation: &mut Conversation, run: u32) {
    conversation.welcome.run =
        Some(WelcomeRun { number: run, shape: SHAPE, position: ScenePosition::Asking(1) });
    conversation.welcome.due = None;
}

fn first_request(conversation: &mut Conversation) {
    conversation.request = Some(Request { nth: 1, number: None, closed: false });
}

fn start() -> Event {
    user(UserAct::Started)
}

fn press(run: u32, step: usize, choice: usize) -> Event {
    user_pressed(Press::Welcome { run, step, choice })
}

#[test]
fn start_begins_the_welcome() {
    check([
        when("without a topic, operators see the lines later", None, start())
            .with_scene(scene())
            .stores(|c| {
                asks(c, 1);
                first_request(c);
                c.welcome.unseen = hello_and_question_said();
            })
            .effects(hello_and_question(1)),
        when("in an open topic, operators see the lines at once", open(), start())
            .with_scene(scene())
            .stores(|c| {
                asks(c, 1);
                first_request(c);
            })
            .effects([&hello_and_question(1)[..], &[said(hello_and_question_said())]].concat()),
        when("a closed topic stays closed", closed(), start())
            .with_scene(scene())
            .stores(|c| {
                asks(c, 1);
                first_request(c);
                c.welcome.unseen = hello_and_question_said();
            })
            .effects(hello_and_question(1)),
        when("a welcome that opens the topic opens it with its lines", known(), start())
            .with_scene(opening(scene()))
            .stores(|c| {
                asks(c, 1);
                first_request(c);
            })
            .effects([&hello_and_question(1)[..], &[said(hello_and_question_said())]].concat()),
        when("a welcome that opens the topic reopens a closed one", closed(), start())
            .with_scene(opening(scene()))
            .stores(|c| {
                c.topic.current = Topic::Open(TOPIC);
                asks(c, 1);
                first_request(c);
            })
            .effects(
                [
                    &hello_and_question(1)[..],
                    &[Effect::ReopenTopic, said(hello_and_question_said())],
                ]
                .concat(),
            ),
        when("a return is reported before the lines", gone(), start())
            .with_scene(scene())
            .stores(|c| {
                c.reachable = true;
                asks(c, 1);
                first_request(c);
            })
            .effects(
                [
                    &[Tell::topic(Text::UserReturned, None), Effect::Refresh][..],
                    &hello_and_question(1),
                    &[said(hello_and_question_said())],
                ]
                .concat(),
            ),
    ]);
}

#[test]
fn start_restarts_the_welcome() {
    let again = || [&hello_and_question(3)[..], &[said(hello_and_question_said())]].concat();
    check([
        when(
            "a run at a question ends; the request stays",
            at(ScenePosition::Asking(1), open()),
            start(),
        )
        .with_scene(scene())
        .stores(|c| asks(c, 3))
        .effects(again())
        .facts([Fact::WelcomeEnded(WelcomeEnd::Restarted)]),
        when("a run in a wait ends", at(ScenePosition::Waiting(3), open()), start())
            .with_scene(scene())
            .stores(|c| asks(c, 3))
            .effects(again())
            .facts([Fact::WelcomeEnded(WelcomeEnd::Restarted)]),
        when("a run that is over does not end twice", at(ScenePosition::Over, open()), start())
            .with_scene(scene())
            .stores(|c| asks(c, 3))
            .effects(again()),
        when(
            "after a closed request another begins, still without a number",
            Conversation {
                request: Some(Request { nth: 1, number: Some(31), closed: true }),
                ..at(ScenePosition::Over, open())
            },
            start(),
        )
        .with_scene(scene())
        .stores(|c| {
            asks(c, 3);
            c.request = Some(Request { nth: 2, number: None, closed: false });
        })
        .effects(again()),
        when(
            "of several runs that operators have not seen, only the last is kept",
            with(at(ScenePosition::Over, known()), |it| {
                it.welcome.unseen = lines(&["Hello", "→ Another"]);
            }),
            start(),
        )
        .with_scene(scene())
        .stores(|c| {
            asks(c, 3);
            c.welcome.unseen = hello_and_question_said();
        })
        .effects(hello_and_question(3)),
    ]);
}

fn answers_kazan(conversation: &mut Conversation) {
    conversation.welcome.answers.insert("city".to_owned(), "kazan".to_owned());
    conversation.welcome.zone = Some("Europe/Moscow".to_owned());
    conversation.welcome.due = Some(NOW.plus(Duration::from_mins(1)));
    let position = ScenePosition::Waiting(3);
    conversation.welcome.run = Some(WelcomeRun { number: 2, shape: SHAPE, position });
}

#[test]
fn a_press_answers_the_open_question() {
    let asked = |conversation| at(ScenePosition::Asking(1), conversation);
    let kazan = || lines(&["→ Kazan &lt;3"]);
    let goal = Effect::Track(Track::Goal("kazan".to_owned()));
    check([
        when("answer and zone are stored, and the wait begins", asked(open()), press(2, 1, 0))
            .with_scene(scene())
            .stores(answers_kazan)
            .effects([answered(None), retired(50), said(kazan())])
            .facts([Fact::Chose { step: 1, choice: 0 }]),
        when("a button with a goal reaches it", asked(open()), press(2, 1, 0))
            .with_scene(scene())
            .tracked()
            .stores(answers_kazan)
            .effects([answered(None), retired(50), goal, said(kazan())])
            .facts([Fact::Chose { step: 1, choice: 0 }]),
        when(
            "without a topic, operators see the answer later, after the earlier lines",
            with(asked(known()), |it| it.welcome.unseen = lines(&["Hello"])),
            press(2, 1, 0),
        )
        .with_scene(scene())
        .stores(|c| {
            answers_kazan(c);
            c.welcome.unseen = lines(&["Hello", "→ Kazan &lt;3"]);
        })
        .effects([answered(None), retired(50)])
        .facts([Fact::Chose { step: 1, choice: 0 }]),
        when(
            "a button may lead elsewhere, and one without a zone keeps the chosen zone",
            with(asked(open()), |it| it.welcome.zone = Some("Europe/Moscow".to_owned())),
            press(2, 1, 1),
        )
        .with_scene(scene())
        .stores(|c| {
            c.welcome.answers.insert("city".to_owned(), "other".to_owned());
            *c = at(ScenePosition::Over, c.clone());
        })
        .effects([
            answered(None),
            retired(50),
            Effect::Scene(line("Soon")),
            said(lines(&["→ Another", "Soon"])),
        ])
        .facts([Fact::Chose { step: 1, choice: 1 }, Fact::WelcomeEnded(WelcomeEnd::Finished)]),
    ]);
}

#[test]
fn a_press_of_anything_else_says_that_the_button_has_expired() {
    let changed = |conversation: Conversation| {
        with(conversation, |it| {
            it.welcome.run = Some(WelcomeRun {
                number: 2,
                shape: SHAPE + 1,
                position: ScenePosition::Asking(1),
            });
        })
    };
    let asked = || at(ScenePosition::Asking(1), open());
    let rows = [
        when("a button of an earlier run", asked(), press(1, 1, 0)),
        when("a button of a welcome that the owner has changed", changed(open()), press(2, 1, 0)),
        when("a button of another question", asked(), press(2, 0, 0)),
        when("a button beyond the last of the question", asked(), press(2, 1, 2)),
        when("a button after the end", at(ScenePosition::Over, open()), press(2, 1, 0)),
        when("a button during a wait", at(ScenePosition::Waiting(3), open()), press(2, 1, 0)),
        when("a step that is not a question", at(ScenePosition::Asking(0), open()), press(2, 0, 0)),
        when("a step that does not exist", at(ScenePosition::Asking(9), open()), press(2, 9, 0)),
        when("a welcome that was never played", open(), press(2, 1, 0)),
    ];
    let expired = [answered(Text::ButtonExpired), retired(50)];
    check(rows.map(|row| row.with_scene(scene()).effects(expired.clone())));
    let yesterday = || Conversation { since: Millis(0), ..asked() };
    let seen = [
        when("pressing an expired button is activity", yesterday(), press(1, 1, 0)),
        when("so is pressing one beyond the last", yesterday(), press(2, 1, 2)),
    ];
    check(seen.map(|row| {
        row.with_scene(scene())
            .stores(|c| c.last_seen = Some(Millis(NOW.0 - NOW.0 % 86_400_000)))
            .effects(expired.clone())
    }));
}

#[test]
fn the_welcome_continues_after_a_wait() {
    let due = || Event::Due(USER);
    let waited = |conversation| at(ScenePosition::Waiting(3), conversation);
    let changed = |run: Option<WelcomeRun>| run.map(|run| WelcomeRun { shape: 34, ..run });
    let soon = || Effect::Scene(line("Soon"));
    check([
        when("the next line is sent, and the scene ends", waited(open()), due())
            .with_scene(scene())
            .stores(|c| *c = at(ScenePosition::Over, c.clone()))
            .effects([soon(), said(lines(&["Soon"]))])
            .facts([Fact::WelcomeEnded(WelcomeEnd::Finished)]),
        when(
            "a wait that has not ended yet",
            with(waited(open()), |it| it.welcome.due = Some(NOW.plus(Duration::from_millis(1)))),
            due(),
        )
        .with_scene(scene())
        .ignored(),
        when("a cancelled timer has no effect", open(), due()).with_scene(scene()).ignored(),
        when("a removed welcome ends", waited(open()), due())
            .stores(|c| *c = at(ScenePosition::Over, c.clone()))
            .facts([Fact::WelcomeEnded(WelcomeEnd::Changed)]),
        when(
            "a welcome that the owner has changed ends",
            with(waited(open()), |it| it.welcome.run = changed(waited(open()).welcome.run)),
            due(),
        )
        .with_scene(scene())
        .stores(|c| {
            c.welcome.due = None;
            c.welcome.run =
                Some(WelcomeRun { number: 2, shape: 34, position: ScenePosition::Over });
        })
        .facts([Fact::WelcomeEnded(WelcomeEnd::Changed)]),
        when(
            "the timer of a finished welcome is removed",
            with(at(ScenePosition::Over, open()), |it| it.welcome.due = Some(NOW)),
            due(),
        )
        .with_scene(scene())
        .stores(|c| c.welcome.due = None),
    ]);
}
