//! Notices to the owner: of incidents, panics and abnormal ends.

mod file_identity;
pub(in crate::app) mod run_marker;
mod crashes;
mod notifier;
mod incident_monitor;

pub(in crate::app) use crashes::Crashes;
pub(in crate::app) use incident_monitor::IncidentMonitor;
pub(in crate::app) use notifier::{Owner, ToOwner};
pub(in crate::app) use run_marker::RunMarker;
