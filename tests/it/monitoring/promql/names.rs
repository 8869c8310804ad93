//! Every metric, label and label value in a query exists.

use promql_parser::{
    label::{MatchOp, Matcher},
    parser::{Expr, LabelModifier, VectorMatchCardinality},
};
use support_bot::telemetry::Catalogue;

use super::{
    labels::result_labels,
    parser::{Reading, all, readings, tree},
    schema::{Known, Labels, Values},
};
use crate::monitoring::files::{Query, Rule, dashboards, rules, runbooks};

/// Describes the errors in a query.
pub(crate) fn mistakes(query: &Query, known: &Known) -> Vec<String> {
    let mut found = match tree(&query.text) {
        Err(error) => vec![error],
        Ok(expr) => {
            let mut found: Vec<String> = readings(&expr)
                .iter()
                .flat_map(|reading| reading_mistakes(reading, known))
                .collect();
            found.extend(all(&expr).into_iter().flat_map(|part| grouping_mistakes(part, known)));
            let result = result_labels(&expr, known);
            let lost = query.shown.iter().filter(|label| !result.has(label));
            found
                .extend(lost.map(|label| format!("shows {label}, which the result does not have")));
            found
        }
    };
    for words in &mut found {
        let text: Vec<&str> = query.text.split_whitespace().collect();
        *words = format!("{}: {words}: {}", query.place, text.join(" "));
    }
    found
}

fn reading_mistakes(reading: &Reading<'_>, known: &Known) -> Vec<String> {
    let name = reading.name;
    let Some(labels) = known.labels(name) else { return vec![format!("no metric {name}")] };
    let Labels::Closed(labels) = labels else { return Vec::new() };
    let of_matcher = |matcher: &&Matcher| match labels.get(&matcher.name) {
        None => vec![format!("{name} has no label {}", matcher.name)],
        Some(_) if matcher.name == "le" => bound_mistakes(matcher, known.bounds(name)),
        Some(Values::Any) => Vec::new(),
        Some(Values::Of(values)) => {
            let alternatives = alternatives(matcher);
            let never =
                |one: &&Matcher| !values.iter().any(|value| one.is_match(value) != negated(one));
            alternatives
                .iter()
                .filter(never)
                .map(|one| format!("{} of {name} never has the value {}", one.name, one.value))
                .collect()
        }
    };
    reading.matchers.iter().flat_map(of_matcher).collect()
}

fn negated(matcher: &Matcher) -> bool {
    matches!(matcher.op, MatchOp::NotEqual | MatchOp::NotRe(_))
}

/// One matcher for each alternative of a regular expression without brackets: each must match something.
fn alternatives(matcher: &Matcher) -> Vec<Matcher> {
    let is_list = matches!(matcher.op, MatchOp::Re(_) | MatchOp::NotRe(_))
        && !matcher.value.contains(['(', '\\', '[']);
    if !is_list {
        return vec![matcher.clone()];
    }
    let one = |value: &str| {
        let query = format!("x{{{}{}\"{value}\"}}", matcher.name, matcher.op);
        let Ok(Expr::VectorSelector(selector)) = tree(&query) else { panic!("{query}") };
        selector.matchers.matchers[0].clone()
    };
    matcher.value.split('|').map(one).collect()
}

/// Prometheus 2 stores the bound 5 as `5`, Prometheus 3 as `5.0`: a query must match both forms of an integer.
fn bound_mistakes(matcher: &Matcher, bounds: Option<&[f64]>) -> Vec<String> {
    let written = &matcher.value;
    if written == "+Inf" {
        return Vec::new();
    }
    let whole = written.strip_suffix("(\\.0)?").filter(|_| matches!(matcher.op, MatchOp::Re(_)));
    let number: Option<f64> = whole.unwrap_or(written).parse().ok();
    let Some(number) = number else { return vec![format!("{written} is not a number")] };
    let mut found = Vec::new();
    if number.fract() == 0.0 && whole.is_none() {
        found.push(format!("le must be written =~\"{number}(\\\\.0)?\", for Prometheus 2 and 3"));
    }
    let is_bound = |bound: &f64| (bound - number).abs() < f64::EPSILON;
    if !bounds.is_none_or(|bounds| bounds.iter().any(is_bound)) {
        found.push(format!("{number} is not a bound of the histogram"));
    }
    found
}

/// Labels in a grouping or a vector match that do not exist.
fn grouping_mistakes(expr: &Expr, known: &Known) -> Vec<String> {
    let lost = |labels: &Labels, names: &[String]| -> Vec<String> {
        let lost = names.iter().filter(|name| !labels.has(name));
        lost.map(|name| format!("no label {name} to group or match by")).collect()
    };
    let listed = |modifier: &LabelModifier| modifier.labels().labels.clone();
    match expr {
        Expr::Aggregate(aggregate) => {
            let names = aggregate.modifier.as_ref().map(listed).unwrap_or_default();
            lost(&result_labels(&aggregate.expr, known), &names)
        }
        Expr::Binary(binary) => {
            let Some(modifier) = &binary.modifier else { return Vec::new() };
            let names = modifier.matching.as_ref().map(listed).unwrap_or_default();
            let (left, right) =
                (result_labels(&binary.lhs, known), result_labels(&binary.rhs, known));
            let mut found = lost(&left, &names);
            found.extend(lost(&right, &names));
            match &modifier.card {
                VectorMatchCardinality::ManyToOne(more) => found.extend(lost(&right, &more.labels)),
                VectorMatchCardinality::OneToMany(more) => found.extend(lost(&left, &more.labels)),
                VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany => {}
            }
            found
        }
        Expr::Unary(_)
        | Expr::Paren(_)
        | Expr::Subquery(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::Call(_)
        | Expr::Extension(_) => Vec::new(),
    }
}

/// The query of a rule, with the labels that the alert's annotations show.
pub(crate) fn queries_of(rule: &Rule) -> Query {
    let shown = rule.annotations.values().flat_map(|words| words.split("$labels.").skip(1));
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let shown = shown.map(|rest| rest.split(|c| !is_part(c)).next().unwrap_or_default().to_owned());
    Query { place: rule.name().to_owned(), text: rule.expr.clone(), shown: shown.collect() }
}

/// Every query of every monitoring file.
pub(crate) fn everything() -> Vec<Query> {
    let mut queries: Vec<Query> = rules().iter().map(queries_of).collect();
    for dashboard in dashboards() {
        queries
            .extend(dashboard.panels().into_iter().flat_map(|panel| dashboard.queries_of(panel)));
        queries.extend(dashboard.annotations());
        queries.extend(dashboard.variables().into_iter().map(|(query, _)| query));
    }
    queries.extend(runbooks().iter().flat_map(crate::monitoring::files::Runbook::queries));
    queries
}

#[test]
fn every_metric_label_and_value_in_a_query_exists() {
    let known = Known::new(&Catalogue::new(), &rules());
    let queries = everything();
    assert!(queries.len() > 200, "only {} queries were found", queries.len());
    let found: Vec<String> = queries.iter().flat_map(|query| mistakes(query, &known)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_unknown_metric_label_or_value_is_reported() {
    let rule = Rule {
        record: Some("queue:dead:sum".to_owned()),
        expr: "sum by (queue) (supportbot_dead_letters)".to_owned(),
        ..Rule::default()
    };
    let alert = Rule {
        alert: Some("Full".to_owned()),
        expr: "queue:dead:sum > 0".to_owned(),
        labels: [("severity".to_owned(), "critical".to_owned())].into(),
        annotations: [(
            "summary".to_owned(),
            "{{ $labels.queue }} of {{ $labels.job }}".to_owned(),
        )]
        .into(),
        ..Rule::default()
    };
    let known = Known::new(&Catalogue::new(), &[rule, alert.clone()]);
    let complaints = |text: &str| {
        let query = Query { place: "here".to_owned(), text: text.to_owned(), shown: Vec::new() };
        mistakes(&query, &known).len()
    };
    let buckets = "supportbot_delivery_duration_seconds_bucket";
    for right in [
        "supportbot_dead_letters{queue=\"inbox\"}",
        "supportbot_dead_letters{queue=~\"in.+|outbox\", job=\"supportbot\", instance=~\"a|b\"}",
        "supportbot_queue_processed_total{outcome!~\"ok|retry\"}",
        "queue:dead:sum{queue=\"inbox\"}",
        "ALERTS{alertname=\"Full\", severity=\"critical\", alertstate=\"firing\"}",
        "redis_up{whatever=\"x\"} + node_load1 + process_open_fds",
        &format!(
            "{buckets}{{le=~\"5(\\\\.0)?\"}} - {buckets}{{le=\"0.1\"}} - {buckets}{{le=\"+Inf\"}}"
        ),
        "supportbot_dead_letters * on (job, instance) group_left (version) supportbot_build_info",
    ] {
        assert_eq!(complaints(right), 0, "{right}");
    }
    for wrong in [
        "supportbot_dead_letters{queue=\"mailbox\"}",
        "supportbot_dead_letters{queue=~\"inbox|mailbox\"}",
        "supportbot_dead_letters{queue!=\"mailbox\"}",
        "supportbot_dead_letters{reason=\"blocked\"}",
        "supportbot_dead_letter",
        "supportbot_queue_wait_seconds",
        "sum by (reason) (supportbot_dead_letters)",
        "supportbot_dead_letters and on (queue) up",
        "up * on (job, instance) group_left (edition) supportbot_build_info",
        "queue:dead:sum{job=\"supportbot\"}",
        "queue:dead:rate5m",
        "ALERTS{alertname=\"Empty\"}",
        "up{job=\"supportbot\"",
        &format!("{buckets}{{le=\"5\"}}"),
        &format!("{buckets}{{le=\"5.0\"}}"),
        &format!("{buckets}{{le=~\"7(\\\\.0)?\"}}"),
        &format!("{buckets}{{le=~\"5.*\"}}"),
    ] {
        assert_eq!(complaints(wrong), 1, "{wrong}");
    }
    let lost = mistakes(&queries_of(&alert), &known);
    assert!(lost.len() == 1 && lost[0].contains("shows job"), "{lost:?}");
}
