//! The Lua scripts, and what they and the commands read and write: arguments, stored records, and the names of keys.

pub(super) mod layout;
pub(super) mod encoding;
pub(super) mod arguments;
pub(super) mod answers;
pub(super) mod scripts;
