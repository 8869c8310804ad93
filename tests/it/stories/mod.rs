//! What users and operators see, told as stories through HTTP, in both directions.

mod conversation;
mod lifecycle;
mod messages;
mod newsletter;
mod operator;
mod topic;
mod user;
