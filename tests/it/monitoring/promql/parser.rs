//! Parses `PromQL` queries.

use promql_parser::{
    label::Matcher,
    parser::{Expr, VectorSelector, parse},
};

/// A metric that a query reads.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) name: &'a str,
    pub(crate) matchers: Vec<&'a Matcher>,
    /// The function applied to it directly.
    pub(crate) under: Option<&'static str>,
}

/// The syntax tree of a query.
pub(crate) fn tree(query: &str) -> Result<Expr, String> {
    parse(query).map_err(|error| format!("cannot be read: {error}"))
}

/// The direct subexpressions.
pub(crate) fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Aggregate(of) => of.param.iter().chain([&of.expr]).map(|part| &**part).collect(),
        Expr::Unary(of) => vec![&*of.expr],
        Expr::Binary(of) => vec![&*of.lhs, &*of.rhs],
        Expr::Paren(of) => vec![&*of.expr],
        Expr::Subquery(of) => vec![&*of.expr],
        Expr::Call(of) => of.args.args.iter().map(|part| &**part).collect(),
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::Extension(_) => Vec::new(),
    }
}

/// The expression and all its subexpressions.
pub(crate) fn all(expr: &Expr) -> Vec<&Expr> {
    let inner = parts(expr).into_iter().flat_map(all);
    std::iter::once(expr).chain(inner).collect()
}

/// All metrics that an expression reads.
pub(crate) fn readings(expr: &Expr) -> Vec<Reading<'_>> {
    read_under(expr, None)
}

fn read_under<'a>(expr: &'a Expr, under: Option<&'static str>) -> Vec<Reading<'a>> {
    let reading = |selector: &'a VectorSelector| Reading {
        name: selector.name.as_deref().unwrap_or_default(),
        matchers: matchers(selector),
        under,
    };
    match expr {
        Expr::VectorSelector(selector) => vec![reading(selector)],
        Expr::MatrixSelector(matrix) => vec![reading(&matrix.vs)],
        Expr::Call(call) => {
            let arguments = call.args.args.iter();
            arguments.flat_map(|part| read_under(part, Some(call.func.name))).collect()
        }
        Expr::Paren(of) => read_under(&of.expr, under),
        Expr::Subquery(of) => read_under(&of.expr, under),
        Expr::Aggregate(_)
        | Expr::Unary(_)
        | Expr::Binary(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::Extension(_) => {
            parts(expr).into_iter().flat_map(|part| read_under(part, None)).collect()
        }
    }
}

/// All matchers of a selector except the one for the name.
fn matchers(selector: &VectorSelector) -> Vec<&Matcher> {
    let of = &selector.matchers;
    let all = of.matchers.iter().chain(of.or_matchers.iter().flatten());
    all.filter(|matcher| matcher.name != "__name__").collect()
}

#[test]
fn a_query_is_parsed() {
    let query = "sum by (job) (rate(a_total{x=\"1\"}[5m])) / (b > 0) and on (job) increase(c[1m:5s]) or absent(d)";
    let tree = tree(query).unwrap();
    let found = readings(&tree);
    let found: Vec<_> =
        found.iter().map(|reading| (reading.name, reading.matchers.len(), reading.under)).collect();
    let wanted = [
        ("a_total", 1, Some("rate")),
        ("b", 0, None),
        ("c", 0, Some("increase")),
        ("d", 0, Some("absent")),
    ];
    assert_eq!(found, wanted);
    assert!(super::tree("sum by (").is_err());
}
