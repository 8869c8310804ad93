//! Why a desk does not start.

use std::{io::ErrorKind, net::SocketAddr};

use crate::{
    adapters::{telegram::EndpointError, tgtrack::TgTrackError, toml_file::FileMistakes},
    files::words,
    i18n::TextMistakes,
};
use ports::{StoreError, WebhookError};

use super::stores::{IMPORT_FIRST, OLD_USERS, OpenError};

/// The reason why a desk does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The owner's texts have mistakes.
    #[error("the texts in TEXTS_DIR cannot be used:\n{0}")]
    Texts(#[from] TextMistakes),
    /// The owner's welcome has mistakes.
    #[error("the welcome in WELCOME_FILE cannot be played:\n{0}")]
    Welcome(FileMistakes),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store does not answer.
    #[error("the store cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The operations server cannot listen.
    #[error("OPS_HOST and OPS_PORT: cannot listen on {address}; {}", remedy(source))]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The webhook's server cannot listen.
    #[error("WEBAPP_HOST and WEBAPP_PORT: cannot listen on {address}; {}", remedy(source))]
    ListenWebhook {
        /// The configured address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The thread that watches the loops cannot be started.
    #[error("a thread could not be started: {}", words(.0))]
    Thread(std::io::Error),
    /// Telegram does not accept the webhook.
    #[error(
        "Telegram does not accept the webhook ({0}): check WEBHOOK_URL and its DNS record, or poll: WEBHOOK_ENABLED=false"
    )]
    Webhook(WebhookError),
    /// The Bot API server cannot be called.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The TGTrack client cannot be created.
    #[error(transparent)]
    TgTrack(#[from] TgTrackError),
    /// The startup check failed.
    #[error("the desk cannot work yet:\n{0}")]
    Unfit(String),
    /// Users of the old bot were not imported.
    #[error("{OLD_USERS}: {IMPORT_FIRST}")]
    ImportFirst,
    /// A stop was requested before the desk was open.
    #[error("asked to stop before the desk was open")]
    Abandoned,
}

/// What to do about an address that cannot be listened on.
fn remedy(error: &std::io::Error) -> &'static str {
    let known = [
        (ErrorKind::AddrInUse, "another program uses it: choose another port"),
        (
            ErrorKind::AddrNotAvailable,
            "this machine has no such address: write 127.0.0.1 or 0.0.0.0",
        ),
        (ErrorKind::PermissionDenied, "this user is not allowed to: choose a port above 1023"),
    ];
    let what = known.into_iter().find(|(kind, _)| *kind == error.kind());
    what.map_or("choose another address or port", |(_, remedy)| remedy)
}
