"""Is the desk answering? On one screen, for somebody who was woken at three: broken, for whom, since when, what changed, what to do."""

import alerts
import shared
from alerts import Limit
from dashboard import dashboard, row
from panels import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    SILENT,
    UNKNOWN,
    builds_of,
    link,
    mappings,
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


def felt(title, who, direction):
    """What the slowest of twenty messages took lately; nobody writes at night."""
    works = "max(slo:supportbot_availability:works{@job})"
    return stat(
        title,
        f"The time that 95 % of {who} took within 5 minutes, with what Telegram's limits made them wait. "
        "none: none arrived, as at night; in red, because the desk does not work.",
        "seconds; minutes in a rush.",
        query(
            f'(max(job_direction:supportbot_delivery_duration_seconds:p95_5m{{@job, direction="{direction}"}}) >= 0) or {works} - 2 or vector(-2)',
            now=True,
        ),
        unit="s",
        decimals=0,
        limits=alerts.FELT_LATE,
        texts={-1: ("none", GREY), -2: ("none", RED)},
        spark=False,
        shows=[PIPELINE],
    )


NOW = row(
    "Is it broken?",
    stat(
        "Up",
        "How many of the desk's processes answer Prometheus.",
        "UP. Only some of them: others have taken over.",
        query(f"sum(up{{@desk}}) / count(up{{@desk}}) {SILENT}"),
        unit="percentunit",
        w=4,
        texts={-1: ("NO TARGET", RED), 0: ("DOWN", RED), 1: ("UP", GREEN)},
        watched=["SupportbotDown", "SupportbotTargetMissing"],
        shows=[RUNTIME],
        defaults={"thresholds": scale(RED, {0.01: ORANGE, 1: GREEN})},
    ),
    stat(
        "Ready",
        "Whether the store works, Telegram answers and the bot may work in the group; “What works” shows what does not.",
        "READY.",
        query(f"min(supportbot_ready{{@desk}}) {SILENT}"),
        unit="none",
        w=4,
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
        w=4,
        limits=alerts.HEARTBEAT,
        texts=UNKNOWN,
        shows=[PIPELINE],
    ),
    stat(
        "Firing alerts",
        "Alerts firing now: those that page, and those that can wait until the morning. The table below has a row for each. "
        "UNKNOWN: the rules are not evaluated.",
        "0 and 0.",
        [
            query(f'count({alerts.firing(severity)}) or 0 * max(ALERTS{{alertname="Watchdog", alertstate="firing"}}) {SILENT}', name)
            for severity, name in (("critical", "pages"), ("warning", "tickets"))
        ],
        unit="none",
        w=4,
        names=True,
        spark=False,
        texts=UNKNOWN,
        watched=["Watchdog"],
        shows=[MONITORING],
        overrides=[at_one("pages", RED), at_one("tickets", ORANGE)],
    ),
    stat(
        "Lost, 24 h",
        "Messages and updates that were lost or given up within 24 hours; those to users who blocked the bot are not counted.",
        "0. Each one is a message that did not arrive.",
        query(
            'round(sum(increase(supportbot_messages_lost_total{@desk}[1d])) + sum(increase(supportbot_dead_lettered_total{@desk, reason!~"blocked|tracker"}[1d])))'
        ),
        unit="short",
        w=4,
        limits=Limit("SupportbotMessagesLost", 0.5, parts=(0,)),
        empty="UNKNOWN",
        shows=[PIPELINE],
    ),
    shared.budget_left(
        "What is left of the messages that may be late or fail within 30 days: 0.5 % of them.",
        w=4,
        empty="UNKNOWN",
        shows=[SLO],
    ),
)

OUTBOX_AGE = 'instance_queue:supportbot_queue_oldest:age_seconds{@desk, queue="outbox"}'

WHOM = row(
    "For whom? How long messages take to the operators and to users, and who waits",
    felt("To operators", "users' messages to the operators", "user_to_operator"),
    felt("To users", "answers to users", "operator_to_user"),
    stat(
        "Outbox",
        "How long the oldest message has been ready to be sent, if nothing at all was sent within 2 minutes; that of what moves, however slowly, is below.",
        "not stuck, also in a rush, when Telegram's limits make messages wait.",
        query(
            f'max({OUTBOX_AGE} and on (job, instance) sum by (job, instance) '
            '(increase(supportbot_queue_processed_total{@desk, queue="outbox", outcome!~"retry|unneeded"}[2m])) == 0) '
            f"or 0 * max({OUTBOX_AGE}) {SILENT}"
        ),
        unit="s",
        decimals=0,
        limits=alerts.OUTBOX,
        texts={0: ("not stuck", GREEN), **UNKNOWN},
        shows=[PIPELINE],
    ),
    stat(
        "Late now",
        "Messages that have taken the desk more than 5 seconds and have not arrived yet. While the desk is down: those of its last answer.",
        "none.",
        query(f"sum(slo:supportbot_delivery:late_waiting{{@job}}) {SILENT}"),
        unit="short",
        decimals=0,
        texts={0: ("none", GREEN), **UNKNOWN},
        defaults={"thresholds": scale(GREEN, {1: ORANGE})},
        watched=["SupportbotErrorBudgetBurn"],
        shows=[PIPELINE],
    ),
    stat(
        "Held back",
        "Users whose messages wait to get into the group because its limit is full.",
        "nobody. More in a rush: they wait their turn, and nothing is lost.",
        query(f'sum(supportbot_lanes_waiting{{@desk, class=~"known|opening|stranger"}}) {SILENT}'),
        unit="short",
        decimals=0,
        texts={0: ("nobody", GREEN), **UNKNOWN},
        watched=["SupportbotMessagesLate"],
        shows=[TELEGRAM],
        defaults={"thresholds": scale(GREEN, {1: BLUE})},
    ),
    shared.users_waiting("Users who have written and have not been answered yet by an operator.", shows=[DESK]),
    shared.longest_wait("How long the longest-waiting user has waited for an answer from the operators.", shows=[DESK]),
    stat(
        "Works, 1 h",
        "The share of the last hour in which the desk worked: its heartbeat came through, Telegram let it work in the group, and sends got through.",
        "100 %. A restart takes away 0.2 %.",
        query("max(slo:supportbot_availability:ratio_rate1h{@job})"),
        unit="percentunit",
        decimals=1,
        spark=False,
        empty="UNKNOWN",
        defaults={"thresholds": scale(RED, {0.9: ORANGE, 0.99: GREEN})},
        watched=["SupportbotDown", "SupportbotHeartbeatMissing"],
        shows=[SLO],
    ),
)

BUILDS = f"process_start_time_seconds{{@desk}} * on (job, instance) group_left (version, commit) {builds_of('')}"

WHAT = row(
    "Since when, what changed, and what to do: an alert's name leads to its runbook",
    states(
        "What works",
        "Whether the desk works at all, whether it answers, and what it depends on, as it sees that. A gap: unknown.",
        "all green, with gaps only where the process was restarted. It takes nothing in while it stops.",
        [
            query("max(slo:supportbot_availability:works{@job})", "the desk"),
            query("min(up{@desk})", "up"),
            query('min by (probe) (supportbot_ready{@desk, probe!="draining"})', "{{probe}}"),
            query('min(supportbot_ready{@desk, probe="draining"})', "takes in"),
        ],
        w=8,
        texts={0: ("no", RED), 1: ("yes", GREEN)},
        watched=["SupportbotDown", "SupportbotStoreDown", "SupportbotTelegramUnreachable"],
        shows=[RUNTIME],
    ),
    table(
        "What changed",
        "The builds that ran in the range shown, and when each process last started with one, and Redis; the newest start first.",
        "nothing new: one build, started long before the trouble.",
        [
            query(
                f"(max by (instance, version, commit) (max_over_time(({BUILDS})[$__range:15s])) "
                'or label_replace(max(max_over_time(redis_start_time_seconds{job="redis"}[$__range])), "instance", "Redis", "", "")) * 1000',
                now=True,
                form="table",
            )
        ],
        columns={"Value": "Started", "version": "Version", "commit": "Commit", "instance": "Process"},
        w=7,
        sort=[("Started", True)],
        empty="UNKNOWN",
        overrides=[
            special("Version|Commit", {"noValue": "–"}, "byRegexp"),
            special("Started", {"unit": "dateTimeAsIso", "custom.width": 155}),
            special("Version", {"custom.width": 65}),
            special("Commit", {"custom.width": 80}),
        ],
        watched=["SupportbotCrashed"],
        shows=[RUNTIME],
    ),
    table(
        "Firing alerts, by name",
        "What is firing, since when that has been so, and where; the first is the likely cause. A name links to its runbook.",
        "none: an empty table.",
        [
            query(
                # An alert has one or two of these labels. Trimming the spaces of the missing ones leaves nothing if it has none.
                f'label_replace(label_join(min by ({alerts.LABELS}) ({alerts.since("critical|warning")}) * 1000, '
                '"what", " ", "resource", "reason", "fault", "kind", "probe", "task"), "what", "$1", "what", " *(.*?) *")',
                now=True,
                form="table",
            )
        ],
        columns={"severity": "Severity", "alertname": "Alert", "Value": "Since", "what": "What", "instance": "Where"},
        w=9,
        sort=[("Severity", False), ("Since", False)],
        empty="none",
        overrides=[
            special("What|Where", {"noValue": "–"}, "byRegexp"),
            special("Since", {"unit": "dateTimeAsIso", "custom.width": 155}),
            special("What", {"custom.width": 90}),
            special("Alert", {"links": [link("Runbook", f"{alerts.RUNBOOKS}/${{__value.raw}}.md")], "custom.width": 210}),
            special(
                "Severity",
                {
                    "custom.cellOptions": {"type": "color-text"},
                    "custom.width": 75,
                    "mappings": mappings({"critical": ("page", RED), "warning": ("ticket", ORANGE)}),
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
        h=6,
        shows=[PIPELINE],
    ),
    spread(
        "Age of updates when handled",
        "How old updates are, by Telegram's date, when their handling begins.",
        "a second or two. More: updates wait at Telegram, or here.",
        "supportbot_update_age_seconds",
        h=6,
        watched=["SupportbotWebhookFailing"],
        shows=[PIPELINE],
    ),
    shared.waiting("Updates in the inbox and messages in the outbox that wait or are being worked on.", h=6, shows=[PIPELINE]),
)

OUT = row(
    "Out: from the decision to Telegram",
    shared.oldest("seconds. The outbox waits longer when Telegram's limits make it.", w=6, h=6, shows=[PIPELINE]),
    timeseries(
        "Delivery time, as people feel it",
        "What 95 % of the messages took from receipt to Telegram's acceptance, with what Telegram's limits made them wait, over 5 minutes.",
        "seconds. Minutes in a rush; above the dashed line for 15 minutes, a ticket.",
        [
            query(f'max(job_direction:supportbot_delivery_duration_seconds:p95_5m{{@job, direction="{direction}"}})', name)
            for direction, name in (("user_to_operator", "to operators"), ("operator_to_user", "to users"))
        ],
        unit="s",
        w=6,
        h=6,
        limits=alerts.FELT_LATE,
        colours=shared.DIRECTIONS,
        shows=[TELEGRAM, SLO],
    ),
    shared.delivered(w=6, h=6, shows=[PIPELINE]),
    shared.refused(
        "Calls to Telegram that did not succeed, by outcome. flood: too many requests, to be retried later.",
        w=6,
        h=6,
        shows=[TELEGRAM],
    ),
)

DASHBOARD = dashboard(
    "supportbot-overview",
    "Overview",
    "Is the desk answering? Its state now, then the path of a message from left to right.",
    [NOW, WHOM, WHAT, IN, OUT],
    since="now-1h",
    refresh="10s",
)
