"""A dashboard around its panels: variables, annotations, links, and each panel's place."""

from alerts import since
from panels import SOURCE, builds_of

WIDTH = 24


def row(title, *panels, collapsed=False):
    return {"title": title, "panels": list(panels), "collapsed": collapsed}


def dashboard(uid, title, description, rows, *, since="now-1h", refresh="30s", deploys="15m"):
    """`deploys`: for how long a new revision counts as new. It must be longer than the time between two points of the graph."""
    return {
        "uid": uid,
        "title": f"Supportbot / {title}",
        "description": description,
        "tags": ["supportbot"],
        "schemaVersion": 41,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": {"from": since, "to": "now"},
        "refresh": refresh,
        "timepicker": {"refresh_intervals": ["5s", "10s", "30s", "1m", "5m", "15m", "1h"]},
        "links": links(),
        "templating": {"list": variables()},
        "annotations": {"list": annotations(deploys)},
        "panels": placed(rows),
    }


def links():
    """To all others, at the same time and for the same processes."""
    tagged = {"type": "dashboards", "tags": ["supportbot"], "asDropdown": False}
    kept = {"keepTime": True, "includeVars": True, "targetBlank": False}
    return [{"title": "Supportbot", "icon": "external link", "tooltip": "", "url": "", **tagged, **kept}]


def variables():
    """They are asked of `up`, which is there even when the desk is not."""
    chosen = {"type": "query", "datasource": SOURCE, "refresh": 2, "sort": 1, "multi": True, "includeAll": True, "hide": 0}
    job, instance = 'label_values(up{service="supportbot"}, job)', 'label_values(up{job=~"$job"}, instance)'
    asked = lambda definition: {"query": {"query": definition, "refId": "PrometheusVariableQueryEditor-VariableQuery"}, "definition": definition}
    return [
        {
            "name": "datasource",
            "label": "Data source",
            "type": "datasource",
            "query": "prometheus",
            "hide": 0,
            "refresh": 1,
            "current": {"text": "Prometheus", "value": "prometheus"},
        },
        {
            "name": "job",
            "label": "Job",
            **chosen,
            **asked(job),
            "allValue": "supportbot",
            "current": {"text": ["supportbot"], "value": ["supportbot"]},
        },
        {"name": "instance", "label": "Instance", **chosen, **asked(instance), "allValue": ".+", "current": {"text": ["All"], "value": ["$__all"]}},
    ]


def annotations(deploys):
    """Lines, not regions: several alerts at once would wash out the graphs of their incident.

    Each stands at the time that its value says, however coarse the graph is: when the process started, or when what an alert tells began.
    """
    started = 'process_start_time_seconds{job=~"$job", instance=~"$instance"}'
    builds = builds_of("")
    here = f"{started} * on (job, instance) group_left (version, commit) {builds}"
    common = {"datasource": SOURCE, "enable": True, "hide": False, "useValueForTime": True, "step": "15s"}
    return [
        {
            "builtIn": 1,
            "datasource": {"type": "grafana", "uid": "-- Grafana --"},
            "enable": True,
            "hide": True,
            "iconColor": "rgba(0, 211, 255, 1)",
            "name": "Annotations & Alerts",
            "type": "dashboard",
        },
        {
            **common,
            "name": "Restarts",
            "iconColor": "blue",
            "expr": f"({here}) * 1000",
            "titleFormat": "Started: {{instance}}",
            "textFormat": "{{version}} {{commit}}",
        },
        {
            **common,
            "name": "Deploys",
            "iconColor": "purple",
            "expr": f"({here} unless on (job, instance, version, commit) {builds_of(f' offset {deploys}')}) * 1000",
            "titleFormat": "Deployed: {{version}} {{commit}}",
            "textFormat": "on {{instance}}",
        },
        {**common, "name": "Pages", "iconColor": "red", **begun("critical")},
        {**common, "name": "Tickets", "iconColor": "orange", **begun("warning")},
    ]


def begun(severity):
    """When what the alerts of a severity tell began, which is some time before they fire."""
    return {
        "expr": f'min by (alertname, severity) ({since(severity)}) * 1000',
        "titleFormat": "{{alertname}}",
        "textFormat": "{{severity}}, since here",
    }


def placed(rows):
    """Panels from left to right, each row of them as high as its highest; ids in order."""
    result, y = [], 0
    ids = iter(range(1, 1000))
    for number, one in enumerate(rows):
        head = {
            "id": next(ids),
            "type": "row",
            "title": one["title"],
            "collapsed": one["collapsed"],
            "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1},
            "panels": [],
        }
        if one["title"]:
            result.append(head)
            y += 1
        x = high = 0
        for panel in one["panels"]:
            w, h = panel["gridPos"]["w"], panel["gridPos"]["h"]
            if x + w > WIDTH:
                assert x == WIDTH, f"row {one['title']!r} has a gap before {panel['title']!r}"
                x, y, high = 0, y + high, 0
            own = {"id": next(ids), **panel, "gridPos": {"x": x, "y": y, "w": w, "h": h}}
            (head["panels"] if one["collapsed"] else result).append(own)
            x, high = x + w, max(high, h)
        assert x == WIDTH, f"row {one['title']!r} ends with a gap"
        # What is collapsed takes no place: the next row stands below its title.
        y = head["gridPos"]["y"] + 1 if one["collapsed"] else y + high
    titles = [panel["title"] for one in rows for panel in one["panels"]]
    assert len(titles) == len(set(titles)), f"titles twice: {sorted(title for title in titles if titles.count(title) > 1)}"
    return result
