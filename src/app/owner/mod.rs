//! Notices to the owner: of incidents, panics and unclean ends.

mod file_identity;
mod run_marker;
mod crashes;
mod label;
mod sent_notices;
mod notifier;
mod incident_monitor;

pub(in crate::app) use crashes::Crashes;
pub(in crate::app) use incident_monitor::IncidentMonitor;
pub(in crate::app) use notifier::{Notices, Notifier};
pub(in crate::app) use run_marker::{RunMarker, dead_runs};
