//! Parses the monitoring files: rules with their tests, dashboards, runbooks.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value;

/// A Prometheus rule: a recording rule or an alert.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Rule {
    pub(super) record: Option<String>,
    pub(super) alert: Option<String>,
    pub(super) expr: String,
    /// How long the condition must hold.
    #[serde(rename = "for")]
    pub(super) wait: Option<String>,
    pub(super) keep_firing_for: Option<String>,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
}

impl Rule {
    /// The name of the alert or of the recorded series.
    pub(super) fn name(&self) -> &str {
        self.record.as_deref().or(self.alert.as_deref()).unwrap()
    }
}

/// One check of an alert in a rule test.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TestedAlert {
    pub(super) alertname: String,
    #[serde(default)]
    pub(super) exp_alerts: Vec<serde_norway::Value>,
}

/// A query and its location.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) place: String,
    pub(super) text: String,
    /// Labels of the result that a text shows, in double braces.
    pub(super) shown: Vec<String>,
}

/// A Grafana dashboard.
#[derive(Debug, Clone)]
pub(super) struct Dashboard {
    pub(super) file: String,
    pub(super) json: Value,
}

impl Dashboard {
    pub(super) fn uid(&self) -> &str {
        self.json["uid"].as_str().unwrap_or_default()
    }

    /// All panels except rows, including the panels of collapsed rows.
    pub(super) fn panels(&self) -> Vec<&Value> {
        let top = list(&self.json["panels"]);
        let all =
            top.iter().flat_map(|panel| std::iter::once(*panel).chain(list(&panel["panels"])));
        all.filter(|panel| panel["type"] != "row").collect()
    }

    /// A description of a panel's location.
    pub(super) fn place(&self, panel: &Value) -> String {
        format!("{}: {}", self.uid(), panel["title"].as_str().unwrap_or("a panel without a title"))
    }

    /// The queries of a panel.
    pub(super) fn queries_of(&self, panel: &Value) -> Vec<Query> {
        let one = |target: &&Value| Query {
            place: self.place(panel),
            text: filled(target["expr"].as_str().unwrap_or_default()),
            shown: shown(target["legendFormat"].as_str().unwrap_or_default()),
        };
        list(&panel["targets"]).iter().map(one).collect()
    }

    /// The queries of annotations; Grafana's built-in annotation has none.
    pub(super) fn annotations(&self) -> Vec<Query> {
        let all = list(&self.json["annotations"]["list"]);
        let asked = all.iter().filter(|annotation| annotation["builtIn"] != 1);
        let one = |annotation: &&Value| {
            let words = |key: &str| annotation[key].as_str().unwrap_or_default().to_owned();
            Query {
                place: format!("{}: annotation {}", self.uid(), words("name")),
                text: filled(&words("expr")),
                shown: shown(&(words("titleFormat") + &words("textFormat"))),
            }
        };
        asked.map(one).collect()
    }

    /// The queries of variables, each with the label whose values it lists.
    pub(super) fn variables(&self) -> Vec<(Query, String)> {
        let all = list(&self.json["templating"]["list"]);
        let asked = all.iter().filter(|variable| variable["type"] == "query");
        let one = |variable: &&Value| {
            let place = format!("{}: variable {}", self.uid(), variable["name"]);
            let query = &variable["query"];
            let text = query.as_str().or(query["query"].as_str()).unwrap_or_default();
            let inner = text.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
            let inner =
                inner.unwrap_or_else(|| panic!("{place} does not use label_values(): {text}"));
            let (selector, label) = inner.rsplit_once(", ").unwrap();
            let query = Query { place, text: filled(selector), shown: vec![label.to_owned()] };
            (query, label.to_owned())
        };
        asked.map(one).collect()
    }
}

/// A runbook.
#[derive(Debug, Clone)]
pub(super) struct Runbook {
    /// The alert that the runbook explains.
    pub(super) alert: String,
    pub(super) text: String,
}

impl Runbook {
    /// The queries of its fenced blocks, one per line.
    pub(super) fn queries(&self) -> Vec<Query> {
        let mut inside = false;
        let mut found = Vec::new();
        for line in self.text.lines().map(str::trim) {
            if let Some(fence) = line.split_once("```") {
                inside = fence.1 == "promql";
            } else if inside && !line.is_empty() && !line.starts_with('#') {
                let place = format!("{}.md", self.alert);
                found.push(Query { place, text: line.to_owned(), shown: Vec::new() });
            }
        }
        found
    }
}

/// The project's folder.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file; the path is relative to the project's folder.
pub(super) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files of a folder with this extension, sorted by name; there must be at least one.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|e| panic!("{folder}: {e}"));
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no files in {folder}");
    paths
}

/// All rules.
pub(super) fn rules() -> Vec<Rule> {
    #[derive(Deserialize)]
    struct File {
        groups: Vec<Group>,
    }
    #[derive(Deserialize)]
    struct Group {
        rules: Vec<Rule>,
    }
    let read = |path: PathBuf| {
        let file: File = serde_norway::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        file.groups.into_iter().flat_map(|group| group.rules)
    };
    files("prometheus/rules", "yml").into_iter().flat_map(read).collect()
}

/// The alerts that rule tests check.
pub(super) fn tested_alerts() -> Vec<TestedAlert> {
    #[derive(Deserialize)]
    struct File {
        tests: Vec<Test>,
    }
    #[derive(Deserialize)]
    struct Test {
        #[serde(default)]
        alert_rule_test: Vec<TestedAlert>,
    }
    let read = |path: PathBuf| {
        let file: File = serde_norway::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        file.tests.into_iter().flat_map(|test| test.alert_rule_test)
    };
    files("prometheus/rules/tests", "yml").into_iter().flat_map(read).collect()
}

/// All dashboards.
pub(super) fn dashboards() -> Vec<Dashboard> {
    let read = |path: PathBuf| Dashboard {
        file: path.file_name().unwrap().to_str().unwrap().to_owned(),
        json: serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap(),
    };
    files("grafana/dashboards", "json").into_iter().map(read).collect()
}

/// All runbooks.
pub(super) fn runbooks() -> Vec<Runbook> {
    let read = |path: PathBuf| Runbook {
        alert: path.file_stem().unwrap().to_str().unwrap().to_owned(),
        text: fs::read_to_string(&path).unwrap(),
    };
    files("monitoring/runbooks", "md").into_iter().map(read).collect()
}

/// The elements of a list; empty for any other value.
pub(super) fn list(value: &Value) -> Vec<&Value> {
    value.as_array().into_iter().flatten().collect()
}

/// A query as Grafana sends it, with values for its variables.
fn filled(query: &str) -> String {
    [
        ("$__rate_interval", "1m"),
        ("$__interval", "15s"),
        ("$__range", "1h"),
        ("$job", "supportbot"),
        ("$instance", ".+"),
    ]
    .into_iter()
    .fold(query.to_owned(), |query, (variable, value)| query.replace(variable, value))
}

/// The labels in double braces, as in legends.
fn shown(text: &str) -> Vec<String> {
    let parts = text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}"));
    parts.map(|(label, _)| label.trim().to_owned()).collect()
}
