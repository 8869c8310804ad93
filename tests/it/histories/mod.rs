//! What the desk does while everything breaks is written down as its Telegram sees it, and judged by a checker of its own.

mod recorder;
mod rounds;
mod stage;
