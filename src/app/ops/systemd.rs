//! Tells systemd, if it started the desk, that the desk serves, is alive, or stops.
//!
//! The protocol is one datagram for each message, so a library would add more than it saves. A message that cannot be
//! delivered is dropped: systemd then acts as if the desk were silent, as it should.

use std::{
    env,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixDatagram},
    },
};

/// The variable in which systemd names its socket.
const SOCKET: &str = "NOTIFY_SOCKET";

/// The way to systemd, or nothing if it does not listen. Cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::app) struct Systemd(Option<SocketAddr>);

impl Systemd {
    /// Finds the socket that systemd has named for this process.
    pub(in crate::app) fn of_environment() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "systemd sets it for the process; no setting"
        )]
        let named = env::var(SOCKET).ok();
        Self(named.and_then(|name| address(&name)))
    }

    /// The desk serves. Until then systemd waits for it, and does not yet expect signs of life.
    pub(in crate::app) fn ready(&self) {
        self.send("READY=1");
    }

    /// The desk is alive.
    pub(in crate::app) fn alive(&self) {
        self.send("WATCHDOG=1");
    }

    /// The desk stops.
    pub(in crate::app) fn stopping(&self) {
        self.send("STOPPING=1");
    }

    fn send(&self, message: &str) {
        let Some(address) = &self.0 else { return };
        let _dropped_if_it_fails = UnixDatagram::unbound().and_then(|socket| {
            // A systemd that does not read must not stop the desk.
            socket.set_nonblocking(true)?;
            socket.send_to_addr(message.as_bytes(), address)
        });
    }
}

/// The address of a socket: a path, or an abstract name after `@`.
fn address(name: &str) -> Option<SocketAddr> {
    match name.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name).ok(),
        None => SocketAddr::from_pathname(name).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_sockets_are_reached() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify").display().to_string();
        let name = format!("@support-bot-test-{}", std::process::id());
        for name in [path, name] {
            let at = address(&name).unwrap();
            let socket = UnixDatagram::bind_addr(&at).unwrap();
            Systemd(Some(at)).ready();
            let mut message = [0; 64];
            let length = socket.recv(&mut message).unwrap();
            assert_eq!(&message[..length], b"READY=1");
        }
    }

    #[test]
    fn a_socket_that_is_gone_or_full_stops_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let systemd = Systemd(address(&path.display().to_string()));
        systemd.alive();
        let _nobody_reads = UnixDatagram::bind(&path).unwrap();
        for _ in 0..10_000 {
            systemd.alive();
        }
        Systemd(None).alive();
    }
}
