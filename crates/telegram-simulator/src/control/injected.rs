//! The faults that were set over HTTP.

use std::sync::Mutex;

use crate::faults::FaultHandle;

/// The faults that were set over HTTP, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct InjectedFaults(pub(super) Mutex<Vec<FaultHandle>>);
