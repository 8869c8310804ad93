//! Free ports for programs that must be told where to listen.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

/// The first port given out. All ports lie below the ephemeral range of the system (from 32768 on Linux): a connection
/// may take one of those before the program listens.
const FIRST: u16 = 10_000;
/// Ports for each test.
const EACH: u16 = 500;
/// Number of tests that can have ports at the same time.
const TESTS: u16 = 44;

/// A port of this machine that nobody listens on. It is given out only once: no other test of this run takes it, even
/// while the program that it is for is down.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let ports = std::iter::repeat_with(|| {
        FIRST + slot() % TESTS * EACH + NEXT.fetch_add(1, Ordering::Relaxed) % EACH
    });
    let mut ports = ports.take(EACH.into());
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// The slot of this test among the tests running now, which nextest provides. Without nextest, all tests are in one
/// process.
fn slot() -> u16 {
    let slot = std::env::var_os("NEXTEST_TEST_GLOBAL_SLOT");
    slot.and_then(|slot| slot.to_str()?.parse().ok()).unwrap_or(0)
}
