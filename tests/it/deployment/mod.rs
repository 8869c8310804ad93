//! The deployment of the desk: the image, the compose files, and the monitoring services.

mod caddy;
mod compose;
mod desk;
mod digest;
mod engine;
mod files;
mod guide;
mod monitoring;
mod monitoring_files;
mod pin_images;
mod update;
mod workflows;
