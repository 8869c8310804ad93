//! Computes the labels of a query's result by Prometheus' rules.

use std::collections::BTreeMap;

use promql_parser::parser::{
    AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality, value::ValueType,
};

use super::schema::{Known, Labels, Values};

/// The labels that the result of an expression is certain to have.
pub(crate) fn result_labels(expr: &Expr, known: &Known) -> Labels {
    match expr {
        Expr::VectorSelector(selector) => read(selector.name.as_deref(), known),
        Expr::MatrixSelector(matrix) => read(matrix.vs.name.as_deref(), known),
        Expr::Paren(of) => result_labels(&of.expr, known),
        Expr::Unary(of) => result_labels(&of.expr, known),
        Expr::Subquery(of) => result_labels(&of.expr, known),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Labels::none(),
        Expr::Call(call) => call_labels(call, known),
        Expr::Aggregate(aggregate) => aggregate_labels(aggregate, known),
        Expr::Binary(binary) => binary_labels(binary, known),
    }
}

/// An unknown metric may have any labels; `names.rs` reports that it does not exist.
fn read(name: Option<&str>, known: &Known) -> Labels {
    name.and_then(|name| known.labels(name)).unwrap_or(Labels::Open)
}

fn call_labels(call: &Call, known: &Known) -> Labels {
    let argument = call.args.args.iter().find(|part| is_vector(part));
    let labels = argument.map_or_else(Labels::none, |part| result_labels(part, known));
    match call.func.name {
        "absent" | "absent_over_time" => Labels::none(),
        "label_replace" | "label_join" => Labels::Open,
        "histogram_quantile" => remove(labels, &["le".to_owned()]),
        _ => labels,
    }
}

fn aggregate_labels(aggregate: &AggregateExpr, known: &Known) -> Labels {
    let inner = result_labels(&aggregate.expr, known);
    match aggregate.op.to_string().as_str() {
        "topk" | "bottomk" | "limitk" | "limit_ratio" => return inner,
        "count_values" => return Labels::Open,
        _ => {}
    }
    match &aggregate.modifier {
        None => Labels::none(),
        Some(LabelModifier::Include(labels)) => keep_only(inner, &labels.labels),
        Some(LabelModifier::Exclude(labels)) => remove(inner, &labels.labels),
    }
}

fn binary_labels(binary: &BinaryExpr, known: &Known) -> Labels {
    let (left, right) = (result_labels(&binary.lhs, known), result_labels(&binary.rhs, known));
    match binary.op.to_string().as_str() {
        "and" | "unless" => return left,
        "or" => return common(left, right),
        _ => {}
    }
    match (is_vector(&binary.lhs), is_vector(&binary.rhs)) {
        (false, _) => return right,
        (true, false) => return left,
        (true, true) => {}
    }
    let Some(modifier) = &binary.modifier else { return left };
    match &modifier.card {
        VectorMatchCardinality::ManyToOne(more) => add(left, &right, &more.labels),
        VectorMatchCardinality::OneToMany(more) => add(right, &left, &more.labels),
        VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany => {
            match &modifier.matching {
                None => left,
                Some(LabelModifier::Include(labels)) => keep_only(left, &labels.labels),
                Some(LabelModifier::Exclude(labels)) => remove(left, &labels.labels),
            }
        }
    }
}

fn is_vector(expr: &Expr) -> bool {
    matches!(expr.value_type(), ValueType::Vector | ValueType::Matrix)
}

fn keep_only(labels: Labels, names: &[String]) -> Labels {
    match labels {
        Labels::Open => Labels::Closed(names.iter().map(|n| (n.clone(), Values::Any)).collect()),
        Labels::Closed(mut labels) => {
            labels.retain(|name, _| names.contains(name));
            Labels::Closed(labels)
        }
    }
}

fn remove(labels: Labels, names: &[String]) -> Labels {
    match labels {
        Labels::Open => Labels::Open,
        Labels::Closed(mut labels) => {
            labels.retain(|name, _| !names.contains(name));
            Labels::Closed(labels)
        }
    }
}

/// These labels, and the named ones of `others`.
fn add(labels: Labels, others: &Labels, names: &[String]) -> Labels {
    let (Labels::Closed(mut labels), Labels::Closed(others)) = (labels, others) else {
        return Labels::Open;
    };
    let more = names.iter().filter_map(|name| Some((name.clone(), others.get(name)?.clone())));
    labels.extend(more.collect::<BTreeMap<_, _>>());
    Labels::Closed(labels)
}

/// The labels that both sides of an `or` have, with the values of either side.
fn common(left: Labels, right: Labels) -> Labels {
    let (left, mut right) = match (left, right) {
        (Labels::Open, other) | (other, Labels::Open) => return other,
        (Labels::Closed(left), Labels::Closed(right)) => (left, right),
    };
    let both = |(name, values): (String, Values)| {
        let values = match (values, right.remove(&name)?) {
            (Values::Of(mut here), Values::Of(there)) => {
                here.extend(there);
                Values::Of(here)
            }
            (Values::Any, Values::Any | Values::Of(_)) | (Values::Of(_), Values::Any) => {
                Values::Any
            }
        };
        Some((name, values))
    };
    Labels::Closed(left.into_iter().filter_map(both).collect())
}

#[test]
fn the_labels_of_a_result_follow_the_rules_of_prometheus() {
    let known = Known::new(&support_bot::telemetry::Catalogue::new(), &[]);
    let labels = |query: &str| match result_labels(&super::parser::tree(query).unwrap(), &known) {
        Labels::Open => "open".to_owned(),
        Labels::Closed(labels) => labels.into_keys().collect::<Vec<_>>().join(" "),
    };
    for (query, wanted) in [
        ("supportbot_dead_letters", "instance job queue service"),
        ("sum(supportbot_dead_letters)", ""),
        ("sum by (queue) (supportbot_dead_letters) > 0", "queue"),
        ("sum without (queue) (supportbot_dead_letters)", "instance job service"),
        ("1 - max by (queue) (supportbot_dead_letters)", "queue"),
        ("topk(3, supportbot_dead_letters)", "instance job queue service"),
        ("time() - vector(1)", ""),
        ("absent(up)", ""),
        ("supportbot_dead_letters and on (job) up", "instance job queue service"),
        ("sum by (job, queue) (supportbot_dead_letters) / on (job) sum by (job) (up)", "job"),
        ("sum by (queue) (supportbot_dead_letters) or sum(up)", ""),
        (
            "up * on (job, instance) group_left (version) supportbot_build_info",
            "instance job service version",
        ),
        (
            "histogram_quantile(0.9, sum by (job, le) (rate(supportbot_queue_wait_seconds_bucket[5m])))",
            "job",
        ),
        ("redis_up", "open"),
        ("sum by (role) (redis_up)", "role"),
    ] {
        assert_eq!(labels(query), wanted, "{query}");
    }
}
