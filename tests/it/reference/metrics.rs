//! The page of metrics is generated from the catalogue.

use support_bot::telemetry::Catalogue;

use super::page::{assert_current, head};

#[test]
fn the_reference_of_metrics_matches_the_catalogue() {
    let markdown = Catalogue::new().markdown();
    let (_, table) = markdown.split_once("\n\n").unwrap();
    let page = head(
        "Metrics",
        "What `/metrics` of the operations server exposes, in Prometheus' format. [Alerts](alerts.md) tells what is watched.\n\
         `support-bot catalogue` prints this list. The page is sent compressed to clients that take gzip.\n\n\
         It is the classic text format. Native histograms, OpenMetrics and exemplars are left out: the exporter\n\
         (metrics-exporter-prometheus 0.18) gives a histogram native buckets only in protobuf and instead of the classic ones,\n\
         on which the rules are built, and has no exemplars.\n",
    ) + table.split_once("\n\n").map_or(table, |(_, table)| table);
    assert!(page.contains("| `supportbot_messages_lost_total` |"), "{page}");
    assert_current("docs/reference/metrics.md", &page);
}
