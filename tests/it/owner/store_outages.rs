//! The owner is told that the store fails while it still fails: a notice needs neither the outbox nor, for its slot of
//! Telegram's limits, an answer of the store.

use std::time::{Duration, Instant};

use super::received_notices;
use crate::{
    faults::SmallDisk,
    harness::{Program, spec},
    redis::Server,
};

/// Time limit from the fault to the notice: its delay of a minute, and what it takes to notice and to send.
const NOTIFIED_WITHIN: Duration = Duration::from_secs(75);

/// The beginnings of the notices.
const FAILING: &str = "◆ The store has been failing since ";
const REFUSED: &str = "◆ Redis has refused the desk’s password or user since ";

/// Waits for the notice that begins like this, of a store that nothing has mended; `meanwhile` goes on all the time.
#[expect(clippy::print_stdout, reason = "the time, for a manual run")]
async fn until_told(program: &Program, fault: &str, notice: &str, meanwhile: impl Fn()) {
    let begun = Instant::now();
    let told = |text: &String| text.starts_with(notice);
    while !received_notices(program).iter().any(told) {
        let received = received_notices(program);
        assert!(begun.elapsed() < NOTIFIED_WITHIN, "{fault}: {received:#?}\n{}", program.log());
        meanwhile();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("{fault}: notice after {:.1?}", begun.elapsed());
    let (status, _) = program.ready().await;
    assert_eq!(status, 503, "{fault}: the store works again");
}

async fn desk_on(url: &str) -> Program {
    let mut program = Program::new(&[("REDIS_URL", url)]).await;
    program.start().await;
    program
}

async fn killed() {
    let mut server = Server::start();
    let program = desk_on(&server.url()).await;
    server.kill();
    until_told(&program, "Redis is killed", FAILING, || {}).await;
}

async fn another_password() {
    let server = Server::start_with(&["--requirepass", "right"]);
    let program = desk_on(&format!("redis://:right@127.0.0.1:{}", server.port())).await;
    let ask = |password: &str, command: &[&str]| {
        let said = server.ask(&[&["-a", password, "--no-auth-warning"], command].concat());
        assert!(!said.contains("ERR") && !said.contains("NOAUTH"), "{said}");
    };
    ask("right", &["CONFIG", "SET", "requirepass", "other"]);
    ask("other", &["CLIENT", "KILL", "TYPE", "normal"]);
    until_told(&program, "Redis has another password", REFUSED, || {}).await;
}

async fn full_disk() {
    let Some(disk) = SmallDisk::of("24m") else { return };
    let data = disk.path().join("data").display().to_string();
    let mut program = Program::new(&[("DATA_DIR", &data)]).await;
    program.start().await;
    let user = program.telegram.user(spec(701_700, "Ada", "en"));
    // The store's files have some space left in themselves.
    let writes = || {
        user.writes(&"hello ".repeat(600));
    };
    disk.fill();
    program
        .until("the store refuses", async |program| {
            writes();
            program.ready().await.1.contains(r#""probe":"store","ready":false"#)
        })
        .await;
    until_told(&program, "the disk is full", FAILING, writes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_told_of_a_store_that_fails_while_it_still_fails() {
    // Each takes a minute, the delay of the notice.
    tokio::join!(killed(), another_password(), full_disk());
}
