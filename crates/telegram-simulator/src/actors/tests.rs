//! The updates that actors cause match the documentation.

use serde_json::{Value, json};

use super::*;
use crate::{Options, Simulator, UserSpec, spec::Spec};

fn scenario(simulator: &Simulator) {
    let person = simulator.user(UserSpec::named("Ada"));
    let group = simulator.forum("Team");
    let operator = group.operator(UserSpec::named("Olga"));
    let topic = operator.opens_topic("Ada");
    for content in [
        Content::text("/start now"),
        Content::photo("p").caption("see https://a.b"),
        Content::video("v"),
        Content::animation("a"),
        Content::audio("au"),
        Content::voice("vo"),
        Content::video_note("vn"),
        Content::document("d"),
        Content::live_photo("lp"),
        Content::sticker("s"),
        Content::contact("+1", "Bob"),
        Content::location(1.0, 2.0),
        Content::venue("Café"),
        Content::poll("why?", &["a", "b"]),
        Content::quiz("why?", &["a", "b"], Some(1)),
        Content::dice(6),
        Content::story(),
        Content::paid_media(),
        Content::giveaway(),
        Content::invoice("x"),
        Content::game("chess"),
        Content::checklist("todo", &["one"]),
        Content::rich("rich"),
        Content::text("x").protected().forwarded_from("Somebody"),
    ] {
        person.sends(content.clone());
        operator.sends_in(topic, content);
    }
    let id = person.writes("to be");
    person.quotes(id, "be", "or not");
    person.edits(id, "not to be");
    person.reacts(id, Some("👍"));
    person.forwards(id);
    person.blocks();
    person.returns();
    operator.renames_topic(topic, "Ada L.");
    operator.closes(topic);
    operator.reopens(topic);
    operator.becomes_member();
    group.mute_bot();
    group.demote_bot();
    group.migrate();
    group.migrate_renumbered();
    group.delete();
}

#[tokio::test]
async fn every_update_is_as_the_documentation_says() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let kinds: Vec<Value> =
        ["message", "edited_message", "message_reaction", "my_chat_member", "chat_member"]
            .map(|kind| json!(kind))
            .into();
    simulator.world().updates.allow(&kinds);
    scenario(&simulator);
    let found = {
        let mut world = simulator.world();
        let now = world.now();
        world.updates.poll(0, 1000, now)
    };
    assert!(found.len() > 55, "{}", found.len());
    for update in found {
        let value: Value = serde_json::from_str(&update).unwrap();
        let verdict = Spec::get().check_type("Update", &value);
        assert!(verdict.is_ok(), "{}: {update}", verdict.unwrap_err());
    }
}
