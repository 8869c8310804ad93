//! Every dashboard is readable for someone woken at night, and protected against accidental changes.
//!
//! `grafana/write --check` verifies that the files match `grafana/source` and that each panel's threshold is that of
//! its alert.

use std::{collections::BTreeSet, fmt::Write as _, fs};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use support_bot::telemetry::Catalogue;

use super::{
    files::{Dashboard, Query, dashboards, list, root, rules, runbooks, text},
    promql::{Known, readings, tree},
};

/// Type of panels with text only.
const WORDS_ONLY: &str = "text";
/// Functions that turn a counter into its growth.
const GROWTH: [&str; 5] = ["rate", "irate", "increase", "resets", "changes"];

fn mistakes(dashboard: &Dashboard, known: &Known, pages: &BTreeSet<String>) -> Vec<String> {
    let json = &dashboard.json;
    let mut found = Vec::new();
    let mut must = |so: bool, words: &str| {
        if !so {
            found.push(format!("{}: {words}", dashboard.uid()));
        }
    };
    must(
        dashboard.file == format!("{}.json", dashboard.uid()),
        "the file must have the name of the uid",
    );
    must(!string(json, "title").is_empty(), "no title");
    must(!string(json, "description").is_empty(), "no description");
    must(json["editable"] == false, "the dashboard must not be editable");
    let keeps_context = |link: &&Value| link["keepTime"] == true && link["includeVars"] == true;
    must(
        list(&json["links"]).iter().any(keeps_context),
        "no links to the other dashboards that keep the time and the variables",
    );
    let variables = list(&json["templating"]["list"]);
    let named = |name: &str| variables.iter().any(|variable| variable["name"] == name);
    must(
        variables.iter().any(|one| one["type"] == "datasource"),
        "no variable for the data source",
    );
    must(named("job") && named("instance"), "no variables for job and instance");
    let stale = |one: &&Value| one["type"] == "query" && one["refresh"] != 2;
    must(!variables.iter().any(stale), "every variable must refresh when the time range changes");
    let annotations = dashboard.annotations();
    must(annotations.len() >= 3, "no annotations for restarts, deploys and alerts");
    let drawn = list(&json["annotations"]["list"]);
    let is_region = |one: &&Value| one["expr"].is_string() && one["useValueForTime"] != true;
    must(!drawn.iter().any(is_region), "an annotation is a region, which washes out the graphs");
    must(!annotations.iter().any(counts_others), "an annotation shows alerts of other services");
    let optional = |row: &&Value| row["type"] == "row" && string(row, "title").contains(": only ");
    let open = |row: &&Value| optional(row) && row["collapsed"] != true;
    must(!list(&json["panels"]).iter().any(open), "a row that may be empty is open");
    let ids: BTreeSet<_> = dashboard.panels().iter().map(|panel| panel["id"].as_u64()).collect();
    must(ids.len() == dashboard.panels().len(), "two panels have the same id");
    for panel in dashboard.panels() {
        let place = dashboard.place(panel);
        let wrong = panel_mistakes(dashboard, panel, known, pages);
        found.extend(wrong.into_iter().map(|words| format!("{place}: {words}")));
    }
    found
}

fn panel_mistakes(
    dashboard: &Dashboard,
    panel: &Value,
    known: &Known,
    pages: &BTreeSet<String>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut must = |so: bool, words: String| {
        if !so {
            found.push(words);
        }
    };
    must(!string(panel, "title").is_empty(), "no title".to_owned());
    if panel["type"] == WORDS_ONLY {
        return found;
    }
    must(!string(panel, "description").is_empty(), "no description".to_owned());
    let defaults = &panel["fieldConfig"]["defaults"];
    must(!string(defaults, "unit").is_empty(), "no unit".to_owned());
    must(!list(&defaults["thresholds"]["steps"]).is_empty(), "no thresholds".to_owned());
    let sources = std::iter::once(panel).chain(list(&panel["targets"]));
    let varies = |of: &Value| of["datasource"]["uid"] == "${datasource}";
    must(sources.into_iter().all(varies), "the data source must be the variable".to_owned());
    let queries = dashboard.queries_of(panel);
    must(!queries.is_empty(), "no query".to_owned());
    for link in list(&panel["links"]) {
        let page = string(link, "url").rsplit_once("/runbooks/").map(|(_, page)| page);
        must(
            page.is_none_or(|page| pages.contains(page)),
            format!("no runbook at {}", link["url"]),
        );
    }
    must(!queries.iter().any(counts_others), "shows alerts of other services".to_owned());
    for query in &queries {
        let Ok(expr) = tree(&query.text) else { continue };
        for reading in readings(&expr) {
            let grown = reading.under.is_some_and(|function| GROWTH.contains(&function));
            let plain = known.only_grows(reading.name) && !grown;
            must(!plain, format!("{} is a counter, so a panel must show its growth", reading.name));
        }
    }
    found
}

/// Whether a query reads the alerts of everything that Prometheus watches.
fn counts_others(query: &Query) -> bool {
    let Ok(expr) = tree(&query.text) else { return false };
    let alerts = readings(&expr).into_iter().filter(|reading| reading.name.starts_with("ALERTS"));
    alerts.into_iter().any(|reading| !reading.matchers.iter().any(|one| one.name == "alertname"))
}

fn string<'a>(of: &'a Value, key: &str) -> &'a str {
    of[key].as_str().map_or("", str::trim)
}

#[test]
fn every_dashboard_is_readable_and_read_only() {
    let known = Known::new(&Catalogue::new(), &rules());
    let pages = runbooks().iter().map(|page| format!("{}.md", page.alert)).collect();
    let all = dashboards();
    let found: Vec<String> = all.iter().flat_map(|one| mistakes(one, &known, &pages)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let uids: BTreeSet<&str> = all.iter().map(Dashboard::uid).collect();
    assert_eq!(uids.len(), all.len(), "two dashboards have the same uid");
}

#[test]
fn an_incomplete_dashboard_is_reported() {
    let known = Known::new(&Catalogue::new(), &[]);
    let pages: BTreeSet<String> = ["Full.md".to_owned()].into();
    let source = serde_json::json!({ "type": "prometheus", "uid": "${datasource}" });
    let variable = |name: &str, kind: &str| {
        let query = "label_values(up, job)";
        serde_json::json!({ "name": name, "type": kind, "refresh": 2, "query": query })
    };
    let right = serde_json::json!({
        "uid": "desk", "title": "Desk", "description": "All of it.", "editable": false,
        "links": [{ "keepTime": true, "includeVars": true }],
        "templating": { "list": [
            variable("datasource", "datasource"), variable("job", "query"), variable("instance", "query")
        ] },
        "annotations": { "list": [
            { "name": "a", "expr": "up", "useValueForTime": true },
            { "name": "b", "expr": "up", "useValueForTime": true },
            { "name": "c", "expr": "ALERTS{alertname=~\"Supportbot.+\"}", "useValueForTime": true },
        ] },
        "panels": [{ "type": "row", "title": "All", "panels": [{
            "id": 1, "type": "stat", "title": "Dead", "description": "Few.", "datasource": source,
            "fieldConfig": { "defaults": { "unit": "short", "thresholds": { "steps": [{}] } } },
            "links": [{ "url": "https://x/runbooks/Full.md" }],
            "targets": [{ "datasource": source, "expr": "rate(supportbot_deliveries_total[$__rate_interval])" }],
        }] }],
    });
    let judged = |json: &Value| {
        let dashboard = Dashboard { file: "desk.json".to_owned(), json: json.clone() };
        mistakes(&dashboard, &known, &pages)
    };
    assert_eq!(judged(&right), Vec::<String>::new());
    let panel = "/panels/0/panels/0";
    for (at, wrong) in [
        ("/uid".to_owned(), "another"),
        ("/title".to_owned(), " "),
        ("/description".to_owned(), ""),
        ("/editable".to_owned(), "no"),
        ("/links/0/keepTime".to_owned(), "no"),
        ("/templating/list/0/type".to_owned(), "custom"),
        ("/templating/list/1/refresh".to_owned(), "never"),
        ("/templating/list/2/name".to_owned(), "process"),
        ("/annotations/list".to_owned(), "none"),
        ("/annotations/list/0/useValueForTime".to_owned(), "no"),
        ("/annotations/list/2/expr".to_owned(), "ALERTS"),
        ("/panels/0/title".to_owned(), "Backups: only if some are made"),
        (format!("{panel}/title"), ""),
        (format!("{panel}/description"), ""),
        (format!("{panel}/fieldConfig/defaults/unit"), ""),
        (format!("{panel}/fieldConfig/defaults/thresholds/steps"), "none"),
        (format!("{panel}/targets/0/datasource/uid"), "prometheus"),
        (format!("{panel}/targets"), "none"),
        (format!("{panel}/targets/0/expr"), "supportbot_deliveries_total > 0"),
        (format!("{panel}/targets/0/expr"), "count(ALERTS{alertstate=\"firing\"})"),
        (format!("{panel}/links/0/url"), "https://x/runbooks/Empty.md"),
    ] {
        let mut json = right.clone();
        *json.pointer_mut(&at).unwrap_or_else(|| panic!("{at}")) = wrong.into();
        assert_eq!(judged(&json).len(), 1, "{at}: {:?}", judged(&json));
    }
}

fn digest(content: impl AsRef<[u8]>) -> String {
    Sha256::digest(content).iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}

/// Of a dashboard's file, the lines that change its picture: what a click or a pointer brings up does not.
fn seen_in_a_picture(file: &str) -> String {
    let hidden = ["\"description\":", "\"url\":"];
    let seen = |line: &&str| !hidden.iter().any(|key| line.trim_start().starts_with(key));
    file.lines().filter(seen).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_picture_shows_its_dashboard_as_it_is() {
    let recorded: Value = serde_json::from_str(&text("docs/dashboards/drawn.json")).unwrap();
    let mut found = Vec::new();
    for dashboard in dashboards() {
        let name = format!("{}.png", dashboard.uid().trim_start_matches("supportbot-"));
        let file = text(&format!("grafana/dashboards/{}", dashboard.file));
        let picture = fs::read(root().join("docs/dashboards").join(&name)).unwrap();
        let now = serde_json::json!({
            "dashboard": digest(seen_in_a_picture(&file)),
            "picture": digest(picture),
        });
        if recorded[&name] != now {
            found.push(format!("docs/dashboards/{name}: draw it anew, then grafana/write --drawn"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(recorded.as_object().unwrap().len(), dashboards().len(), "drawn.json has others");
}

#[test]
fn a_picture_is_bound_to_what_it_shows_and_to_nothing_else() {
    let file = |title: &str, words: &str| {
        format!("{{\n  \"title\": \"{title}\",\n  \"description\": \"{words}\"\n}}\n")
    };
    let shown = seen_in_a_picture(&file("Up", "Few."));
    assert_eq!(shown, seen_in_a_picture(&file("Up", "Many.")), "a description is not drawn");
    assert_ne!(shown, seen_in_a_picture(&file("Down", "Few.")), "a title is drawn");
}
