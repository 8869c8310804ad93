//! Shared by both servers: a shutdown with a time limit, and the announced length of a body.

use std::{io, time::Duration};

use axum::{extract::Request, http::header::CONTENT_LENGTH};
use tokio_util::sync::CancellationToken;

/// How long open requests may delay the shutdown; an unfinished request would otherwise delay it forever.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// Runs a server until it has ended. After `stop`, open requests get a short time limit.
pub(super) async fn serve_until(
    stop: CancellationToken,
    server: impl Future<Output = io::Result<()>>,
) -> io::Result<()> {
    let too_late = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP_LIMIT).await;
    };
    tokio::select! {
        ended = server => ended,
        () = too_late => Ok(()),
    }
}

/// The announced length of the body; 0 if none is announced.
pub(super) fn content_length(request: &Request) -> usize {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}
