//! How far the welcome goes by itself, and in which words.

use std::time::Duration;

use crate::rules::tests::states::{
    SHAPE, closed, known, open, opening, say, saying, scene_of, with,
};
use crate::rules::tests::{NOW, Row, USER, check, profile, user, when};
use crate::{
    Conversation, Effect, Event, Fact, Hours, Language, Profile, Request, Role, Saying, Scene,
    SceneAct, SceneLine, ScenePosition, SceneStep, Tell, Text, Topic, UserAct, UserEvent,
    WelcomeEnd, WelcomeRun, When,
};

/// Start, with this welcome.
fn start(name: &'static str, before: Conversation, scene: Scene) -> Row {
    when(name, before, user(UserAct::Started)).with_scene(scene)
}

fn is_at(conversation: &mut Conversation, position: ScenePosition) {
    conversation.welcome.run = Some(WelcomeRun { number: 1, shape: SHAPE, position });
    conversation.request = Some(Request { nth: 1, number: None, closed: false });
}

fn is_over(conversation: &mut Conversation) {
    is_at(conversation, ScenePosition::Over);
}

fn line(words: &str) -> Effect {
    Effect::Scene(SceneLine { words: words.to_owned(), picture: None, buttons: Vec::new() })
}

fn told(lines: &[&str]) -> Effect {
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    Tell::topic(Text::WelcomeSaid { lines }, None)
}

const FINISHED: Fact = Fact::WelcomeEnded(WelcomeEnd::Finished);

/// One line for the hours from 9 to 18, one for all other hours, one in Russian only.
fn by_conditions() -> Scene {
    let hours = |from: u16, to: u16| vec![Hours { from: from * 60, to: to * 60 }];
    let step = |when, english: &str| SceneStep { when, act: say(english, "По-русски") };
    let steps = vec![
        step(When { language: None, hours: hours(9, 18) }, "Day"),
        step(When { language: None, hours: hours(18, 9) }, "Night"),
        step(When { language: Some(Language::Russian), hours: Vec::new() }, "Russian"),
    ];
    Scene { steps, ..scene_of([]) }
}

#[test]
fn the_welcome_is_played_up_to_a_wait() {
    let minute = Duration::from_mins(1);
    let picture = Saying { picture: Some("cat.png".to_owned()), ..saying("A cat", "Кот") };
    let pictured = Effect::Scene(SceneLine {
        words: "A cat".to_owned(),
        picture: Some("cat.png".to_owned()),
        buttons: Vec::new(),
    });
    check([
        start("an empty welcome ends at once, without a line", open(), scene_of([]))
            .stores(is_over)
            .facts([FINISHED]),
        start(
            "it ends after its last step, even without an end",
            open(),
            scene_of([say("One", "Раз"), say("Two", "Два")]),
        )
        .stores(is_over)
        .effects([line("One"), line("Two"), told(&["One", "Two"])])
        .facts([FINISHED]),
        start(
            "steps after the end are not played",
            open(),
            scene_of([say("One", "Раз"), SceneAct::End, say("Two", "Два")]),
        )
        .stores(is_over)
        .effects([line("One"), told(&["One"])])
        .facts([FINISHED]),
        start(
            "a jump skips the steps in between",
            open(),
            scene_of([SceneAct::Go(2), say("One", "Раз"), say("Two", "Два")]),
        )
        .stores(is_over)
        .effects([line("Two"), told(&["Two"])])
        .facts([FINISHED]),
        start(
            "a wait at the beginning sends no line and opens no topic",
            known(),
            opening(scene_of([SceneAct::Wait(minute), say("One", "Раз")])),
        )
        .stores(|c| {
            is_at(c, ScenePosition::Waiting(1));
            c.welcome.due = Some(NOW.plus(Duration::from_mins(1)));
        }),
        start(
            "a silent welcome leaves a closed topic closed",
            closed(),
            opening(scene_of([SceneAct::End])),
        )
        .stores(is_over)
        .facts([FINISHED]),
        start(
            "a picture is sent, and shown to operators",
            open(),
            scene_of([SceneAct::Say(picture)]),
        )
        .stores(is_over)
        .effects([pictured, told(&["\u{1f5bc} A cat"])])
        .facts([FINISHED]),
        start(
            "an open topic stays as it is",
            with(open(), |it| it.topic.current = Topic::Open(crate::TopicId(71))),
            opening(scene_of([say("One", "Раз")])),
        )
        .stores(is_over)
        .effects([line("One"), told(&["One"])])
        .facts([FINISHED]),
    ]);
}

#[test]
fn its_lines_are_in_the_language_of_the_user() {
    let one = || scene_of([say("One", "Раз")]);
    let without_language = || {
        let profile = Profile { language_code: None, ..profile() };
        Event::User(UserEvent {
            user: USER,
            role: Role::User,
            profile,
            thread: None,
            act: UserAct::Started,
        })
    };
    check([
        start(
            "the chosen language has priority",
            Conversation { language: Some(Language::Russian), ..open() },
            one(),
        )
        .stores(is_over)
        .effects([line("Раз"), told(&["Раз"])])
        .facts([FINISHED]),
        start("then the language of the user's Telegram", open(), one())
            .by_default_in(Language::Russian)
            .stores(is_over)
            .effects([line("One"), told(&["One"])])
            .facts([FINISHED]),
        when("otherwise the language of the desk", open(), without_language())
            .with_scene(one())
            .by_default_in(Language::Russian)
            .stores(|c| {
                is_over(c);
                c.profile.language_code = None;
            })
            .effects([line("Раз"), told(&["Раз"]), Effect::Refresh])
            .facts([FINISHED]),
    ]);
}

#[test]
fn a_step_is_played_where_its_conditions_hold() {
    let in_zone = |zone: &str| with(open(), |it| it.welcome.zone = Some(zone.to_owned()));
    check([
        start("within the hours", open(), by_conditions())
            .at_minutes([9 * 60, 0])
            .stores(is_over)
            .effects([line("Day"), told(&["Day"])])
            .facts([FINISHED]),
        start("outside the hours", open(), by_conditions())
            .at_minutes([18 * 60, 600])
            .stores(is_over)
            .effects([line("Night"), told(&["Night"])])
            .facts([FINISHED]),
        start("in the chosen time zone", in_zone("Europe/Moscow"), by_conditions())
            .at_minutes([0, 600])
            .stores(is_over)
            .effects([line("Day"), told(&["Day"])])
            .facts([FINISHED]),
        start(
            "in the first time zone, if the chosen one no longer exists",
            in_zone("Mars"),
            by_conditions(),
        )
        .at_minutes([0, 600])
        .stores(is_over)
        .effects([line("Night"), told(&["Night"])])
        .facts([FINISHED]),
        start("in UTC, if the time zone is unknown", open(), by_conditions())
            .stores(is_over)
            .effects([line("Day"), told(&["Day"])])
            .facts([FINISHED]),
        start(
            "in the step's language",
            Conversation { language: Some(Language::Russian), ..open() },
            by_conditions(),
        )
        .at_minutes([600, 600])
        .stores(is_over)
        .effects([line("По-русски"), line("По-русски"), told(&["По-русски", "По-русски"])])
        .facts([FINISHED]),
    ]);
}
