//! How fast the simulator is: `cargo test --release --test it speed -- --ignored --nocapture`.

use std::{fs, time::Instant};

use telegram_simulator::{Limits, Options, Simulator};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::ada;

/// User and system time of this thread's process so far, in clock ticks of 10 ms.
fn cpu_ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    [11, 12].iter().filter_map(|index| fields.get(*index)?.parse::<u64>().ok()).sum()
}

#[tokio::test]
#[ignore = "a measurement"]
async fn copies_per_second() {
    const CALLS: u32 = 100_000;
    const CONNECTIONS: u32 = 8;
    let options = Options {
        limits: Limits::off(),
        call_log: 0,
        history_per_chat: 1000,
        ..Options::default()
    };
    let simulator = Simulator::start(options).await.unwrap();
    let id = simulator.user(ada()).writes("hello");
    let group = simulator.forum("Team");
    let body = format!("{{\"chat_id\":{},\"from_chat_id\":77,\"message_id\":{id}}}", group.id());
    let request = format!(
        "POST /bot{}/CopyMessage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        simulator.token(),
        body.len()
    );
    let address = simulator.url().replace("http://", "");
    let (begun, cpu) = (Instant::now(), cpu_ticks());
    let clients = (0..CONNECTIONS).map(|_| async {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let mut buffer = [0; 4096];
        for _ in 0..CALLS / CONNECTIONS {
            stream.write_all(request.as_bytes()).await.unwrap();
            let read = stream.read(&mut buffer).await.unwrap();
            assert!(buffer[..read].starts_with(b"HTTP/1.1 200"));
        }
    });
    futures_util::future::join_all(clients).await;
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), cpu_ticks() - cpu);
    println!(
        "{:.0} calls/s, {:.1} us of CPU per call with its client",
        f64::from(CALLS) / seconds,
        f64::from(u32::try_from(cpu).unwrap()) * 10_000.0 / f64::from(CALLS)
    );
}
