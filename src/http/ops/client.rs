//! A client for the operations server, used by `support-bot healthcheck`.

use std::{fmt, net::SocketAddr, time::Duration};

use reqwest::{Client, Error};

/// Time limit of the request: a desk that does not answer within it is unhealthy.
const LIMIT: Duration = Duration::from_secs(3);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nothing accepts the connection.
    Closed,
    /// The time limit has passed.
    Late,
    /// What answers is no operations server, or ended in the midst of the answer.
    Unreadable,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "nothing listens there",
            Self::Late => "nothing answers in time",
            Self::Unreadable => "the answer cannot be read",
        })
    }
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
