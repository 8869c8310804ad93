//! What the desk is deployed with: the image and the compose files, and what watches it.

mod composed;
mod deployed;
mod engine;
mod files;
mod guide;
mod monitoring;
mod public;
mod updated;
mod watched;
mod workflows;
