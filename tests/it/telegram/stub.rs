//! A server that speaks just enough HTTP to fail in every possible way.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::Value;

/// What the stub does with a request.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// Answers with this status and body.
    With(u16, String),
    /// Answers as a server whose clock shows this date.
    Dated(String, &'static str),
    /// Redirects to this address with this status.
    Elsewhere(u16, String),
    /// Reads the request and closes the connection.
    Cut,
    /// Sends half an answer and closes the connection.
    CutInside,
    /// Does not answer for a while.
    Hang(Duration),
}

/// A received request: the path and the body.
pub(super) type Request = (String, Value);

/// The scripted server.
#[derive(Debug)]
pub(super) struct Stub {
    at: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// `{"ok":true}` with this result.
pub(super) fn done(result: &str) -> Reply {
    Reply::With(200, format!(r#"{{"ok":true,"result":{result}}}"#))
}

/// A refusal from Telegram.
pub(super) fn refused(code: u16, description: &str) -> Reply {
    let body = serde_json::json!({"ok": false, "error_code": code, "description": description});
    Reply::With(code, body.to_string())
}

impl Stub {
    /// Starts a server that gives these replies in order, and `500` afterwards.
    pub(super) fn replies(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let replies = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (replies, seen) = (Arc::clone(&replies), Arc::clone(&seen));
                thread::spawn(move || serve(stream, &replies, &seen));
            }
        });
        Self { at, requests }
    }

    /// Its base address.
    pub(super) fn address(&self) -> String {
        format!("http://{}", self.at)
    }

    /// The requests so far.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The body of the only request.
    pub(super) fn body(&self) -> Value {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].1.clone()
    }
}

fn serve(stream: TcpStream, replies: &Mutex<VecDeque<Reply>>, seen: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(request) = read(&mut reader) {
        seen.lock().unwrap().push(request);
        let reply = replies.lock().unwrap().pop_front();
        match reply.unwrap_or(Reply::With(500, String::new())) {
            Reply::With(status, body) => write(&mut writer, status, "", &body, body.len()),
            Reply::Dated(body, date) => {
                write(&mut writer, 200, &format!("date: {date}\r\n"), &body, body.len());
            }
            Reply::Elsewhere(status, to) => {
                write(&mut writer, status, &format!("location: {to}\r\n"), "", 0);
            }
            Reply::Cut => return,
            Reply::CutInside => return write(&mut writer, 200, "", "{\"ok\":tr", 100),
            Reply::Hang(time) => thread::sleep(time),
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, serde_json::from_slice(&body).unwrap_or_default()))
}

fn write(writer: &mut impl Write, status: u16, headers: &str, body: &str, length: usize) {
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n{headers}\r\n");
    writer.write_all((head + body).as_bytes()).ok();
}
