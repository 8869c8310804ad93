//! Rows of planning: what operators have dropped.

use super::super::dropped::pass_over;
use super::*;

#[test]
fn what_a_user_wrote_up_to_a_drop_is_passed_over() {
    let react = Effect::React { from: Side::User, message: WRITTEN, reaction: None, late: true };
    let edited = edit(Side::User, Fingerprint::default(), false, Transfer::Copy);
    let at = |received, effect| {
        let queued = Queued { received: Millis(received), ..item(1, effect).queued };
        OutboxItem { seq: Seq(1), queued }
    };
    let copy = |received| at(received, copied(Side::User));
    let dropped = known().with(|conversation| conversation.dropped_until = Some(Millis(50)));
    for (name, batch, expected) in [
        ("a message", vec![copy(50)], Some(Step::Nothing)),
        ("an edit", vec![at(9, edited)], Some(Step::Nothing)),
        ("a reaction", vec![at(9, react)], Some(Step::Nothing)),
        ("several", vec![copy(9), copy(10)], Some(Step::Nothing)),
        ("a later message", vec![copy(51)], None),
        ("a later message in the same batch", vec![copy(50), copy(51)], Some(Step::Singly)),
        ("an answer", vec![at(9, copied(Side::Staff))], None),
        ("a notice", vec![at(9, Tell::topic(Text::UserLeft, None))], None),
    ] {
        let conversation = dropped.conversation.as_ref().unwrap();
        assert_eq!(pass_over(conversation, &batch), expected, "{name}");
        assert_eq!(pass_over(&known().conversation.unwrap(), &batch), None, "{name}, no drop");
    }
}
