//! The reports that operators and the owner get on request.

use crate::engine::Desk;
use domain::Report;
use ports::{Call, Keys};

use super::{
    Planner,
    step::{Step, Then},
};

impl Planner<'_> {
    /// Renders the present state. A report that has waited in the outbox shows the state when it is sent, not when it
    /// was asked for.
    pub(in crate::engine::deliver) async fn report(&self, desk: &Desk, report: Report) -> Step {
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
