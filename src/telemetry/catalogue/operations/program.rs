//! Metrics of the store, the tasks and the process.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::STORE,
    registry::labels::StoreCheck,
    registry::{
        families::{Family, Registrar},
        labels::{LogLevel, Loop, Probe, StoreFailure, StoreOperation, Task},
    },
};

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The commit that the program was built from; `unknown` in a build for development (`build.rs`).
pub const REVISION: &str = env!("SUPPORT_BOT_REVISION");
/// Version and commit, as `--version` says them.
pub const BUILD: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (commit ", env!("SUPPORT_BOT_REVISION"), ")");

/// Metrics of the store, the tasks and the process.
#[derive(Debug)]
pub struct ProgramMetrics {
    /// Duration of the store's operations.
    pub store_duration: Family<Histogram, StoreOperation>,
    /// Failures of the store; count through `events::store_failed`.
    pub(in crate::telemetry) store_errors: Family<Counter, StoreFailure>,
    /// Checks of the store's file; count through `telemetry::store_check`.
    pub(in crate::telemetry) store_checks: Family<Counter, StoreCheck>,
    /// Size of the store's files.
    pub store_size: Gauge,
    /// Panics; counted by the panic hook.
    pub(in crate::telemetry) panics: Family<Counter, Task>,
    /// Last turn of each loop; published from `Heartbeats`.
    pub(in crate::telemetry) heartbeat_timestamp: Family<Gauge, Loop>,
    /// Maximum time between its turns; published from `Heartbeats`.
    pub(in crate::telemetry) heartbeat_limit: Family<Gauge, Loop>,
    /// Log records; counted by the log layer.
    pub(in crate::telemetry) log_events: Family<Counter, LogLevel>,
    /// Whether the end of the previous run was unclean; set through `events::unclean_shutdown`.
    pub(in crate::telemetry) previous_shutdown_unclean: Gauge,
    /// Readiness; set through `Readiness`.
    pub(in crate::telemetry) ready: Family<Gauge, Probe>,
    /// Metrics of the process and of its runtime.
    pub(in crate::telemetry) process: ProcessMetrics,
    /// Always 1; its labels identify the build.
    pub(in crate::telemetry) _build_info: Gauge,
}

/// Metrics of the process and of its runtime, collected by `Telemetry::upkeep`.
#[derive(Debug)]
pub(in crate::telemetry) struct ProcessMetrics {
    pub(in crate::telemetry) cpu_seconds: Gauge,
    pub(in crate::telemetry) resident_bytes: Gauge,
    pub(in crate::telemetry) virtual_bytes: Gauge,
    pub(in crate::telemetry) open_fds: Gauge,
    pub(in crate::telemetry) max_fds: Gauge,
    pub(in crate::telemetry) threads: Gauge,
    pub(in crate::telemetry) start_timestamp: Gauge,
    pub(in crate::telemetry) tokio_workers: Gauge,
    pub(in crate::telemetry) tokio_alive_tasks: Gauge,
    pub(in crate::telemetry) tokio_global_queue: Gauge,
    pub(in crate::telemetry) tokio_busy_seconds: Gauge,
}

impl ProgramMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            store_duration: r.histograms(
                "supportbot_store_operation_duration_seconds",
                STORE,
                "Duration of the store's operations, including the time in its queue.",
            ),
            store_errors: r
                .counters("supportbot_store_errors_total", "Operations of the store that failed."),
            store_checks: r.counters(
                "supportbot_store_checks_total",
                "Checks of the store's file, by outcome: after an unclean shutdown, and with each backup.",
            ),
            store_size: r.gauge(
                "supportbot_store_size_bytes",
                "Size of the store's files, including the write-ahead log.",
            ),
            panics: r.counters(
                "supportbot_panics_total",
                "Panics by task. Each affects only the current work.",
            ),
            heartbeat_timestamp: r.gauges(
                "supportbot_task_heartbeat_timestamp_seconds",
                "When each loop last turned: completed a round, or waited for something that it is not responsible for. 0 if it is not watched.",
            ),
            heartbeat_limit: r.gauges(
                "supportbot_task_heartbeat_limit_seconds",
                "The longest time between two turns of each loop; after twice as long the program ends itself. 0 if it is not watched.",
            ),
            log_events: r.counters(
                "supportbot_log_events_total",
                "Log records of level warn and error, by level.",
            ),
            previous_shutdown_unclean: r.gauge(
                "supportbot_previous_shutdown_unclean",
                "1 if the previous run ended with an unclean shutdown (killed, out of memory, host lost).",
            ),
            ready: r.gauges(
                "supportbot_ready",
                "1 if the probe is ready. Draining is 1 until the program begins to stop.",
            ),
            process: ProcessMetrics::register(r),
            _build_info: r.info(
                "supportbot_build_info",
                "Always 1: version and revision of the running build.",
                &[("version", VERSION), ("revision", REVISION)],
            ),
        }
    }
}

impl ProcessMetrics {
    fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            cpu_seconds: r
                .fractional_counter("process_cpu_seconds_total", "User and system CPU time spent."),
            resident_bytes: r.gauge("process_resident_memory_bytes", "Resident memory."),
            virtual_bytes: r.gauge("process_virtual_memory_bytes", "Virtual memory."),
            open_fds: r.gauge("process_open_fds", "Open file descriptors."),
            max_fds: r.gauge("process_max_fds", "Limit of open file descriptors."),
            threads: r.gauge("process_threads", "Threads of the operating system."),
            start_timestamp: r.gauge("process_start_time_seconds", "When the process started."),
            tokio_workers: r.gauge("supportbot_tokio_workers", "Threads that run tasks."),
            tokio_alive_tasks: r.gauge("supportbot_tokio_alive_tasks", "Tasks that exist."),
            tokio_global_queue: r.gauge(
                "supportbot_tokio_global_queue_depth",
                "Tasks that wait in the runtime's global queue.",
            ),
            tokio_busy_seconds: r.fractional_counter(
                "supportbot_tokio_busy_seconds_total",
                "Time that the threads spent running tasks, summed over all threads.",
            ),
        }
    }
}
