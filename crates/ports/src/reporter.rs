//! Reports on the desk's condition, made when somebody asks for one.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::{Finding, Status, Work};

/// Knows the condition of everything outside the engine.
#[async_trait]
pub trait Reporter: Debug + Send + Sync + 'static {
    /// Returns the condition of the desk, including `work`, the engine's own report. Bounded in time; facts that cannot
    /// be determined are left out.
    async fn status(&self, work: Work) -> Status;

    /// Runs the startup checks now. Bounded in time.
    async fn doctor(&self) -> Vec<Finding>;
}
