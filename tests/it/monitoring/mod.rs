//! Monitoring agrees with the desk: rules, dashboards and runbooks name only what exists, and an alert reaches on-call.

mod files;
mod promql;
mod alerts;
mod runbooks;
mod dashboards;
mod catalogue;
mod reference;
mod servers;
mod stage;
mod alarm;
mod firing;
mod queries;
mod redis_user;
