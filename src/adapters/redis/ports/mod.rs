//! The ports that the engine works through, and the parts that are too long for their port's file.

mod pages;
mod conversations;
mod notebook;
mod request_numbers;
mod inbox;
mod ledger;
mod outbox;
mod dead_letters;
mod slots;
mod cluster;
mod store;
