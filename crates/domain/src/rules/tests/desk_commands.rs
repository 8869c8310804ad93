//! Commands of the owner and the administrators, in private.

use super::states::{gone, known, open};
use super::{NOW, administrator, by, check, when};
use crate::{DeskCommand, Draft, Effect, Panel, Report, Role, UserAct};

#[test]
fn a_command_of_the_desk_is_answered_in_private_and_opens_no_topic() {
    let report = |report| UserAct::Commanded(DeskCommand::Report(report));
    check([
        when("the status is reported", known(), administrator(report(Report::Status)))
            .effects([Effect::Report(Report::Status)]),
        when(
            "the findings of the doctor are reported",
            known(),
            by(Role::Owner, report(Report::Doctor)),
        )
        .effects([Effect::Report(Report::Doctor)]),
        when(
            "a report to an unknown user stores the user",
            None,
            administrator(report(Report::Status)),
        )
        .stores_the_new()
        .effects([Effect::Report(Report::Status)]),
        when(
            "a command does not report a return to operators",
            gone(),
            administrator(report(Report::Status)),
        )
        .effects([Effect::Report(Report::Status)]),
        when(
            "a newsletter is begun",
            open(),
            administrator(UserAct::Commanded(DeskCommand::Newsletter)),
        )
        .stores(|c| c.authoring.draft = Some(Draft::new(NOW)))
        .effects([Effect::Panel(Panel::Draft)]),
    ]);
}
