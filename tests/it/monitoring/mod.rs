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
mod receivers;
mod second_way;
mod firing;
mod inhibition;
mod queries;
mod redis_user;
