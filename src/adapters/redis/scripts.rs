//! The scripts, by name. Redis loses them when it restarts; then the next call sends the script again.

use std::sync::LazyLock;

use fred::types::scripts::Script as Hashed;

/// A script: its hash, by which Redis knows it, and its source.
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
    /// The hash by which Redis knows the script.
    pub(super) fn hash(&self) -> &str {
        &self.0.0
    }

    /// The source of the script.
    pub(super) fn source(&self) -> &'static str {
        self.0.1
    }
}
