//! What watches the desk, held to the desk: rules, dashboards and runbooks name what is there, and an alarm arrives.

mod files;
mod promql;
mod known;
mod labels;
mod names;
mod alerts;
mod runbooks;
mod dashboards;
mod catalogue;
mod servers;
mod stage;
mod alarm;
mod fires;
mod asked;
