//! A question to the operations server of a desk, as `support-bot healthcheck` asks it.

use std::{net::SocketAddr, time::Duration};

use reqwest::{Client, Error};

/// Bounds the whole question: a desk that does not answer in this time is not well.
const LIMIT: Duration = Duration::from_secs(3);

/// The status and the body that the desk answers at this path. No proxy is asked: the desk is on this machine.
pub async fn ask(desk: SocketAddr, path: &str) -> Result<(u16, String), Error> {
    let client = Client::builder().timeout(LIMIT).no_proxy().build()?;
    let answer = client.get(format!("http://{desk}{path}")).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}
