"""The path of an update: in, decided, queued, out."""

import alerts
import shared
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
    events,
    flow,
    heatmap,
    increase,
    per_minute,
    quantile,
    query,
    ranking,
    stat,
    timeseries,
)

IN = row(
    "In: updates from Telegram",
    heatmap(
        "Age of updates when handled",
        "How old updates are, by Telegram's date, when their handling begins.",
        "all under 2 seconds. Older ones have waited at Telegram, as after an outage, or here.",
        "supportbot_update_age_seconds",
        watched=["SupportbotWebhookFailing"],
    ),
    timeseries(
        "Polled or pushed",
        "Updates by the way they arrived, and those that Telegram sent again although they were known.",
        "one way only, and hardly any sent again.",
        [
            per_minute("supportbot_updates_received_total", "{{source}}", by="source", seldom="source"),
            per_minute("supportbot_updates_duplicate_total", "again"),
        ],
        unit="suffix:/min",
        colours={"again": ORANGE},
    ),
    stat(
        "Last update",
        "Time since any process last received an update.",
        "as usual for the hour; only a busy desk receives something every minute.",
        query(
            "time() - max(supportbot_last_update_timestamp_seconds{@desk} > 0) "
            f"or 0 * max(supportbot_last_update_timestamp_seconds{{@desk}}) - 2 {SILENT}"
        ),
        unit="s",
        decimals=0,
        w=8,
        h=7,
        colour="value",
        texts={-2: ("none yet", GREY), **UNKNOWN},
    ),
)

HANDLERS = row(
    "Handlers: what is decided",
    shared.updates_handled("How updates ended; an error or a panic is one of three attempts, and dead is given up."),
    timeseries(
        "Attempts that failed",
        "The share of attempts to handle updates that ended in an error, over 15 minutes.",
        "0.",
        [
            query(
                'sum(increase(supportbot_updates_handled_total{@desk, outcome="error"}[15m])) / clamp_min(sum(increase(supportbot_updates_handled_total{@desk}[15m])), 1)',
                "errors",
            )
        ],
        unit="percentunit",
        limits=alerts.HANDLER_ERRORS,
        colours={"errors": ORANGE},
    ),
    heatmap(
        "Time to handle",
        "From an update's claim to its commit, all handlers together.",
        "milliseconds; with a slow disk, tens of them.",
        "supportbot_update_handle_duration_seconds",
        watched=["SupportbotSaturated"],
    ),
    ranking(
        "Slowest handlers",
        "The mean time that a handler took for an update, in the range shown; the ten slowest.",
        "a few milliseconds.",
        "topk(10, sum by (handler) (rate(supportbot_update_handle_duration_seconds_sum{@desk}[$__range])) / (sum by (handler) (rate(supportbot_update_handle_duration_seconds_count{@desk}[$__range])) > 0))",
        by="handler",
        unit="s",
        w=12,
        colour=ORANGE,
    ),
    ranking(
        "What people do",
        "Updates by handler, in the range shown; the ten most frequent.",
        "messages above all.",
        "topk(10, sum by (handler) (increase(supportbot_updates_handled_total{@desk}[$__range])) > 0)",
        by="handler",
        unit="short",
        w=12,
        decimals=0,
    ),
)

QUEUES = row(
    "Queues: what waits",
    shared.waiting("Items in the inbox and the outbox: ready, due later, or being worked on."),
    shared.oldest("seconds. The outbox waits longer when Telegram's limits make it: then its alert stays silent."),
    timeseries(
        "In and done",
        "Items added to a queue, and items that left it.",
        "the two lines of a queue coincide.",
        [
            per_minute("supportbot_queue_enqueued_total", "{{queue}}: added", by="queue"),
            per_minute("supportbot_queue_processed_total", "{{queue}}: done", by="queue", where='outcome!="retry"'),
        ],
        unit="suffix:/min",
        watched=["SupportbotOutboxStuck"],
    ),
    flow(
        "Attempts",
        "How attempts on queued items ended: done, to be retried, given up.",
        "ok; retry during a flood limit or an outage of Telegram.",
        [per_minute("supportbot_queue_processed_total", "{{queue}}: {{outcome}}", by="queue, outcome", seldom="queue")],
        colours={
            "inbox: ok": GREEN,
            "outbox: ok": BLUE,
            "inbox: retry": "yellow",
            "outbox: retry": ORANGE,
            "inbox: dead": "purple",
            "outbox: dead": "dark-purple",
        },
        w=6,
    ),
    timeseries(
        "Time until done",
        "From the receipt of an update until its work was done: for half and for 95 % of the items of a queue.",
        "under a second, when Telegram's limits do not make messages wait.",
        [
            quantile(0.5, "supportbot_queue_wait_seconds", "{{queue}}: half", by="queue"),
            quantile(0.95, "supportbot_queue_wait_seconds", "{{queue}}: 95 %", by="queue"),
        ],
        unit="s",
        w=6,
    ),
    timeseries(
        "Late and waiting",
        "Messages that have taken the desk more than 5 seconds and still wait; what Telegram's limits make them wait is not counted.",
        "0. They count as bad in the SLO already.",
        [
            query("sum(supportbot_late_messages{@desk})", "waiting"),
            increase("supportbot_late_messages_dropped_total", "dropped, 15 min", over="15m", above=True),
        ],
        unit="short",
        top=5,
        watched=["SupportbotErrorBudgetBurn"],
        shows=["supportbot-slo"],
        w=6,
    ),
    timeseries(
        "Dead letters",
        "Items that were given up and that nobody has replayed or dropped.",
        "0. `support-bot dead list` lists them.",
        [query("sum by (queue) (supportbot_dead_letters{@desk})", "{{queue}}")],
        unit="short",
        top=5,
        watched=["SupportbotMessagesLost"],
        w=6,
    ),
)

OUT = row(
    "Out: what arrives, and what went wrong",
    shared.delivered(w=12, shows=["supportbot-slo"]),
    events(
        "What went wrong",
        "Items given up (dead letters), messages that the store had confirmed and no longer had, panics by the task they happened in, "
        "and sends repeated because the answer was lost, so that the message may have arrived twice.",
        "none. Given up as blocked is no fault: the user has blocked the bot. A panic is a bug: please report it.",
        [
            increase("supportbot_dead_lettered_total", "given up: {{reason}}", by="reason", seldom="reason"),
            increase("supportbot_messages_lost_total", "lost by the {{reason}}", by="reason", above=True),
            increase("supportbot_panics_total", "panic: {{task}}", by="task", above=True),
            increase("supportbot_telegram_possible_repeats_total", "perhaps sent twice", above=True),
        ],
        stack=True,
        w=12,
        watched=["SupportbotMessagesLost", "SupportbotHandlerErrors"],
        colours={
            "given up: blocked": GREY,
            "given up: tracker": BLUE,
            "lost by the store": RED,
            "perhaps sent twice": ORANGE,
        },
    ),
)

TURNS = row(
    "Are all loops running?",
    timeseries(
        "Since the last heartbeat",
        "Time since a heartbeat last passed through worker, store, sender and Telegram; one is tried every 15 seconds.",
        "a sawtooth up to a little more than 15 seconds.",
        [query("instance:supportbot_heartbeat:age_seconds{@desk}", "{{instance}}")],
        unit=CLOCK,
        limits=alerts.HEARTBEAT,
    ),
    timeseries(
        "How long a heartbeat took",
        "The time that the last heartbeat took through worker, store, sender and Telegram.",
        "under a second.",
        [query("supportbot_heartbeat_duration_seconds{@desk}", "{{instance}}")],
        unit="s",
        watched=["SupportbotHeartbeatMissing"],
    ),
    timeseries(
        "Each loop against its limit",
        "Time since each loop last turned, as a share of the longest that a turn may take, in the slowest process. "
        "At 100 % the alert is due; at 200 % the desk ends itself.",
        "a few percent; poll waits for Telegram up to POLL_TIMEOUT_SECONDS. A loop that does not exist has no line.",
        [
            query(
                "max by (task) ((time() - supportbot_task_heartbeat_timestamp_seconds{@desk})"
                " / (supportbot_task_heartbeat_limit_seconds{@desk} > 0))",
                "{{task}}",
            )
        ],
        unit="percentunit",
        watched=["SupportbotHeartbeatMissing"],
    ),
)

DASHBOARD = dashboard(
    "supportbot-pipeline",
    "Pipeline",
    "The path of an update: in, decided, queued, out.",
    [IN, HANDLERS, QUEUES, OUT, TURNS],
)
