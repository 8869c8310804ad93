//! What the desk is deployed with: the image and the compose files, and what watches it.

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
