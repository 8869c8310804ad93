//! What the owner is told in the private chat, by the real program.

mod crashes;
mod damage;
mod lasting;
mod moved;
mod needs;
mod watchdog;

use crate::harness::{OWNER, Program, spec};

/// What the desk has told the owner in its own voice, oldest first.
fn told(program: &Program) -> Vec<String> {
    let owner = program.telegram.user(spec(OWNER, "Owner", "en"));
    owner.reads().into_iter().filter(|text| text.starts_with('◆')).collect()
}

/// Waits until the owner was told so many things.
async fn until_told(program: &Program, count: usize) -> Vec<String> {
    let what = format!("the owner is told {count} things");
    program.until(&what, async |program| told(program).len() >= count).await;
    let told = told(program);
    assert_eq!(told.len(), count, "{told:#?}");
    told
}

/// How many notices of a kind have had this outcome.
async fn notices(program: &Program, kind: &str, outcome: &str) -> f64 {
    let labels = format!("kind=\"{kind}\",outcome=\"{outcome}\"");
    program.metric(&format!("supportbot_owner_notices_total{{{labels}}}")).await
}
