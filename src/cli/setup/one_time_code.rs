//! The code in a link: whoever brings it back has seen this terminal.

use anyhow::Context as _;
use rustix::rand::{GetRandomFlags, getrandom};
use std::fmt::Write as _;

/// A code of 128 random bits, for one link.
pub(super) fn new() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom(&mut bytes, GetRandomFlags::empty()).context("the system has no random numbers")?;
    let mut code = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _a_string_takes_all = write!(code, "{byte:02x}");
    }
    Ok(code)
}
