//! What those who look after the desk are told when they ask.

use domain::{Report, Side};
use ports::{Address, Call, Keys, Store};

use super::plan::{Planner, Step, Then};

impl<S: Store, M> Planner<'_, S, M> {
    /// How the desk is now: what waited in the outbox for long tells what is so, not what was.
    pub(super) async fn report(&self, report: Report) -> Step {
        let (desk, language) = (self.desk, self.user_language());
        let html = match report {
            Report::Status => {
                let status = desk.reporter.status(desk.overview.work()).await;
                desk.texts.status(&status, language)
            }
            Report::Doctor => desk.texts.findings(&desk.reporter.doctor().await, language),
        };
        let to = Address { chat: self.chat(Side::User), topic: None };
        Step::Call(
            Call::Say { to, html, reply: None, keys: Keys::new() },
            Then::Told { pin: false },
        )
    }
}
