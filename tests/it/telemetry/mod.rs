//! Metrics and logs.

mod metrics_page;
mod observability;
mod output;
mod sentry;

pub(crate) use observability::is_of_redis;
