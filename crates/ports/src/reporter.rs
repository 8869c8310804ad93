//! Reports on the desk's condition, made when somebody asks for one.

use std::{fmt::Debug, future::Future, pin::Pin};

use domain::{Finding, Status, Work};

/// A boxed future.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Knows the condition of everything outside the engine.
pub trait Reporter: Debug + Send + Sync + 'static {
    /// Returns the condition of the desk, including `work`, the engine's own report. Bounded in time; facts that cannot
    /// be determined are left out.
    fn status(&self, work: Work) -> Answer<'_, Status>;

    /// Runs the startup checks now. Bounded in time.
    fn doctor(&self) -> Answer<'_, Vec<Finding>>;
}
