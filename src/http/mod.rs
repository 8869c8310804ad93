//! The operations server (`/metrics`, `/healthz`, `/readyz`, `/watchdog`) and, on a port of its own, the webhook.
//!
//! Invariant: the operations server calls no dependency. `/healthz` shows whether the loops are alive, so that a
//! supervisor restarts a stuck program but not one that waits for Telegram; `/readyz` shows the last results of
//! background probes.

mod deadline_stream;
mod serving;
mod ops;
mod webhook;

pub use ops::{Hosts, NoAnswer, OpsState, SelfReport, Watchdog, get, serve};
pub use webhook::{Storing, Webhook};
