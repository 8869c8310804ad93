//! The code in a link: whoever brings it back has seen this terminal.

use anyhow::Context as _;
use rustix::rand::{GetRandomFlags, getrandom};

use crate::app::hex;

/// A code of 128 random bits, for one link.
pub(super) fn new() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom(&mut bytes, GetRandomFlags::empty()).context("the system has no random numbers")?;
    Ok(hex(&bytes))
}
