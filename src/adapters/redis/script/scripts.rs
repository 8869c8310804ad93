//! The scripts, by name. Redis loses them when it restarts; then the next call sends the script again.

use std::sync::LazyLock;

use fred::types::scripts::Script as Hashed;

/// A script: its hash, by which Redis knows it, and its source.
#[derive(Debug)]
pub(in crate::adapters::redis) struct Script(LazyLock<(String, &'static str)>);

macro_rules! scripts {
    ($($name:ident = $file:literal;)+) => {$(
        pub(in crate::adapters::redis) static $name: Script = Script(LazyLock::new(|| {
            let source = include_str!(concat!("lua/", $file));
            (Hashed::from_lua(source).sha1().to_string(), source)
        }));
    )+};
}

scripts! {
    WRITE = "commit/write.lua";
    FORGET = "ports/forget.lua";
    NEXT = "ports/next.lua";
    LANES = "ports/lanes.lua";
    LINK = "ports/link.lua";
    TOPIC = "commit/topic.lua";
    LEASE = "lease/lease.lua";
    REPLICAS = "lease/replicas.lua";
    SLOTS = "limits/slots.lua";
    ROOM = "limits/room.lua";
    NOTE = "commit/note.lua";
    FIGURES = "ports/figures.lua";
    COPY = "archive/copy.lua";
    CLAIM = "archive/claim.lua";
    FILL = "archive/fill.lua";
    REQUEST = "ports/request.lua";
}

impl Script {
    /// The hash by which Redis knows the script.
    pub(in crate::adapters::redis) fn hash(&self) -> &str {
        &self.0.0
    }

    /// The source of the script.
    pub(in crate::adapters::redis) fn source(&self) -> &'static str {
        self.0.1
    }
}
