//! Stand-ins for what alerts are sent to beside Telegram: a mail server, and a server that takes JSON.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A mail server without encryption, which Go's client accepts on the loopback interface only.
pub(super) struct MailServer {
    pub(super) address: SocketAddr,
    sessions: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl MailServer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sessions = Arc::<Mutex<Vec<String>>>::default();
        let heard = Arc::clone(&sessions);
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let heard = Arc::clone(&heard);
                #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
                tokio::spawn(async move {
                    if let Ok(session) = hear(stream).await {
                        heard.lock().unwrap().push(session);
                    }
                });
            }
        });
        Self { address, sessions, task }
    }

    /// What clients have said: of each delivered mail all commands, headers and its text.
    pub(super) fn mails(&self) -> Vec<String> {
        self.sessions.lock().unwrap().clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// All that a client says, with the encoding of long lines undone.
async fn hear(stream: TcpStream) -> std::io::Result<String> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let (mut said, mut in_mail) = (String::new(), false);
    writer.write_all(b"220 mail.example.org\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        said.push_str(&line);
        said.push('\n');
        let answer: &[u8] = if in_mail {
            if line != "." {
                continue;
            }
            in_mail = false;
            b"250 taken\r\n"
        } else if line.starts_with("EHLO") {
            b"250-mail.example.org\r\n250 AUTH PLAIN\r\n"
        } else if line.starts_with("AUTH") {
            b"235 welcome\r\n"
        } else if line == "DATA" {
            in_mail = true;
            b"354 go on\r\n"
        } else if line == "QUIT" {
            writer.write_all(b"221 bye\r\n").await?;
            break;
        } else {
            b"250 well\r\n"
        };
        writer.write_all(answer).await?;
    }
    Ok(said.replace("=\n", "").replace("=3D", "="))
}

/// A request that was received.
#[derive(Debug, Clone)]
pub(super) struct Posted {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// A server that takes every request.
pub(super) struct JsonServer {
    pub(super) address: SocketAddr,
    posted: Arc<Mutex<Vec<Posted>>>,
    task: JoinHandle<()>,
}

impl JsonServer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let posted = Arc::<Mutex<Vec<Posted>>>::default();
        let app = Router::new().fallback(take).with_state(Arc::clone(&posted));
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, posted, task }
    }

    /// The requests to a path, oldest first.
    pub(super) fn posted_to(&self, path: &str) -> Vec<Posted> {
        let posted = self.posted.lock().unwrap();
        posted.iter().filter(|posted| posted.path == path).cloned().collect()
    }
}

impl Drop for JsonServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(
    State(posted): State<Arc<Mutex<Vec<Posted>>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    posted.lock().unwrap().push(Posted { path: uri.path().to_owned(), headers, body });
    // As PagerDuty answers; the others take any success.
    StatusCode::ACCEPTED
}
