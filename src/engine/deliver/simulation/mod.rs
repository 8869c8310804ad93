//! The group's minute in simulated time: lanes, limits and the order in which slots are given, without store or Telegram.

mod groups;
mod one_group;
mod properties;
mod scenarios;
mod world;
