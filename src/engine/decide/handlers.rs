//! Maps events to handlers, the names used in metrics and logs.

use crate::telemetry::Handler;
use domain::{DeskCommand, Event, Press, Report, StaffAct, StaffCommand, UserAct};

/// The handler of an event.
pub(in crate::engine) fn handler(event: &Event) -> Handler {
    match event {
        Event::User(event) => match &event.act {
            UserAct::Wrote(_) => Handler::UserMessage,
            // Not an act of the user.
            UserAct::Happened(_) => Handler::Ignored,
            UserAct::Edited(_) => Handler::UserEdit,
            UserAct::Reacted { .. } => Handler::UserReaction,
            UserAct::Started => Handler::UserStart,
            UserAct::AskedForHelp => Handler::UserHelp,
            UserAct::AskedForLanguages => Handler::UserLanguage,
            UserAct::Commanded(DeskCommand::Report(Report::Status)) => Handler::DeskStatus,
            UserAct::Commanded(DeskCommand::Report(Report::Doctor)) => Handler::DeskDoctor,
            UserAct::Commanded(DeskCommand::Newsletter)
            | UserAct::Pressed { press: Press::Newsletter(_), .. } => Handler::DeskNewsletter,
            UserAct::Pressed { press: Press::Language(_), .. } => Handler::UserLanguage,
            UserAct::Pressed {
                press: Press::Retry(_) | Press::Unknown | Press::Welcome { .. } | Press::Flood(_),
                ..
            } => Handler::UserButton,
            UserAct::Left => Handler::UserBlocked,
            UserAct::Returned => Handler::UserReturned,
        },
        Event::Staff(event) => match &event.act {
            StaffAct::Wrote(_) | StaffAct::WroteAsChannel { .. } => Handler::StaffMessage,
            StaffAct::Noted { .. } => Handler::StaffNote,
            StaffAct::Edited(_) => Handler::StaffEdit,
            StaffAct::Reacted { .. } => Handler::StaffReaction,
            StaffAct::Commanded { command, .. } => match command {
                StaffCommand::Ban => Handler::StaffBan,
                StaffCommand::Silent => Handler::StaffSilent,
                StaffCommand::Information => Handler::StaffInformation,
                StaffCommand::Delete => Handler::StaffDelete,
                StaffCommand::Close => Handler::StaffClose,
                StaffCommand::Reopen => Handler::StaffReopen,
                StaffCommand::Help | StaffCommand::Unknown => Handler::StaffHelp,
            },
            StaffAct::Pressed { .. } => Handler::StaffButton,
            StaffAct::ClosedTopic => Handler::TopicClosed,
            StaffAct::ReopenedTopic => Handler::TopicReopened,
        },
        Event::AskedForIds { .. } => Handler::GroupId,
        Event::GroupMigrated(_) => Handler::GroupMigrated,
        Event::Due(_) => Handler::Timer,
        Event::Ignored => Handler::Ignored,
    }
}
