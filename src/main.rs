//! The `support-bot` program.

fn main() {}
