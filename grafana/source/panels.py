"""The kinds of panels: each function returns one as Grafana's JSON, with what all panels have in common.

Every panel says what it shows and what good looks like, names the alerts that watch it, and draws their limits.
In expressions `@desk` stands for the labels of the processes chosen above the dashboard, `@job` for those of the desk as a whole.
"""

from alerts import ALERTS, Limit, runbook

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
GREEN, ORANGE, RED, BLUE, GREY = "green", "orange", "red", "blue", "#8e8e8e"

# Colours that mean the same everywhere.
MEANING = {
    "ok": GREEN,
    "delivered": GREEN,
    "ignored": GREY,
    "blocked": GREY,
    "error": ORANGE,
    "retry": ORANGE,
    "panic": "dark-red",
    "failed": RED,
    "dead": "purple",
}
YES_NO = {0: ("no", RED), 1: ("yes", GREEN)}
# Without an answer, a number would stay as it was last, in green: a desk that is down says nothing.
SILENT = "or vector(-1)"
UNKNOWN = {-1: ("UNKNOWN", RED)}
# An age whose axis has round numbers.
CLOCK = "dthms"
# The legend of a panel that has a series for each process.
EACH = "{{instance}}"


# --- queries ------------------------------------------------------------------------------------


def query(expr, legend="", *, now=False, form="time_series", step=None):
    """One query; `now` asks for the last value only."""
    expr = expr.replace("@desk", 'job=~"$job", instance=~"$instance"').replace("@job", 'job=~"$job"')
    target = {"datasource": SOURCE, "expr": expr, "legendFormat": legend or "__auto", "format": form}
    target |= {"instant": now, "range": not now}
    if step:
        target["interval"] = step
    return target


def builds_of(when):
    """The build of each process, with a commit that is short enough to be read."""
    return f'label_replace(supportbot_build_info{{job=~"$job", instance=~"$instance"}}{when}, "commit", "$1", "revision", "(.{{1,8}}).*")'


def but_zeros(expr, label):
    """What is not 0. `none`, if all of it is: that differs from no answer."""
    return f'({expr} > 0) or on () label_replace(0 * sum({expr}), "{label}", "none", "", "")'


def selector(where=""):
    return f"{{@desk, {where}}}" if where else "{@desk}"


def per_minute(counter, legend, *, by="", where="", over="$__rate_interval", seldom=""):
    """What a counter grows in a minute. `seldom`: a label in `by` whose values without growth have no line."""
    grouping = f"sum by ({by})" if by else "sum"
    expr = f"60 * {grouping} (rate({counter}{selector(where)}[{over}]))"
    return query(but_zeros(expr, seldom) if seldom else expr, legend)


def increase(counter, legend, *, by="", where="", over="$__rate_interval", seldom="", above=False, **more):
    """What a counter grows in a step. `seldom` is that of a minute; `above`: only where it grows, beside a query with `seldom`."""
    grouping = f"sum by ({by})" if by else "sum"
    expr = f"{grouping} (increase({counter}{selector(where)}[{over}]))"
    return query(but_zeros(expr, seldom) if seldom else f"{expr} > 0" if above else expr, legend, **more)


def quantile(q, histogram, legend, *, by="", where="", over="$__rate_interval", **more):
    grouping = f"{by}, le" if by else "le"
    buckets = f"sum by ({grouping}) (rate({histogram}_bucket{selector(where)}[{over}]))"
    return query(f"histogram_quantile({q}, {buckets})", legend, **more)


# --- what panels share --------------------------------------------------------------------------


def steps(limits, good=GREEN):
    """Thresholds: good up to the first limit, then each limit's colour; the other way round for limits that must not be fallen below."""
    if any(limit.below for limit in limits):
        (limit,) = limits
        return [{"color": limit.colour, "value": None}, {"color": good, "value": limit.value}]
    rising = sorted(limits, key=lambda limit: limit.value)
    return [{"color": good, "value": None}] + [{"color": limit.colour, "value": limit.value} for limit in rising]


def mappings(texts):
    """Values that have a name and a colour of their own: `{0: ("nobody", GREEN)}`."""
    if not texts:
        return []
    options = {str(value): {"text": text, "color": colour, "index": i} for i, (value, (text, colour)) in enumerate(texts.items())}
    return [{"type": "value", "options": options}]


def scale(lowest, others):
    """Thresholds that are no alert's: a colour for the lowest, and others from a value on."""
    return {"mode": "absolute", "steps": [{"color": lowest, "value": None}, *({"color": colour, "value": value} for value, colour in others.items())]}


def special(name, properties, matcher="byName"):
    """What one series or column has of its own."""
    return {"matcher": {"id": matcher, "options": name}, "properties": [{"id": key, "value": value} for key, value in properties.items()]}


def line(colour):
    """A limit that the desk reports, over what is stacked up to it: for `special`."""
    return {
        "color": {"mode": "fixed", "fixedColor": colour},
        "custom.fillOpacity": 0,
        "custom.lineWidth": 1,
        "custom.lineStyle": {"fill": "dash", "dash": [8, 8]},
        "custom.stacking": {"mode": "none", "group": "limit"},
    }


def coloured(colours):
    return [special(name, {"color": {"mode": "fixed", "fixedColor": colour}}) for name, colour in colours.items()]


def link(title, url):
    return {"title": title, "url": url, "type": "link", "targetBlank": True}


def more(dashboard):
    """A link to the dashboard that has the details, at the same time and with the same processes."""
    title = dashboard.removeprefix("supportbot-")
    where = f"/d/{dashboard}?${{__url_time_range}}&${{__all_variables}}"
    return link(f"Details: {title}", where) | {"targetBlank": False}


def panel(
    kind,
    title,
    what,
    good,
    queries,
    *,
    unit,
    w,
    h,
    watched=(),
    limits=(),
    shows=(),
    defaults=None,
    options=None,
    overrides=(),
    decimals=None,
    empty=None,
):
    if isinstance(limits, Limit):
        limits = (limits,)
    watchers = list(dict.fromkeys([limit.alert for limit in limits] + list(watched)))
    unknown = set(watchers) - ALERTS
    assert not unknown, f"{title}: {unknown} are no alerts"
    assert what.endswith(".") and good.endswith("."), f"{title}: sentences end with a full stop"
    field = {"unit": unit, "thresholds": {"mode": "absolute", "steps": steps(limits)}, **(defaults or {})}
    if decimals is not None:
        field["decimals"] = decimals
    if empty is not None:
        field["noValue"] = empty
    return {
        "type": kind,
        "title": title,
        "description": f"{what}\n\nGood: {good}",
        "datasource": SOURCE,
        "gridPos": {"w": w, "h": h},
        "links": [link(f"Runbook: {alert}", runbook(alert)) for alert in watchers] + [more(other) for other in shows],
        "targets": [{"refId": chr(ord("A") + i), **target} for i, target in enumerate(queries)],
        "fieldConfig": {"defaults": field, "overrides": list(overrides)},
        "options": options or {},
    }


# What `but_zeros` calls none.
QUIET = special("/none ?$/", {"color": {"mode": "fixed", "fixedColor": GREY}}, "byRegexp")


# --- the kinds ----------------------------------------------------------------------------------


def timeseries(
    title,
    what,
    good,
    queries,
    *,
    unit,
    w=8,
    h=7,
    limits=(),
    colours=None,
    stack=False,
    meaning=False,
    bars=False,
    top=None,
    table=False,
    lowest=0,
    **rest,
):
    """A graph over time. A limit is a dashed line. The axis reaches from `lowest` to the highest, or `top`. `meaning` colours outcomes."""
    custom = {
        "drawStyle": "bars" if bars else "line",
        # Lines of series that are 0 would lie on top of a stack.
        "lineWidth": 0 if stack else 1,
        "fillOpacity": 70 if stack or bars else 10,
        "showPoints": "never",
        "spanNulls": 60_000,
        "stacking": {"mode": "normal" if stack else "none", "group": "A"},
        "thresholdsStyle": {"mode": "dashed" if limits else "off"},
    }
    if isinstance(limits, Limit):
        limits = (limits,)
    if top is None and limits:
        top = max(limit.value for limit in limits)
    if top is not None:
        custom["axisSoftMax"] = top
    legend = {"displayMode": "table" if table else "list", "placement": "right" if table else "bottom", "showLegend": True}
    legend["calcs"] = ["lastNotNull", "max"] if table else []
    defaults = {"color": {"mode": "palette-classic"}, "custom": custom}
    if lowest is not None:
        defaults["min"] = lowest
    else:
        custom["axisSoftMin"] = 0
    return panel(
        "timeseries",
        title,
        what,
        good,
        queries,
        unit=unit,
        w=w,
        h=h,
        limits=limits,
        defaults=defaults,
        options={"legend": legend, "tooltip": {"mode": "multi", "sort": "desc", "hideZeros": True}},
        overrides=[QUIET, *coloured(MEANING if meaning else colours or {}), *rest.pop("overrides", ())],
        **rest,
    )


def flow(title, what, good, queries, **rest):
    """What passes in a minute, of all kinds on each other."""
    return timeseries(title, what, good, queries, unit="suffix:/min", stack=True, **rest)


def events(title, what, good, queries, **rest):
    """What happens seldom: a bar for each step. The axis reaches to 1, so that a quiet hour looks quiet."""
    return timeseries(title, what, good, queries, unit="short", bars=True, top=1, **rest)


def spread(title, what, good, histogram, **rest):
    """What half, and 95 %, of the times of a histogram are below."""
    asked = [quantile(0.5, histogram, "half"), quantile(0.95, histogram, "95 %")]
    return timeseries(title, what, good, asked, unit="s", colours={"half": BLUE, "95 %": ORANGE}, **rest)


def share(title, what, good, series, *, limits, **rest):
    """How much of something each process uses, or has left: the axis reaches to 100 %."""
    return timeseries(title, what, good, [query(f"{series}{{@desk}}", EACH)], unit="percentunit", limits=limits, top=1, **rest)


def stat(title, what, good, queries, *, unit, w=3, h=4, texts=None, spark=True, names=False, colour="background", **rest):
    """One number for who is in a hurry: its colour says whether it is good. A query of `now` has no past to draw."""
    if isinstance(queries, dict):
        queries = [queries]
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": colour,
        "graphMode": "area" if spark else "none",
        "textMode": "value_and_name" if names else "value",
        "justifyMode": "center",
        "orientation": "auto",
        "wideLayout": True,
    }
    defaults = {"color": {"mode": "thresholds"}, "mappings": mappings(texts)} | rest.pop("defaults", {})
    return panel("stat", title, what, good, queries, unit=unit, w=w, h=h, defaults=defaults, options=options, **rest)


def number(title, what, good, queries, *, unit, **rest):
    """A stat that is neither good nor bad: without a background and without its past."""
    return stat(title, what, good, queries, unit=unit, spark=False, colour="value", **rest)


def states(title, what, good, queries, *, texts, neutral=(), w=12, h=6, **rest):
    """What was the case when: a bar for each series, coloured by its value. For the `neutral` ones, no is no fault."""
    options = {
        "showValue": "never",
        "rowHeight": 0.8,
        "mergeValues": True,
        "alignValue": "left",
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "single", "sort": "none"},
    }
    custom = {"fillOpacity": 75, "lineWidth": 0}
    defaults = {"color": {"mode": "thresholds"}, "mappings": mappings(texts), "custom": custom}
    overrides = [special(name, {"mappings": mappings({0: ("not in use", GREY), 1: ("yes", GREEN)})}) for name in neutral]
    return panel("state-timeline", title, what, good, queries, unit="none", w=w, h=h, defaults=defaults, options=options, overrides=overrides, **rest)


def heatmap(title, what, good, histogram, *, unit="s", w=8, h=7, where="", **rest):
    """How the values of a histogram are spread over time: the brighter, the more."""
    options = {
        "calculate": False,
        "color": {
            "mode": "scheme",
            "scheme": "Oranges",
            "fill": "dark-orange",
            "exponent": 0.5,
            "steps": 64,
            "reverse": False,
            "scale": "exponential",
        },
        "cellGap": 1,
        "cellValues": {"unit": "short", "decimals": 1},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "tooltip": {"mode": "single", "yHistogram": False, "showColorScale": False},
        "yAxis": {"axisPlacement": "left", "unit": unit, "reverse": False},
    }
    asked = query(f"sum by (le) (increase({histogram}_bucket{selector(where)}[$__rate_interval]))", "{{le}}", form="heatmap")
    found = panel("heatmap", title, what, good, [asked], unit=unit, w=w, h=h, options=options, **rest)
    # Few cells say more than many: one message in an hour would be a speck.
    return found | {"maxDataPoints": 60}


def table(title, what, good, queries, *, columns, w=12, h=6, unit="none", overrides=(), transformations=(), sort=(), **rest):
    """Rows of labels. `columns` names those that are shown, in their order, and what they are called; `sort` has names, and whether downwards."""
    organize = {
        "includeByName": {name: True for name in columns},
        "indexByName": {name: i for i, name in enumerate(columns)},
        "renameByName": columns,
        "excludeByName": {},
    }
    found = panel(
        "table",
        title,
        what,
        good,
        queries,
        unit=unit,
        w=w,
        h=h,
        defaults={"custom": {"align": "auto", "cellOptions": {"type": "auto"}}},
        options={"showHeader": True, "cellHeight": "sm", "sortBy": [{"displayName": name, "desc": down} for name, down in sort]},
        overrides=overrides,
        **rest,
    )
    found["transformations"] = [*transformations, {"id": "organize", "options": organize}]
    return found


def ranking(title, what, good, expr, *, by, unit, w=8, h=7, colour=BLUE, decimals=None):
    """The greatest values of a label in the range shown, each with a bar."""
    bar = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
    value = {"custom.cellOptions": bar, "color": {"mode": "fixed", "fixedColor": colour}, "min": 0}
    found = table(
        title,
        what,
        good,
        [query(expr, now=True, form="table")],
        columns={by: by, "Value": " "},
        unit=unit,
        w=w,
        h=h,
        decimals=decimals,
        overrides=[special(" ", value), special(by, {"custom.width": 190})],
    )
    found["options"] |= {"sortBy": [{"displayName": " ", "desc": True}], "showHeader": False}
    return found


def text(content, *, title, w=24, h=3):
    return {
        "type": "text",
        "title": title,
        "description": "How to read this dashboard.",
        "gridPos": {"w": w, "h": h},
        "options": {"mode": "markdown", "content": content},
    }
