//! A port for a program that is told where to listen.

use std::net::TcpListener;

/// A port of this machine that nobody listens on. It is none that the system hands out itself, on Linux from 32768 on: one
/// of those may be taken by any connection before the program is there.
pub(crate) fn free_port() -> u16 {
    let mut ports = std::iter::repeat_with(|| fastrand::u16(10_000..32_000));
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}
