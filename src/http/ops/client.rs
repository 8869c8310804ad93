//! A client for the operations server, used by `support-bot healthcheck`.

use std::{net::SocketAddr, time::Duration};

use reqwest::{Client, Error};

/// Time limit of the request: a desk that does not answer within it is unhealthy.
const LIMIT: Duration = Duration::from_secs(3);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Nothing accepts the connection.
    #[error("nothing listens there")]
    Closed,
    /// The time limit has passed.
    #[error("nothing answers in time")]
    Late,
    /// What answers is no operations server, or ended in the midst of the answer.
    #[error("the answer cannot be read")]
    Unreadable,
}

impl From<Error> for NoAnswer {
    fn from(error: Error) -> Self {
        if error.is_timeout() {
            Self::Late
        } else if error.is_connect() {
            Self::Closed
        } else {
            Self::Unreadable
        }
    }
}

/// Returns the status and the body of the answer at `path`. Uses no proxy, because the desk runs on this machine.
pub async fn get(server: SocketAddr, path: &str) -> Result<(u16, String), NoAnswer> {
    let client = Client::builder().timeout(LIMIT).no_proxy().build()?;
    let answer = client.get(format!("http://{server}{path}")).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}
