//! The program starts and stops.

mod drain;
mod start_up;
