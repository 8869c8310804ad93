//! Metrics and logs as Prometheus and people see them.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use support_bot::telemetry::{
    Catalogue, DeadReason, Handler, Kind, LogLevel, Outcome, Queue, StoreFailure, StoreOperation,
    Telemetry, events, logging,
};

/// Lines that a subscriber has written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(filter: &str, telemetry: &Telemetry, act: impl FnOnce()) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let json = logging::Format::Json;
    let subscriber =
        logging::subscriber(json, filter, telemetry.metrics(), move || writer.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, act);
    lines.text()
}

#[test]
fn exactly_the_metrics_of_the_catalogue_are_registered_at_the_start() {
    let telemetry = Telemetry::install().unwrap();
    // The answers in the owner's file.
    telemetry.expect_answers([(0, "heard", vec!["online"])].into_iter());
    let page = telemetry.render();
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let shown = types.map(|line| line.split_once(' ').unwrap()).collect::<BTreeSet<_>>();
    let catalogue = Catalogue::new();
    let listed = catalogue.metrics.iter().map(|metric| {
        let kind = match metric.kind {
            Kind::Counter | Kind::FractionalCounter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        (metric.name, kind)
    });
    assert_eq!(shown, listed.collect());
    assert!(page.contains(
        "supportbot_updates_handled_total{handler=\"user_message\",outcome=\"panic\"} 0"
    ));
}

#[test]
fn histograms_are_additive_and_have_a_bucket_at_the_promised_time() {
    let page = Telemetry::install().unwrap().render();
    assert!(!page.contains("quantile="));
    assert!(page.contains(
        "supportbot_delivery_duration_seconds_bucket{direction=\"user_to_operator\",outcome=\"delivered\",le=\"5\"} 0"
    ));
}

#[test]
fn metric_names_carry_their_unit_and_have_a_help_text() {
    let mut names = BTreeSet::new();
    for metric in Catalogue::new().metrics {
        let (name, counts) =
            (metric.name, !matches!(metric.kind, Kind::Gauge | Kind::Histogram(_)));
        assert!(names.insert(name), "{name} exists twice");
        assert!(name.starts_with("supportbot_") || name.starts_with("process_"), "{name}");
        assert_eq!(name.ends_with("_total"), counts, "{name}");
        assert!(!matches!(metric.kind, Kind::Histogram(_)) || name.ends_with("_seconds"), "{name}");
        assert!(metric.help.ends_with('.') && metric.help.len() > 10, "{name}");
    }
}

#[test]
fn there_are_fewer_than_two_thousand_series() {
    let page = Telemetry::install().unwrap().render();
    let buckets = page.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
    assert!(buckets < 2000, "{buckets}");
}

#[test]
fn two_desks_in_one_process_count_separately() {
    let (one, other) = (Telemetry::install().unwrap(), Telemetry::install().unwrap());
    one.metrics().updates.duplicate.increment(1);
    assert!(one.render().contains("supportbot_updates_duplicate_total 1"));
    assert!(other.render().contains("supportbot_updates_duplicate_total 0"));
}

#[test]
fn an_observation_is_found_in_its_bucket_after_the_upkeep() {
    let telemetry = Telemetry::install().unwrap();
    let took = Duration::from_millis(20);
    events::update_handled(telemetry.metrics(), 1, Handler::UserMessage, Outcome::Ok, took);
    telemetry.upkeep();
    let name = "supportbot_update_handle_duration_seconds_bucket{handler=\"user_message\"";
    assert!(telemetry.render().contains(&format!("{name},le=\"0.005\"}} 0")));
    assert!(telemetry.render().contains(&format!("{name},le=\"0.025\"}} 1")));
}

#[tokio::test]
async fn process_and_runtime_metrics_are_exposed() {
    let page = Telemetry::install().unwrap().render();
    for name in ["process_resident_memory_bytes", "process_open_fds", "supportbot_tokio_workers"] {
        let line = page.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(!line.ends_with(" 0"), "{line}");
    }
}

#[test]
fn the_catalogue_page_lists_every_metric() {
    let page = Catalogue::new().markdown();
    for metric in Catalogue::new().metrics {
        assert!(page.contains(&format!("| `{}` |", metric.name)));
    }
}

#[test]
fn warnings_and_errors_are_counted_as_they_are_logged() {
    let telemetry = Telemetry::install().unwrap();
    let lines = logged("info", &telemetry, || {
        events::dead_lettered(telemetry.metrics(), Queue::Inbox, DeadReason::Panic, 7, 1);
        events::unclean_shutdown(telemetry.metrics());
    });
    assert_eq!(lines.lines().count(), 2);
    let page = telemetry.render();
    for level in [LogLevel::Error, LogLevel::Warn] {
        assert!(page.contains(&format!("supportbot_log_events_total{{level=\"{level}\"}} 1")));
    }
    assert!(page.contains("supportbot_dead_lettered_total{queue=\"inbox\",reason=\"panic\"} 1"));
}

#[test]
fn libraries_that_log_requests_are_limited_to_warnings() {
    let telemetry = Telemetry::install().unwrap();
    let lines = logged("trace", &telemetry, || {
        tracing::debug!(target: "reqwest::connect", "a request");
        tracing::debug!(target: "hyper_util::client", "a request");
        tracing::warn!(target: "teloxide_core", "a warning");
    });
    assert!(!lines.contains("a request") && lines.contains("a warning"), "{lines}");
}

#[test]
fn a_lasting_store_failure_is_logged_once_and_so_is_its_recovery() {
    let telemetry = Telemetry::install().unwrap();
    let metrics = telemetry.metrics();
    let lines = logged("info", &telemetry, || {
        for _ in 0..100 {
            let error = io::Error::other("disk full");
            events::store_failed(metrics, StoreOperation::Commit, StoreFailure::Full, &error);
        }
        events::store_worked(metrics, StoreOperation::Commit, Duration::from_millis(1));
    });
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.contains("works again"));
    assert!(telemetry.render().contains("supportbot_store_errors_total{kind=\"full\"} 100"));
}

#[test]
fn repeatedly_failing_sends_are_logged_once() {
    let telemetry = Telemetry::install().unwrap();
    let lines = logged("info", &telemetry, || {
        for _ in 0..100 {
            events::send_postponed(telemetry.metrics());
        }
    });
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(lines.contains("unavailable for a send"), "{lines}");
}

#[test]
fn log_messages_are_constant_and_values_are_fields() {
    let mut files = Vec::new();
    for folder in ["src", "crates"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        assert_eq!(interpolated(&source), Vec::<String>::new(), "{}", file.display());
    }
    assert_eq!(interpolated("warn!(id, \"no {text}\");"), ["no {text}"]);
    let fine = "A => error!(%f(x), \"no (\"), B => format!(\"{x}\"),";
    assert_eq!(interpolated(fine), Vec::<String>::new());
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// String literals with placeholders inside log macros.
fn interpolated(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["error!(", "warn!(", "info!(", "debug!(", "trace!("] {
        for (start, _) in source.match_indices(name) {
            let literals = literals_of_call(&source[start + name.len()..]);
            found.extend(literals.into_iter().filter(|text| text.contains('{')));
        }
    }
    found
}

/// The string literals up to the closing parenthesis of the call.
fn literals_of_call(arguments: &str) -> Vec<String> {
    let (mut literals, mut literal, mut depth) = (Vec::new(), None::<String>, 1);
    let mut characters = arguments.chars();
    while depth > 0
        && let Some(character) = characters.next()
    {
        match (&mut literal, character) {
            (Some(_), '"') => literals.extend(literal.take()),
            (Some(text), '\\') => text.extend(characters.next()),
            (Some(text), other) => text.push(other),
            (None, '"') => literal = Some(String::new()),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
    }
    literals
}
