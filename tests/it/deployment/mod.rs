//! What the desk is deployed with: the image and the compose files.

mod deployed;
mod engine;
mod files;
mod public;
