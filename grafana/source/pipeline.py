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
    shared.updates_received("Updates received from Telegram and stored, by type.", "as usual for the hour."),
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
        [per_minute("supportbot_updates_received_total", "{{source}}", by="source"), per_minute("supportbot_updates_duplicate_total", "again")],
        unit="suffix:/min",
        w=5,
        colours={"again": ORANGE},
    ),
    stat(
        "Last update",
        "Time since any process last received an update.",
        "as usual for the hour; only a busy desk receives something every minute.",
        query(f"time() - max(supportbot_last_update_timestamp_seconds{{@desk}} > 0) {SILENT}"),
        unit="s",
        decimals=0,
        h=7,
        colour="value",
        texts={-1: ("none", GREY)},
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
    events(
        "Panics",
        "Panics by the task they happened in; each affects only the work at hand.",
        "none, ever. Each is a bug: please report it.",
        [increase("supportbot_panics_total", "{{task}}", by="task")],
        stack=True,
        watched=["SupportbotHandlerErrors"],
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
        colour=ORANGE,
    ),
    ranking(
        "What people do",
        "Updates by handler, in the range shown; the ten most frequent.",
        "messages above all.",
        "topk(10, sum by (handler) (increase(supportbot_updates_handled_total{@desk}[$__range])) > 0)",
        by="handler",
        unit="short",
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
        [per_minute("supportbot_queue_processed_total", "{{queue}}: {{outcome}}", by="queue, outcome")],
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
            increase("supportbot_late_messages_dropped_total", "dropped, 15 min", over="15m"),
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
    "Out: what arrives",
    flow(
        "Messages delivered",
        "Messages that were finished, by direction. blocked: the user has blocked the bot.",
        "delivered only; now and then a blocked one.",
        [
            per_minute("supportbot_deliveries_total", "to operators: {{outcome}}", by="outcome", where='direction="user_to_operator"'),
            per_minute("supportbot_deliveries_total", "to users: {{outcome}}", by="outcome", where='direction="operator_to_user"'),
        ],
        colours={
            "to operators: delivered": GREEN,
            "to users: delivered": BLUE,
            "to operators: failed": RED,
            "to users: failed": "dark-red",
            "to operators: blocked": GREY,
            "to users: blocked": GREY,
        },
        watched=["SupportbotErrorBudgetBurn", "SupportbotMessagesLost"],
        shows=["supportbot-slo"],
    ),
    timeseries(
        "Delivery: the desk's own time, and the total",
        "What 95 % of the messages took: without what Telegram's limits made them wait, and with it.",
        "both under a second. All far above own: many wrote at once, and Telegram's limits made them wait.",
        [
            query("max(job_direction:supportbot_delivery_own_duration_seconds:p95_5m{@job})", "own"),
            query("max(job_direction:supportbot_delivery_duration_seconds:p95_5m{@job})", "all"),
        ],
        unit="s",
        limits=alerts.PROMISE,
        colours={"own": BLUE, "all": "purple"},
        shows=["supportbot-slo"],
    ),
    heatmap(
        "Delivery: the desk's own time",
        "How long messages took, without what Telegram's limits made them wait.",
        "all below the promise of 5 seconds.",
        "supportbot_delivery_own_duration_seconds",
        where='outcome="delivered"',
        watched=["SupportbotErrorBudgetBurn"],
        shows=["supportbot-slo"],
    ),
    events(
        "Given up",
        "Items that became dead letters, by reason. blocked is no fault: the user has blocked the bot; tracker: reports to TGTrack.",
        "none but blocked.",
        [increase("supportbot_dead_lettered_total", "{{reason}}", by="reason")],
        stack=True,
        watched=["SupportbotMessagesLost"],
        colours={"blocked": GREY, "panic": "dark-red", "tracker": BLUE},
    ),
    events(
        "Lost",
        "Messages that the store had confirmed and no longer had.",
        "none, ever.",
        [increase("supportbot_messages_lost_total", "by the {{reason}}", by="reason")],
        watched=["SupportbotMessagesLost"],
        colours={"by the store": RED},
    ),
    events(
        "Perhaps sent twice",
        "Sends repeated because the answer was lost: the message may have arrived twice.",
        "none; a few when the network fails.",
        [increase("supportbot_telegram_possible_repeats_total", "repeats")],
        colours={"repeats": ORANGE},
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
