//! Name lookups that prefer IPv4.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The system's resolver.
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Leaves out IPv6 addresses of names that have IPv4 ones. An order would not be enough: the HTTP client tries a second
/// address only if it cannot connect to the first, and not if the connection breaks afterwards.
pub(super) struct Ipv4First<R>(pub(super) R);

impl<R: Resolve> Resolve for Ipv4First<R> {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.resolve(name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = found.await?.collect();
            let any = found.iter().any(SocketAddr::is_ipv4);
            let kept = found.into_iter().filter(move |address| !any || address.is_ipv4());
            Ok(Box::new(kept) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// A name with these addresses.
    struct Fixed(Vec<SocketAddr>);

    impl Resolve for Fixed {
        fn resolve(&self, _name: Name) -> Resolving {
            let found = self.0.clone();
            Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
        }
    }

    async fn addresses(found: &[&str]) -> Vec<String> {
        let found = Fixed(found.iter().map(|address| address.parse().unwrap()).collect());
        let kept = Ipv4First(found).resolve("example.org".parse().unwrap()).await;
        let Ok(kept) = kept else { panic!("not resolved") };
        kept.map(|address| address.to_string()).collect()
    }

    #[tokio::test]
    async fn ipv6_addresses_are_used_only_if_there_are_no_others() {
        let (v6, v4) = ("[2001:db8::1]:0", "192.0.2.1:0");
        assert_eq!(addresses(&[v6, v4, v6]).await, [v4]);
        assert_eq!(addresses(&[v6]).await, [v6]);
        assert!(addresses(&[]).await.is_empty());
    }

    /// An IPv6 address that is 127.0.0.2 to machines without IPv6 as well.
    const MAPPED: &str = "[::ffff:127.0.0.2]";

    /// Accepts connections on the port at `MAPPED`, and breaks each as soon as something is sent. Returns the port,
    /// where 127.0.0.1 answers.
    #[expect(clippy::disallowed_methods, reason = "it is not part of the program")]
    async fn broken_ipv6() -> u16 {
        let well = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = well.local_addr().unwrap().port();
        let broken = TcpListener::bind(("127.0.0.2", port)).await.unwrap();
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = broken.accept().await {
                let _first_byte = connection.read_u8().await;
            }
        });
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = well.accept().await {
                let _request = connection.read(&mut [0; 1024]).await;
                let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
                connection.write_all(answer).await.unwrap();
            }
        });
        port
    }

    #[tokio::test]
    async fn a_name_whose_ipv6_address_breaks_every_connection_works_over_ipv4() {
        let port = broken_ipv6().await;
        let addresses = [format!("{MAPPED}:0"), "127.0.0.1:0".to_owned()];
        let both = || Fixed(addresses.iter().map(|address| address.parse().unwrap()).collect());
        let url = format!("http://desk.example.org:{port}/");
        let client = reqwest::Client::builder().no_proxy();
        let as_they_come = client.dns_resolver(Arc::new(both())).build().unwrap();
        assert!(as_they_come.get(&url).send().await.is_err(), "the client falls back by itself");
        let client = reqwest::Client::builder().no_proxy();
        let preferring = client.dns_resolver(Arc::new(Ipv4First(both()))).build().unwrap();
        assert_eq!(preferring.get(&url).send().await.unwrap().status(), 204);
    }
}
