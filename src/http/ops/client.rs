//! A client for the operations server, used by `support-bot healthcheck`.

use std::{net::SocketAddr, time::Duration};

use reqwest::{Client, Error};

/// Time limit of the request: a desk that does not answer within it is unhealthy.
const LIMIT: Duration = Duration::from_secs(3);

/// Returns the status and the body of the answer at `path`. Uses no proxy, because the desk runs on this machine.
pub async fn get(server: SocketAddr, path: &str) -> Result<(u16, String), Error> {
    let client = Client::builder().timeout(LIMIT).no_proxy().build()?;
    let answer = client.get(format!("http://{server}{path}")).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}
