//! Compares stored lines with the values that they are written from and read into.

use domain::{Conversation, Effect, Revision, UserId};
use support_bot::adapters::codec;

/// Each conversation, user 7's of revision 3, is written as its line, and the line of format 1 is read as it.
#[track_caller]
pub(super) fn assert_conversations(lines: &[&str], values: &[Conversation]) {
    let written: Vec<_> =
        values.iter().map(|one| codec::conversation::encode(one).unwrap()).collect();
    assert_eq!(written, lines, "{}", written.join("\n"));
    let read = |line: &&str| codec::conversation::decode(1, UserId(7), Revision(3), line).unwrap();
    assert_eq!(lines.iter().map(read).collect::<Vec<_>>(), values);
}

/// Each send is written as its line, and the line of format 1 is read as it.
#[track_caller]
pub(super) fn assert_sends(lines: &[&str], values: &[Effect]) {
    let written: Vec<_> = values.iter().map(|one| codec::effect::encode(one).unwrap()).collect();
    assert_eq!(written, lines, "{}", written.join("\n"));
    let read = |line: &&str| codec::effect::decode(1, line).unwrap();
    assert_eq!(lines.iter().map(read).collect::<Vec<_>>(), values);
}
