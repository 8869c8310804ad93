//! The deployment of the desk: the image, the compose files, and the monitoring services.

mod composed;
mod deployed;
mod engine;
mod files;
mod guide;
mod monitoring;
mod pinned;
mod public;
mod released;
mod updated;
mod watched;
mod workflows;
