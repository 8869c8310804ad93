//! The metrics of the catalogue are used, and printed as they are.

use std::collections::BTreeSet;

use support_bot::telemetry::{Catalogue, Kind};

use super::{
    files::{dashboards, rules, text},
    promql::{readings, tree},
};

/// Metrics that no rule or panel uses, with the reason to keep them.
const UNUSED: [(&str, &str); 2] = [
    ("supportbot_flood_held_lanes", "what is held waits for its user, so nothing is wrong"),
    ("supportbot_flood_held_sends", "as the lanes"),
];

#[test]
fn every_metric_of_the_catalogue_is_used_by_a_rule_or_a_panel() {
    let mut queries: Vec<String> = rules().into_iter().map(|rule| rule.expr).collect();
    for dashboard in dashboards() {
        let panels = dashboard.panels();
        queries.extend(panels.iter().flat_map(|panel| dashboard.queries_of(panel)).map(|q| q.text));
        queries.extend(dashboard.annotations().into_iter().map(|query| query.text));
    }
    let trees: Vec<_> = queries.iter().map(|query| tree(query).unwrap()).collect();
    let used: BTreeSet<&str> =
        trees.iter().flat_map(readings).map(|reading| reading.name).collect();
    let is_used = |name: &str, kind: Kind| match kind {
        Kind::Counter | Kind::FractionalCounter | Kind::Gauge => used.contains(name),
        Kind::Histogram(_) => ["_bucket", "_sum", "_count"]
            .iter()
            .any(|suffix| used.contains(format!("{name}{suffix}").as_str())),
    };
    let catalogue = Catalogue::new();
    let unused = catalogue.metrics.iter().filter(|metric| !is_used(metric.name, metric.kind));
    let unused: Vec<&str> = unused.map(|metric| metric.name).collect();
    assert_eq!(unused, UNUSED.map(|(name, _why)| name), "left: metrics that nothing uses");
}

#[test]
fn the_list_of_metrics_matches_the_catalogue() {
    let same = text("monitoring/METRICS.md") == Catalogue::new().markdown();
    assert!(same, "regenerate it: cargo run -- catalogue > monitoring/METRICS.md");
}
