//! Collects the metrics of the process and of the async runtime.

use tokio::runtime::Handle;

use crate::telemetry::{catalogue::ProcessMetrics, registry::units::figure};

/// Collects the metrics of the operating system.
pub(in crate::telemetry) fn process(gauges: &ProcessMetrics) {
    let figures = metrics_process::collector::collect();
    let whole = [
        (&gauges.resident_bytes, figures.resident_memory_bytes),
        (&gauges.virtual_bytes, figures.virtual_memory_bytes),
        (&gauges.open_fds, figures.open_fds),
        (&gauges.max_fds, figures.max_fds),
        (&gauges.threads, figures.threads),
        (&gauges.start_timestamp, figures.start_time_seconds),
    ];
    for (gauge, value) in whole {
        if let Some(value) = value {
            gauge.set(figure(value));
        }
    }
    if let Some(seconds) = figures.cpu_seconds_total {
        gauges.cpu_seconds.set(seconds);
    }
}

/// Collects the metrics of the current runtime. Does nothing outside a runtime.
pub(in crate::telemetry) fn runtime(gauges: &ProcessMetrics) {
    let Ok(handle) = Handle::try_current() else { return };
    let figures = handle.metrics();
    let workers = figures.num_workers();
    gauges.tokio_workers.set(figure(workers as u64));
    gauges.tokio_alive_tasks.set(figure(figures.num_alive_tasks() as u64));
    gauges.tokio_global_queue.set(figure(figures.global_queue_depth() as u64));
    let busy = (0..workers).map(|worker| figures.worker_total_busy_duration(worker).as_secs_f64());
    gauges.tokio_busy_seconds.set(busy.sum::<f64>());
}
