//! The Telegram adapter against a scripted server.

mod stub;
mod transport;
mod calls;
mod polling;
mod updates;
mod inspection;
mod groups;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use support_bot::{
    adapters::telegram::{CallObserver, CallOutcome, Client, Endpoint, TimeLimits},
    network::Network,
};

use stub::Stub;

/// The token that must not appear in any output.
const TOKEN: &str = "42:SECRET-token_of_a_bot";

/// Records the outcomes of calls.
#[derive(Debug, Clone, Default)]
struct Seen(Arc<Mutex<Vec<(&'static str, CallOutcome)>>>);

impl CallObserver for Seen {
    fn called(&self, method: &'static str, outcome: CallOutcome, _took: Duration) {
        self.0.lock().unwrap().push((method, outcome));
    }
}

impl Seen {
    /// The calls so far.
    fn all(&self) -> Vec<(&'static str, CallOutcome)> {
        self.0.lock().unwrap().clone()
    }
}

/// A client for the server at this address, with the short timeouts of tests.
fn client_at(address: &str, seen: &Seen) -> Client {
    let endpoint = Endpoint { base: address.parse().unwrap(), token: TOKEN.into() };
    let limits =
        TimeLimits { connect: Duration::from_millis(500), call: Duration::from_millis(500) };
    let network = Network::direct().unwrap();
    Client::new(&endpoint, limits, Arc::new(seen.clone()), network).unwrap()
}

/// A client for the stub.
fn client(stub: &Stub) -> Client {
    client_at(&stub.address(), &Seen::default())
}
