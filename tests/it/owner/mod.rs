//! Notices to the owner in the private chat, from the real program.

mod crashes;
mod damage;
mod lasting_incidents;
mod store_outages;
mod group_migration;
mod incidents;
mod watchdog;

use crate::harness::{OWNER, Program, spec};

/// The desk's own messages to the owner, oldest first.
fn received_notices(program: &Program) -> Vec<String> {
    let owner = program.telegram.user(spec(OWNER, "Owner", "en"));
    owner.reads().into_iter().filter(|text| text.starts_with('◆')).collect()
}

/// Waits until the owner has received this many notices.
async fn until_notices(program: &Program, count: usize) -> Vec<String> {
    let what = format!("the owner receives {count} notices");
    program.until(&what, async |program| received_notices(program).len() >= count).await;
    let received = received_notices(program);
    assert_eq!(received.len(), count, "{received:#?}");
    received
}

/// Waits until this many notices of a kind are counted as sent, which is a moment after they were received.
async fn until_sent(program: &Program, kind: &str, count: f64) {
    let what = format!("{count} notices of {kind} are counted");
    let counted =
        async |program: &Program| (notices(program, kind, "sent").await - count).abs() < 0.1;
    program.until(&what, counted).await;
}

/// The number of notices of this kind with this outcome.
async fn notices(program: &Program, kind: &str, outcome: &str) -> f64 {
    let labels = format!("kind=\"{kind}\",outcome=\"{outcome}\"");
    program.metric(&format!("supportbot_owner_notices_total{{{labels}}}")).await
}
