//! How the desk is, found out when somebody asks.

use std::{fmt::Debug, future::Future, pin::Pin};

use domain::{Finding, Status, Work};

/// An answer that takes a moment.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Knows how the desk is beyond what the engine knows of itself.
pub trait Reporter: Debug + Send + Sync + 'static {
    /// How the desk is now, with what the engine says of itself. Bounded in time; what cannot be found out is left out.
    fn status(&self, work: Work) -> Answer<'_, Status>;

    /// What the desk depends on, checked now. Bounded in time.
    fn doctor(&self) -> Answer<'_, Vec<Finding>>;
}
