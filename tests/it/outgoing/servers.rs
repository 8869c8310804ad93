//! Small servers between the desk and its Telegram: an HTTP proxy, a SOCKS5 proxy, and TLS.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::webhook::proxy::Identity;

/// The user name and the password that proxies accept, as a URL holds them.
pub(super) const LOGIN: &str = "user:pa55word";
/// The same as an HTTP header holds them.
const BASIC: &str = "Basic dXNlcjpwYTU1d29yZA==";

/// What a proxy does with those who ask it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manners {
    /// It connects everybody.
    Open,
    /// It connects those who know user name and password.
    Guarded,
    /// It connects nobody.
    Closed,
}

/// The language of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// HTTP with `CONNECT`.
    Http,
    /// SOCKS, version 5.
    Socks5,
}

/// A proxy that connects to one server, whatever name it is asked for. It ends with the test.
pub(super) struct TestProxy {
    /// Its port on this machine.
    pub(super) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TestProxy {
    pub(super) async fn start(kind: Kind, manners: Manners, server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        serve(listener, move |mut client| {
            let log = Arc::clone(&log);
            async move {
                let asked_for = match kind {
                    Kind::Http => http(&mut client, manners).await?,
                    Kind::Socks5 => socks5(&mut client, manners).await?,
                };
                let Some(asked_for) = asked_for else { return Ok(()) };
                log.lock().unwrap().push(asked_for);
                let mut server = TcpStream::connect(server).await?;
                copy_bidirectional(&mut client, &mut server).await.map(drop)
            }
        });
        Self { port, asked }
    }

    /// The servers that were asked for and connected.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl TestProxy {
    /// An HTTP proxy that is spoken to through TLS, with this identity. `port` is that of TLS.
    pub(super) async fn start_tls(
        identity: &Identity,
        manners: Manners,
        server: SocketAddr,
    ) -> Self {
        let proxy = Self::start(Kind::Http, manners, server).await;
        let port = tls(identity, SocketAddr::from(([127, 0, 0, 1], proxy.port))).await.port();
        Self { port, ..proxy }
    }
}

/// Terminates TLS with this identity in front of a server; returns its address.
pub(super) async fn tls(identity: &Identity, server: SocketAddr) -> SocketAddr {
    let certificate = CertificateDer::from_pem_file(&identity.certificate).unwrap();
    let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor =
        TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![certificate], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    serve(listener, move |client| {
        let acceptor = acceptor.clone();
        async move {
            let mut client = acceptor.accept(client).await?;
            let mut server = TcpStream::connect(server).await?;
            copy_bidirectional(&mut client, &mut server).await.map(drop)
        }
    });
    address
}

/// Serves each connection; one that breaks harms no other.
fn serve<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F + Send + 'static)
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    #[expect(clippy::disallowed_methods, reason = "it is not part of the program")]
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client));
        }
    });
}

/// Reads the request; `None` if it was refused.
async fn http(client: &mut TcpStream, manners: Manners) -> io::Result<Option<String>> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(client.read_u8().await?);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let server = request.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let (answer, server) = match manners {
        Manners::Closed => ("403 Forbidden", None),
        Manners::Guarded if !request.contains(BASIC) => ("407 Proxy Authentication Required", None),
        Manners::Guarded | Manners::Open => ("200 Connected", server),
    };
    client.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).await?;
    Ok(server.map(str::to_owned))
}

/// Reads the request, with names only; `None` if it was refused.
async fn socks5(client: &mut TcpStream, manners: Manners) -> io::Result<Option<String>> {
    let _version = client.read_u8().await?;
    let methods = bytes(client).await?;
    if manners == Manners::Guarded {
        if !methods.contains(&2) {
            client.write_all(&[5, 0xff]).await?;
            return Ok(None);
        }
        client.write_all(&[5, 2]).await?;
        let _version = client.read_u8().await?;
        let login = [bytes(client).await?, bytes(client).await?].join(&b':');
        let known = login == LOGIN.as_bytes();
        client.write_all(&[1, u8::from(!known)]).await?;
        if !known {
            return Ok(None);
        }
    } else {
        client.write_all(&[5, 0]).await?;
    }
    let mut head = [0; 4];
    client.read_exact(&mut head).await?;
    assert_eq!(head, [5, 1, 0, 3], "connect to a name");
    let name = String::from_utf8(bytes(client).await?).unwrap();
    let port = client.read_u16().await?;
    let refused = u8::from(manners == Manners::Closed) * 2;
    client.write_all(&[5, refused, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    Ok((refused == 0).then(|| format!("{name}:{port}")))
}

/// Reads as many bytes as the first one says.
async fn bytes(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; client.read_u8().await?.into()];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}
