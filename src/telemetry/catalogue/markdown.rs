//! Renders the catalogue as a Markdown page.

use std::fmt::Write;

use crate::telemetry::{
    catalogue::Catalogue,
    registry::families::{Kind, Metric},
};

impl Catalogue {
    /// Renders a table of all metrics: name, type, unit, labels with their values, meaning.
    pub fn markdown(&self) -> String {
        let mut page = String::from(
            "# Metrics\n\n\
             Written by `support-bot catalogue`; every series exists from the start, with 0.\n\n\
             | name | type | unit | labels | meaning |\n|---|---|---|---|---|\n",
        );
        for metric in &self.metrics {
            let (kind, unit) = (kind(metric), unit(metric));
            let (name, labels, help) = (metric.name, labels(metric), metric.help);
            // Writing to a `String` cannot fail.
            let _ = writeln!(page, "| `{name}` | {kind} | {unit} | {labels} | {help} |");
        }
        page
    }
}

fn kind(metric: &Metric) -> String {
    match metric.kind {
        Kind::Counter | Kind::FractionalCounter => "counter".to_owned(),
        Kind::Gauge => "gauge".to_owned(),
        Kind::Histogram(bounds) => {
            let bounds = bounds.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
            format!("histogram: {bounds}")
        }
    }
}

fn unit(metric: &Metric) -> &'static str {
    let name = metric.name.trim_end_matches("_total");
    if name.ends_with("_timestamp_seconds") || name.ends_with("start_time_seconds") {
        "seconds since the epoch"
    } else if name.ends_with("_seconds") {
        "seconds"
    } else if name.ends_with("_bytes") {
        "bytes"
    } else {
        "count"
    }
}

fn labels(metric: &Metric) -> String {
    // Without the values: the version would change the page with every release.
    if metric.name.ends_with("_build_info") {
        return metric
            .labels
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    let one = |(name, values): &(&str, Vec<&str>)| {
        let values = if values.is_empty() {
            "as the welcome has them".to_owned()
        } else {
            values.join(", ")
        };
        format!("`{name}`: {values}")
    };
    metric.labels.iter().map(one).collect::<Vec<_>>().join("; ")
}
