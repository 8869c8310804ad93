//! The rules of ARCHITECTURE.md and CONTRIBUTING.md that a program can check, and tests of the checker.

mod tokens;
mod names;
mod tree;
mod layers;
mod circles;
mod ports;
mod files;
mod guides;
mod documents;
mod words;
mod threats;
