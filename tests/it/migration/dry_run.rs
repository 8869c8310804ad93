//! `support-bot import` before and during the work: `--dry-run`, and the progress.

use std::path::Path;

use super::{
    import::{stored, user},
    stdout_of,
};
use crate::{harness::Desk, redis::Server};

/// Everything in a Redis except the expiry times.
fn contents_of(server: &Server) -> Vec<String> {
    let all = "local all = {} for _, key in ipairs(redis.call('KEYS', '*')) do \
               all[#all + 1] = key .. ' ' .. redis.sha1hex(redis.call('DUMP', key)) end \
               table.sort(all) return all";
    server.ask(&["EVAL", all, "0"]).lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_reports_the_changes_and_writes_nothing() {
    let server = Server::start();
    let mut desk = Desk::closed().await;
    desk.set("REDIS_URL", &server.url());
    user(&server, 1001, "901", r#", "is_banned": true"#);
    user(&server, 1002, "902", "");
    server.ask(&["HSET", "users", "-5", "{}"]);
    server.ask(&["SET", "request_id_counter", "42"]);
    let before = contents_of(&server);
    let printed = stdout_of(&desk.run(&["import", "--dry-run"]).await);
    for line in [
        "a dry run: this is what would be done, and nothing was written\n",
        "taken                  2\n    with their topic     2\n    banned               1\n",
        "skipped, the id is not a user id: 1: -5\n",
        "new requests would have numbers above 42\n",
    ] {
        assert!(printed.contains(line), "{line:?} is missing in\n{printed}");
    }
    assert_eq!(contents_of(&server), before);
    assert!(desk.start_error().await.contains("import first"), "no import is recorded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_beside_a_running_desk_reports_known_users() {
    let server = Server::start();
    for redis in [false, true] {
        let mut desk = Desk::closed().await;
        desk.set("REDIS_URL", if redis { server.url() } else { String::new() }.as_str());
        let from = server.url();
        let dry = ["import", "--dry-run", "--from", &from];
        user(&server, 1002, "902", "");
        let printed = stdout_of(&desk.run(&dry).await);
        assert!(printed.contains("taken                  1\n"), "{printed}");
        assert!(!Path::new(&desk.folder().join("desk.sqlite3")).exists());
        server.ask(&["DEL", "users"]);
        desk.open().await;
        desk.user(1001, "Ada").writes("hello");
        desk.settle().await;
        user(&server, 1001, "901", r#", "is_banned": true"#);
        user(&server, 1002, &desk.topic().to_string(), "");
        let printed = stdout_of(&desk.run(&dry).await);
        for line in [
            "taken                  1\n    with their topic     0\n",
            "known to the desk      1: their existing data stays\n",
            "banned now           1\n",
            "which belongs to another user in this desk: 1: 1002\n",
        ] {
            assert!(printed.contains(line), "{line:?} is missing in\n{printed}");
        }
        assert!(!stored(&desk, 1001).await.unwrap().moderation.banned);
        assert!(stored(&desk, 1002).await.is_none());
        server.ask(&["DEL", "users"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_import_reports_its_progress() {
    let server = Server::start();
    let desk = Desk::closed().await;
    user(&server, 1001, "901", "");
    let from = server.url();
    let few = desk.run(&["import", "--from", &from]).await;
    stdout_of(&few);
    assert_eq!(String::from_utf8(few.stderr).unwrap(), "");
    let many = "for id = 1, 30000 do redis.call('HSET', 'users', id, '{}') end";
    server.ask(&["EVAL", many, "0"]);
    let output = desk.run(&["import", "--from", &from]).await;
    let printed = stdout_of(&output);
    assert!(printed.contains("taken                  29999\n"), "{printed}");
    let lines = String::from_utf8(output.stderr).unwrap();
    assert!(lines.contains("users taken over: ") && lines.contains(" of 30000\n"), "{lines}");
}
