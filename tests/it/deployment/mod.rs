//! The deployment of the desk: the image, the compose files, and the monitoring services.

mod commands;
mod compose;
mod digest;
mod docker;
mod files;
mod minimal;
mod kubernetes;
mod monitoring_files;
mod names;
mod pin_images;
mod release;
mod workflows;
