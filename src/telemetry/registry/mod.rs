//! Metric families and the closed labels that their series have.

pub(super) mod collect;
pub(super) mod families;
pub(super) mod label;
pub(super) mod labels;
pub(super) mod units;
