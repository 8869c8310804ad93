"""Is the desk answering? On one screen, for somebody who was woken at three."""

import alerts
import shared
from alerts import Limit
from dashboard import dashboard, row
from panels import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    SILENT,
    UNKNOWN,
    flow,
    link,
    mappings,
    per_minute,
    query,
    scale,
    special,
    spread,
    stat,
    states,
    table,
    timeseries,
)

PIPELINE, TELEGRAM, DESK, SLO, RUNTIME, MONITORING = (
    f"supportbot-{name}" for name in ("pipeline", "telegram", "desk", "slo", "runtime", "monitoring")
)


def at_one(name, colour):
    return special(name, {"thresholds": scale(GREEN, {1: colour})})


NOW = row(
    "",
    stat(
        "Up",
        "How many of the desk's processes answer Prometheus.",
        "UP. Only some of them: others have taken over.",
        query(f"sum(up{{@desk}}) / count(up{{@desk}}) {SILENT}"),
        unit="percentunit",
        texts={-1: ("NO TARGET", RED), 0: ("DOWN", RED), 1: ("UP", GREEN)},
        watched=["SupportbotDown", "SupportbotTargetMissing"],
        shows=[RUNTIME],
        defaults={"thresholds": scale(RED, {0.01: ORANGE, 1: GREEN})},
    ),
    stat(
        "Ready",
        "Whether the store works, Telegram answers and the bot may work in the group; the graph below shows what does not.",
        "READY.",
        query(f"min(supportbot_ready{{@desk}}) {SILENT}"),
        unit="none",
        texts={0: ("NOT READY", RED), 1: ("READY", GREEN), **UNKNOWN},
        watched=["SupportbotStoreDown", "SupportbotTelegramUnreachable", "SupportbotRedisDown"],
        shows=[RUNTIME],
    ),
    stat(
        "Last heartbeat",
        "Time since a heartbeat last passed through worker, store, sender and Telegram; one is tried every 15 seconds.",
        "under 30 seconds, at any hour and without traffic.",
        query(f"max(instance:supportbot_heartbeat:age_seconds{{@desk}}) {SILENT}"),
        unit="s",
        decimals=0,
        limits=alerts.HEARTBEAT,
        texts=UNKNOWN,
        shows=[PIPELINE],
    ),
    stat(
        "Outbox: oldest",
        "How long the oldest message that is ready to be sent has waited.",
        "none or seconds. Minutes in a rush, when Telegram's limits make messages wait: then the alert stays silent.",
        query(f'max(instance_queue:supportbot_queue_oldest:age_seconds{{@desk, queue="outbox"}}) {SILENT}'),
        unit="s",
        decimals=0,
        limits=alerts.OUTBOX,
        texts={0: ("none", GREEN), **UNKNOWN},
        shows=[PIPELINE],
    ),
    shared.longest_wait(
        "How long the longest-waiting user has waited for an answer from the operators.",
        shows=[DESK],
    ),
    stat(
        "Lost, 24 h",
        "Messages and updates that were lost or given up within 24 hours; those to users who blocked the bot are not counted.",
        "0. Each one is a message that did not arrive.",
        query(
            'round(sum(increase(supportbot_messages_lost_total{@desk}[1d])) + sum(increase(supportbot_dead_lettered_total{@desk, reason!~"blocked|tracker"}[1d])))'
        ),
        unit="short",
        limits=Limit("SupportbotMessagesLost", 0.5, parts=(0,)),
        empty="UNKNOWN",
        shows=[PIPELINE],
    ),
    shared.budget_left(
        "What is left of the messages that may be late or fail within 30 days: 0.5 % of them.",
        empty="UNKNOWN",
        shows=[SLO],
    ),
    stat(
        "Firing alerts",
        "Alerts firing now: those that page, and those that can wait until the morning. The table below has their names.",
        "0 and 0.",
        [
            query(f'count(ALERTS{{alertstate="firing", severity="{severity}"}}) or vector(0)', name)
            for severity, name in (("critical", "pages"), ("warning", "tickets"))
        ],
        unit="none",
        names=True,
        spark=False,
        watched=["Watchdog"],
        shows=[MONITORING],
        overrides=[at_one("pages", RED), at_one("tickets", ORANGE)],
    ),
)

WHAT = row(
    "",
    states(
        "What works",
        "What the desk depends on, as the desk sees it, and whether it answers at all. A gap: unknown.",
        "all green, with gaps only where the process was restarted. draining is green until it begins to stop.",
        [query("min(up{@desk})", "up"), query("min by (probe) (supportbot_ready{@desk})", "{{probe}}")],
        w=9,
        texts={0: ("no", RED), 1: ("yes", GREEN)},
        watched=["SupportbotDown", "SupportbotStoreDown", "SupportbotTelegramUnreachable"],
        shows=[RUNTIME],
    ),
    stat(
        "Held back",
        "Users whose messages wait to get into the group because its limit is full.",
        "0. More in a rush: they wait their turn, and nothing is lost.",
        query(f'sum(supportbot_lanes_waiting{{@desk, class=~"known|opening|stranger"}}) {SILENT}'),
        unit="short",
        decimals=0,
        h=6,
        texts={0: ("nobody", GREEN), **UNKNOWN},
        watched=["SupportbotMessagesLate"],
        shows=[TELEGRAM],
        defaults={"thresholds": scale(GREEN, {1: BLUE})},
    ),
    table(
        "Firing alerts, by name",
        "What is firing, since when, and where. A name links to its runbook.",
        "none: an empty table.",
        [
            query(
                "max by (severity, alertname, instance, resource, reason, fault) ("
                'ALERTS_FOR_STATE{severity=~"critical|warning"} and on (alertname, severity, instance, reason, resource, fault) ALERTS{alertstate="firing"}) * 1000',
                now=True,
                form="table",
            )
        ],
        columns={
            "severity": "Severity",
            "alertname": "Alert",
            "instance": "Where",
            "resource": "Resource",
            "reason": "Reason",
            "fault": "Fault",
            "Value": "Since",
        },
        empty="none",
        overrides=[
            special("Where|Resource|Reason|Fault", {"noValue": "–"}, "byRegexp"),
            special("Since", {"unit": "dateTimeAsIso"}),
            special("Alert", {"links": [link("Runbook", f"{alerts.RUNBOOKS}/${{__value.raw}}.md")], "custom.width": 240}),
            special(
                "Severity",
                {
                    "custom.cellOptions": {"type": "color-text"},
                    "custom.width": 80,
                    "mappings": mappings({"critical": ("critical", RED), "warning": ("warning", ORANGE)}),
                },
            ),
        ],
        shows=[MONITORING],
    ),
)

IN = row(
    "In: from Telegram to the decision",
    shared.updates_received(
        "Updates from Telegram, by type.",
        "as usual for the hour. Nothing at all by day: look at “What works”.",
        w=6,
        h=6,
        shows=[PIPELINE],
    ),
    spread(
        "Age of updates when handled",
        "How old updates are, by Telegram's date, when their handling begins.",
        "a second or two. More: updates wait at Telegram, or here.",
        "supportbot_update_age_seconds",
        w=6,
        h=6,
        watched=["SupportbotWebhookFailing"],
        shows=[PIPELINE],
    ),
    shared.updates_handled(
        "How updates ended: done, nothing to do, failed and to be retried, panicked, given up.",
        w=6,
        h=6,
        shows=[PIPELINE],
    ),
    shared.waiting("Updates in the inbox and messages in the outbox that wait or are being worked on.", w=6, h=6, shows=[PIPELINE]),
)

OUT = row(
    "Out: from the decision to Telegram",
    shared.oldest("seconds. The outbox waits longer when Telegram's limits make it.", w=4, h=6, shows=[PIPELINE]),
    timeseries(
        "Delivery time, as people feel it",
        "From receipt to Telegram's acceptance, with what Telegram's limits made messages wait, over 5 minutes.",
        "seconds. Minutes in a rush; above the dashed line for 15 minutes, a ticket.",
        [
            query(
                'histogram_quantile(0.5, sum by (le) (rate(supportbot_delivery_duration_seconds_bucket{@desk, outcome="delivered"}[5m])))',
                "half",
            ),
            query("max(job_direction:supportbot_delivery_duration_seconds:p95_5m{@job})", "95 %"),
        ],
        unit="s",
        w=5,
        h=6,
        limits=alerts.FELT_LATE,
        colours={"half": BLUE, "95 %": ORANGE},
        shows=[TELEGRAM],
    ),
    timeseries(
        "Delivery time, the desk's own",
        "From receipt to Telegram's acceptance, without what Telegram's limits made it wait; the promise is on this.",
        "95 % under a second; the dashed line is the promise of 5 seconds for 99.5 %.",
        [
            query("max(job_direction:supportbot_delivery_own_duration_seconds:p50_5m{@job})", "half"),
            query("max(job_direction:supportbot_delivery_own_duration_seconds:p95_5m{@job})", "95 %"),
            query("max(job_direction:supportbot_delivery_own_duration_seconds:p99_5m{@job})", "99 %"),
        ],
        unit="s",
        w=5,
        h=6,
        limits=alerts.PROMISE,
        colours={"half": BLUE, "95 %": ORANGE, "99 %": "purple"},
        shows=[SLO],
    ),
    flow(
        "Messages delivered",
        "Messages that were finished, in both directions. blocked: the user has blocked the bot.",
        "delivered only; now and then a blocked one.",
        [per_minute("supportbot_deliveries_total", "{{outcome}}", by="outcome")],
        w=5,
        h=6,
        meaning=True,
        watched=["SupportbotErrorBudgetBurn", "SupportbotMessagesLost"],
        shows=[PIPELINE],
    ),
    shared.refused(
        "Calls to Telegram that did not succeed, by outcome. flood: too many requests, to be retried later.",
        w=5,
        h=6,
        shows=[TELEGRAM],
    ),
)

DASHBOARD = dashboard(
    "supportbot-overview",
    "Overview",
    "Is the desk answering? Its state now, then the path of a message from left to right.",
    [NOW, WHAT, IN, OUT],
    since="now-1h",
    refresh="10s",
)
