//! `support-bot healthcheck`: asks the running desk for `/healthz` or `/readyz`, or checks the state of its backups.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
};

use super::output::outln;
use crate::{adapters::backup::Status, config::Settings, http};

/// Prints the answer at this path; fails unless its status is 200.
pub(super) fn check_server(settings: &Settings, path: &str) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let address = reachable(settings.ops.address);
    let (status, body) = runtime.block_on(http::get(address, path)).map_err(|error| {
        anyhow::anyhow!("no desk answers at {address} (OPS_HOST and OPS_PORT): {error}")
    })?;
    outln!("{}", body.trim_end());
    Ok(if status == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether there is a backup and the last attempt did not fail.
pub(super) fn check_backups(settings: &Settings) -> ExitCode {
    let text = fs::read(Status::file(&settings.store.folder)).unwrap_or_default();
    match Status::parse(&text) {
        Status { failing: true, .. } => outln!("the last backup failed"),
        Status { last: None, .. } => outln!("no backup has been made yet"),
        Status { last: Some(last), .. } => {
            outln!("the last backup has {} bytes", last.bytes);
            return ExitCode::SUCCESS;
        }
    }
    ExitCode::FAILURE
}

/// The address under which a listening server can be reached from this machine.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let loopback = match address.ip() {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    let ip = if address.ip().is_unspecified() { loopback } else { address.ip() };
    SocketAddr::new(ip, address.port())
}
