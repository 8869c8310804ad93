//! A port for a program that is told where to listen.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

/// The first port given out. None is one that the system hands out itself, on Linux from 32768 on: any connection may take
/// one of those before the program is there.
const FIRST: u16 = 10_000;
/// How many ports a test has for itself.
const EACH: u16 = 500;
/// How many tests have ports of their own at one time.
const TESTS: u16 = 44;

/// A port of this machine that nobody listens on, and that is given out once: no other test of this run takes it, even while
/// the program that it was for is down.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let ports = std::iter::repeat_with(|| {
        FIRST + slot() % TESTS * EACH + NEXT.fetch_add(1, Ordering::Relaxed) % EACH
    });
    let mut ports = ports.take(EACH.into());
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// The place of this test among those that run now; nextest gives it. Otherwise all tests are in one process.
fn slot() -> u16 {
    let slot = std::env::var_os("NEXTEST_TEST_GLOBAL_SLOT");
    slot.and_then(|slot| slot.to_str()?.parse().ok()).unwrap_or(0)
}
