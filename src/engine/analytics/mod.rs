//! Reports to the tracker, the service that counts where users come from.

mod attempt;
mod circuit_breaker;
mod reports;

#[cfg(test)]
pub(in crate::engine) use reports::LANE_LIMITS;
pub use reports::TrackerReports;
