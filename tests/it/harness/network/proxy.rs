//! A faulty network on demand: a proxy between the program and its Redis.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// The state of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    /// No fault.
    Well,
    /// All connections are closed, and new ones are closed at once.
    Cut,
    /// All data arrives this much later, in both directions.
    Delayed(Duration),
    /// No data passes in either direction, and no connection is closed. A connection that has lost data stays dead, as
    /// if a router in between had forgotten it.
    HalfOpen,
    /// The same for answers only: requests are carried out.
    Unanswered,
    /// Bytes per second, in each direction of each connection.
    Slow(u32),
}

/// The proxy; it stops with the test.
pub(crate) struct Proxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy in front of the server on this port of this machine.
    pub(crate) async fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (network, seen) = watch::channel(Network::Well);
        #[expect(clippy::disallowed_methods, reason = "it is not part of the program")]
        let task = tokio::spawn(serve(listener, port, seen));
        Self { address, network, task }
    }

    /// Address of the proxy, as a Redis URL.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Changes the state of the network.
    pub(crate) fn set(&self, network: Network) {
        self.network.send_replace(network);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, port: u16, network: watch::Receiver<Network>) {
    // The connections end with this task.
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        while connections.try_join_next().is_some() {}
        if *network.borrow() != Network::Cut {
            connections.spawn(carry(client, port, network.clone()));
        }
    }
}

/// Carries one connection until either side closes it or the network is cut.
async fn carry(client: TcpStream, port: u16, network: watch::Receiver<Network>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut cut = network.clone();
    tokio::select! {
        () = pump(from_client, to_server, network.clone(), false) => {}
        () = pump(from_server, to_client, network, true) => {}
        _ = cut.wait_for(|network| *network == Network::Cut) => {}
    }
}

/// Carries one direction of a connection.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    network: watch::Receiver<Network>,
    answers: bool,
) {
    let mut buffer = vec![0; 64 << 10];
    let mut lost = false;
    loop {
        // A slow network takes small pieces, so that all connections are equally slow.
        let slow = matches!(*network.borrow(), Network::Slow(_));
        let room = if slow { 1 << 10 } else { buffer.len() };
        let size = match from.read(&mut buffer[..room]).await {
            Ok(0) | Err(_) => return,
            Ok(size) => size,
        };
        let now = *network.borrow();
        match now {
            Network::Well | Network::Cut => {}
            Network::Delayed(by) => tokio::time::sleep(by).await,
            Network::HalfOpen => lost = true,
            Network::Unanswered => lost |= answers,
            Network::Slow(bytes) => {
                let took = f64::from(u32::try_from(size).unwrap()) / f64::from(bytes);
                tokio::time::sleep(Duration::from_secs_f64(took)).await;
            }
        }
        if !lost && to.write_all(&buffer[..size]).await.is_err() {
            return;
        }
    }
}
