//! The scripts, by name. Redis forgets them when it restarts; the one asked for is then sent along again.

use std::sync::LazyLock;

use fred::types::scripts::Script as Hashed;

/// A script, and what Redis calls it.
#[derive(Debug)]
pub(super) struct Script(LazyLock<(String, &'static str)>);

macro_rules! scripts {
    ($($name:ident = $file:literal;)+) => {$(
        pub(super) static $name: Script = Script(LazyLock::new(|| {
            let source = include_str!(concat!("scripts/", $file));
            (Hashed::from_lua(source).sha1().to_string(), source)
        }));
    )+};
}

scripts! {
    WRITE = "write.lua";
    FORGET = "forget.lua";
    NEXT = "next.lua";
    LANES = "lanes.lua";
    LINK = "link.lua";
    TOPIC = "topic.lua";
    LEASE = "lease.lua";
    REPLICAS = "replicas.lua";
    SLOTS = "slots.lua";
    ROOM = "room.lua";
    NOTE = "note.lua";
    FIGURES = "figures.lua";
    COPY = "copy.lua";
    CLAIM = "claim.lua";
    FILL = "fill.lua";
    REQUEST = "request.lua";
}

impl Script {
    /// What Redis calls it.
    pub(super) fn hash(&self) -> &str {
        &self.0.0
    }

    /// Its text.
    pub(super) fn source(&self) -> &'static str {
        self.0.1
    }
}
