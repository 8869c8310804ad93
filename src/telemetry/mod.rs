//! Observability: metrics, logs, error reports, health.
//!
//! Invariant: nothing private leaves the process. Labels are closed, log fields are numbers and
//! closed words, and reports to Sentry are rebuilt from an allow-list.

mod catalogue;
pub mod crashes;
pub mod events;
mod health;
pub mod logging;
mod registry;
pub mod sentry;

use std::sync::Arc;

use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

pub use catalogue::{
    BUILD, BackupMetrics, BudgetMetrics, Catalogue, DELIVERY_TARGET, DeskMetrics, Handles,
    HeartbeatMetrics, MachineMetrics, Metrics, NewsletterMetrics, OwnerMetrics, ProgramMetrics,
    QueueMetrics, REVISION, RedisMetrics, ReplicaMetrics, TelegramMetrics, TrackerMetrics,
    UpdateMetrics, VERSION, WebhookMetrics, WelcomeMetrics,
};
pub use crashes::panics;
pub use events::{limit, newsletters, owner, store_check, tracker};
pub use health::{Heartbeats, ProbeState, Readiness, Stale, Standstill, waiting};
use registry::{collect, families};
pub use registry::{
    families::{Family, Kind, Labels, Metric},
    label::Label,
    labels::*,
    units::{Took, figure, timestamp},
};

/// The metrics of one desk and their exposition. Cheap to clone.
///
/// Each desk has its own recorder, so that several desks can run in one process; no recorder is global.
#[derive(Debug, Clone)]
pub struct Telemetry {
    metrics: Metrics,
    recorder: PrometheusHandle,
    /// Registers series that are known only after files were read.
    registers: Arc<PrometheusRecorder>,
    /// Counters that the exporter knows as gauges.
    fractional: Vec<&'static str>,
}

impl Telemetry {
    /// Creates every series with the value 0.
    pub fn install() -> Result<Self, BuildError> {
        let mut builder = PrometheusBuilder::new();
        let catalogue = Catalogue::new();
        for metric in &catalogue.metrics {
            if let Kind::Histogram(bounds) = metric.kind {
                let name = Matcher::Full(metric.name.to_owned());
                builder = builder.set_buckets_for_metric(name, bounds)?;
            }
        }
        let recorder = builder.build_recorder();
        let metrics = Metrics::register(&mut families::Registrar::on(&recorder));
        let fractional =
            catalogue.metrics.iter().filter(|metric| metric.kind == Kind::FractionalCounter);
        let fractional = fractional.map(|metric| metric.name).collect();
        let handle = recorder.handle();
        let registers = Arc::new(recorder);
        let telemetry = Self { metrics, recorder: handle, registers, fractional };
        telemetry.upkeep();
        Ok(telemetry)
    }

    /// The handles of all metrics.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Creates every series of the welcome's answers with the value 0. `all` has the position and key of each question,
    /// with the keys of its answers.
    pub fn expect_answers<'a>(&self, all: impl Iterator<Item = (usize, &'a str, Vec<&'a str>)>) {
        self.metrics.welcome.answers.expect(&self.registers, all);
    }

    /// Renders all metrics in Prometheus' text format.
    pub fn render(&self) -> String {
        let mut page = self.recorder.render();
        for name in &self.fractional {
            page = page.replace(&format!("# TYPE {name} gauge"), &format!("# TYPE {name} counter"));
        }
        page
    }

    /// Aggregates observations into their histograms and collects the metrics of the process.
    ///
    /// Call it every five seconds: observations that are not aggregated stay in memory one by one.
    pub fn upkeep(&self) {
        self.recorder.run_upkeep();
        collect::process(&self.metrics.program.process);
        collect::runtime(&self.metrics.program.process);
    }
}
