//! A load balancer in front of several replicas. The bench compiles this file, too.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::net::{TcpListener, TcpStream};

/// Spreads connections over the backends that listen.
pub(crate) struct Balancer {
    /// Ports of the backends.
    pub(crate) backends: Arc<Mutex<Vec<u16>>>,
}

impl Balancer {
    /// Starts on a free port, and returns it.
    pub(crate) async fn start(backends: Vec<u16>) -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let backends = Arc::new(Mutex::new(backends));
        let behind = Arc::clone(&backends);
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        let _serves = tokio::spawn(async move {
            let turn = AtomicUsize::new(0);
            while let Ok((mut stranger, _)) = listener.accept().await {
                let ports = behind.lock().unwrap().clone();
                let first = turn.fetch_add(1, Ordering::Relaxed);
                #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
                let _connection = tokio::spawn(async move {
                    for at in 0..ports.len() {
                        let port = ports[(first + at) % ports.len()];
                        if let Ok(mut backend) = TcpStream::connect(("127.0.0.1", port)).await {
                            let _ended =
                                tokio::io::copy_bidirectional(&mut stranger, &mut backend).await;
                            return;
                        }
                    }
                });
            }
        });
        (Self { backends }, port)
    }
}
