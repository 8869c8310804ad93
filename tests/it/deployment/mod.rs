//! What the desk is deployed with: the image and the compose files.

mod engine;
mod files;
