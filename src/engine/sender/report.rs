//! What those who look after the desk are told when they ask.

use crate::engine::Desk;
use domain::Report;
use ports::{Call, Keys, Store};

use super::{
    plan::Planner,
    step::{Step, Then},
};

impl Planner<'_> {
    /// How the desk is now: what waited in the outbox for long tells what is so, not what was.
    pub(super) async fn report<S: Store, M>(&self, desk: &Desk<S, M>, report: Report) -> Step {
        let language = self.user_language();
        let html = match report {
            Report::Status => {
                let status = desk.reporter.status(desk.overview.work()).await;
                self.texts.status(&status, language)
            }
            Report::Doctor => self.texts.findings(&desk.reporter.doctor().await, language),
        };
        let to = self.private();
        Step::Call(
            Call::Say { to, html, reply: None, keys: Keys::new() },
            Then::Told { pin: false },
        )
    }
}
