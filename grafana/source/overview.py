"""Is the desk answering? On one screen, for somebody who was woken at three."""

import alerts
from alerts import Limit
from dashboard import dashboard, row
from panels import (
    BLUE,
    CLOCK,
    GREEN,
    GREY,
    ORANGE,
    RED,
    SILENT,
    UNKNOWN,
    link,
    mappings,
    per_minute,
    quantile,
    query,
    scale,
    special,
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
        "UP. A part of them means that others have taken over.",
        query(f"sum(up{{@desk}}) / count(up{{@desk}}) {SILENT}"),
        unit="percentunit",
        texts={-1: ("NO TARGET", RED), 0: ("DOWN", RED), 1: ("UP", GREEN)},
        watched=["SupportbotDown", "SupportbotTargetMissing"],
        shows=[RUNTIME],
        defaults={"thresholds": scale(RED, {0.01: ORANGE, 1: GREEN})},
    ),
    stat(
        "Ready",
        "Whether the store works, Telegram answers and the bot may work in the group; what does not, the graph below says.",
        "READY.",
        query(f"min(supportbot_ready{{@desk}}) {SILENT}"),
        unit="none",
        texts={0: ("NOT READY", RED), 1: ("READY", GREEN), **UNKNOWN},
        watched=["SupportbotStoreDown", "SupportbotTelegramUnreachable", "SupportbotRedisDown"],
        shows=[RUNTIME],
    ),
    stat(
        "Last heartbeat",
        "Time since a beat last passed through worker, store, sender and Telegram; one is tried every 15 seconds.",
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
        "How long the oldest message that may be sent has waited.",
        "none or seconds. Minutes in a rush, when Telegram's limits make messages wait: then the alert stays silent.",
        query(f'max(instance_queue:supportbot_queue_oldest:age_seconds{{@desk, queue="outbox"}}) {SILENT}'),
        unit="s",
        decimals=0,
        limits=alerts.OUTBOX,
        texts={0: ("none", GREEN), **UNKNOWN},
        shows=[PIPELINE],
    ),
    stat(
        "Longest wait",
        "How long the user who has waited longest for an answer of the operators has waited.",
        "less than you promise your users.",
        query(f"max(job:supportbot_oldest_unanswered:age_seconds{{@job}}) {SILENT}"),
        unit="s",
        limits=alerts.USER_WAITING,
        texts={0: ("nobody", GREEN), **UNKNOWN},
        decimals=0,
        shows=[DESK],
    ),
    stat(
        "Lost, 24 h",
        "Messages and updates that were lost or given up within 24 hours; those to users who blocked the bot are not counted.",
        "0. Each is a user or an operator who was not heard.",
        query(
            'round(sum(increase(supportbot_messages_lost_total{@desk}[1d])) + sum(increase(supportbot_dead_lettered_total{@desk, reason!~"blocked|tracker"}[1d])))'
        ),
        unit="short",
        limits=Limit("SupportbotMessagesLost", 0.5, parts=(0,)),
        empty="UNKNOWN",
        shows=[PIPELINE],
    ),
    stat(
        "Budget left",
        "What is left of the messages that may be late or fail within 30 days: 0.5 % of them.",
        "above 0, and not falling faster than time passes.",
        query("min(slo:supportbot_delivery:error_budget_remaining_ratio{@job})"),
        unit="percentunit",
        decimals=0,
        empty="UNKNOWN",
        watched=["SupportbotErrorBudgetBurn", "SupportbotErrorBudgetSlowBurn"],
        shows=[SLO],
        defaults={"thresholds": scale(RED, {0: ORANGE, 0.25: GREEN})},
    ),
    stat(
        "Firing alerts",
        "Alerts that fire now: those that page, and those that can wait for the morning. The table below has their names.",
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
        "What the desk depends on, as it sees it, and whether it answers at all. A gap: nothing is known.",
        "all green, with gaps only where the process was restarted. draining is green until it begins to stop.",
        [query("min(up{@desk})", "up"), query("min by (probe) (supportbot_ready{@desk})", "{{probe}}")],
        texts={0: ("no", RED), 1: ("yes", GREEN)},
        watched=["SupportbotDown", "SupportbotStoreDown", "SupportbotTelegramUnreachable"],
        shows=[RUNTIME],
    ),
    table(
        "Alerts that fire now",
        "What fires, since when, and where. A name leads to its runbook.",
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
    timeseries(
        "Updates received",
        "What Telegram brings, by type.",
        "as usual for the hour. Nothing at all by day: look at “What works”.",
        [per_minute("supportbot_updates_received_total", "{{type}}", by="type")],
        unit="suffix:/min",
        w=6,
        h=6,
        stack=True,
        shows=[PIPELINE],
    ),
    timeseries(
        "Age of updates when taken up",
        "How old updates are, by Telegram's date, when their handling begins.",
        "a second or two. More: updates wait at Telegram, or here.",
        [quantile(0.5, "supportbot_update_age_seconds", "half"), quantile(0.95, "supportbot_update_age_seconds", "95 %")],
        unit="s",
        w=6,
        h=6,
        colours={"half": BLUE, "95 %": ORANGE},
        watched=["SupportbotWebhookFailing"],
        shows=[PIPELINE],
    ),
    timeseries(
        "Updates handled",
        "What became of updates: done, nothing to do, failed and to be tried again, panicked, given up.",
        "ok and ignored only.",
        [per_minute("supportbot_updates_handled_total", "{{outcome}}", by="outcome")],
        unit="suffix:/min",
        w=6,
        h=6,
        stack=True,
        meaning=True,
        watched=["SupportbotHandlerErrors", "SupportbotMessagesLost"],
        shows=[PIPELINE],
    ),
    timeseries(
        "Waiting in the queues",
        "Updates in the inbox and messages in the outbox that wait or are being worked on.",
        "near 0, with peaks in a rush that go down again.",
        [query("sum by (queue, state) (supportbot_queue_depth{@desk})", "{{queue}} {{state}}")],
        unit="short",
        w=6,
        h=6,
        stack=True,
        top=5,
        watched=["SupportbotOutboxStuck", "SupportbotSaturated"],
        shows=[PIPELINE],
    ),
)

OUT = row(
    "Out: from the decision to Telegram",
    timeseries(
        "Oldest that waits",
        "How long the oldest item of each queue that is due has waited.",
        "seconds. The outbox waits longer when Telegram's limits make it.",
        [query("max by (queue) (instance_queue:supportbot_queue_oldest:age_seconds{@desk})", "{{queue}}")],
        unit=CLOCK,
        w=6,
        h=6,
        limits=[alerts.INBOX, alerts.OUTBOX],
        colours={"inbox": BLUE, "outbox": "purple"},
        shows=[PIPELINE],
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
        w=6,
        h=6,
        limits=alerts.PROMISE,
        colours={"half": BLUE, "95 %": ORANGE, "99 %": "purple"},
        shows=[SLO],
    ),
    timeseries(
        "Messages delivered",
        "Messages that ended their way, in both directions. blocked: the user has blocked the bot.",
        "delivered only; now and then a blocked one.",
        [per_minute("supportbot_deliveries_total", "{{outcome}}", by="outcome")],
        unit="suffix:/min",
        w=6,
        h=6,
        stack=True,
        meaning=True,
        watched=["SupportbotErrorBudgetBurn", "SupportbotMessagesLost"],
        shows=[PIPELINE],
    ),
    timeseries(
        "What Telegram refused",
        "Calls to Telegram that did not succeed, by how they ended. flood: too many requests, to be waited for.",
        "next to nothing. bad_request and forbidden now and then are what users and operators do.",
        [per_minute("supportbot_telegram_api_requests_total", "{{outcome}}", by="outcome", where='outcome!="ok"')],
        unit="suffix:/min",
        w=6,
        h=6,
        stack=True,
        top=1,
        watched=["SupportbotTelegramUnreachable", "SupportbotFloodRatioHigh"],
        shows=[TELEGRAM],
        colours={
            "flood": ORANGE,
            "server_error": RED,
            "timeout": "dark-red",
            "network": "purple",
            "unauthorized": "dark-purple",
            "conflict": BLUE,
            "forbidden": "yellow",
            "bad_request": GREY,
        },
    ),
)

DASHBOARD = dashboard(
    "supportbot-overview",
    "Overview",
    "Is the desk answering? What is the case now, then the way of a message from left to right.",
    [NOW, WHAT, IN, OUT],
    since="now-1h",
    refresh="10s",
)
