//! The reports that operators and the owner get on request.

use crate::engine::deliver::Sending;
use domain::{Finding, Report};
use ports::{Call, Keys};

use super::{
    Planner,
    step::{Step, Then},
};

impl Planner<'_> {
    /// Renders the present state. A report that has waited in the outbox shows the state when it is sent, not when it
    /// was asked for.
    pub(in crate::engine::deliver) async fn report(
        &self,
        context: &Sending,
        report: Report,
    ) -> Step {
        let language = self.user_language();
        let html = match report {
            Report::Status => {
                let status = context.reporter.status(context.desk.overview.work()).await;
                self.texts.status(&status, language)
            }
            Report::Doctor => {
                let mut findings = context.reporter.doctor().await;
                let used = context.desk.overview.work().limit_used;
                findings.extend(used.map(Finding::LimitUsed));
                self.texts.findings(&findings, language)
            }
        };
        let to = self.private();
        Step::Call(
            Call::Say { to, html, reply: None, keys: Keys::new() },
            Then::TextSent { pin: false },
        )
    }
}
