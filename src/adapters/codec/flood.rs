//! The stored format of floods, and of the buttons that decide about them.

use serde::{Deserialize, Serialize};

use domain;

use super::mirror::{is_false, maybe, mirrors, one};

mirrors! {
    Flood of domain::Flood;
    Hold of domain::Hold;
    FloodButton of domain::FloodButton;
    FloodChoice of domain::FloodChoice;
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Flood")]
struct Flood {
    #[serde(with = "one")]
    since: domain::Millis,
    #[serde(with = "one")]
    last: domain::Millis,
    #[serde(with = "one")]
    hold: domain::Hold,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    former: Option<domain::Hold>,
    #[serde(default, skip_serializing_if = "is_false")]
    asked: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Hold")]
struct Hold {
    #[serde(with = "one")]
    until: domain::Millis,
    writes: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::FloodButton")]
struct FloodButton {
    #[serde(with = "one")]
    choice: domain::FloodChoice,
    #[serde(with = "one")]
    asked: domain::Millis,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::FloodChoice", rename_all = "snake_case")]
enum FloodChoice {
    Show,
    Drop,
    Ban,
}
