//! The panic hook.

use std::{
    io::{self, Write},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
};

use futures_util::FutureExt as _;
use support_bot::telemetry::{Task, Telemetry, logging, panics};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_is_counted_in_its_task_and_what_it_said_is_not_logged() {
    let _alone = crate::alone();
    let telemetry = Telemetry::install().unwrap();
    panics::install(telemetry.metrics());
    let lines = Lines::default();
    let writer = lines.clone();
    let pretty = logging::Format::Pretty;
    let subscriber =
        logging::subscriber(pretty, "info", telemetry.metrics(), move || writer.clone()).unwrap();
    let guard = tracing::subscriber::set_default(subscriber);

    let task = async { panic!("hello, I am Ada, +79161234567") };
    let task = panics::within(Task::Worker, telemetry.metrics().clone(), task);
    let ended = AssertUnwindSafe(task).catch_unwind().now_or_never().unwrap();

    drop(guard);
    assert!(ended.is_err());
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("panics.rs") && !text.contains("Ada"), "{text}");
    assert!(telemetry.render().contains("supportbot_panics_total{task=\"worker\"} 1"));
}
