"""The promise: 99.5 % of messages within 5 seconds, over 30 days, and how much of the 0.5 % is left."""

import alerts
import shared
from dashboard import dashboard, row
from panels import BLUE, GREEN, RED, heatmap, number, query, scale, stat, text, timeseries

READING = """\
**The promise:** of all messages, 99.5 % are accepted by Telegram within 5 seconds of their receipt, over 30 days. Time that Telegram's own limits impose does not count; users who blocked the bot do not either.
The other 0.5 % are the *error budget*. A *burn rate* of 1 uses it up in exactly 30 days, one of 14.4 in two. Alerts look at two windows: the long one says that it matters, the short one that it still goes on.
"""


def burn(title, what, long, short, limit, count):
    """A pair of windows, and how many bad messages there must be before a pair of quiet nights can alert."""
    return timeseries(
        title,
        f"{what} It alerts when both windows are above the dashed line, and at least {count} messages of the long one were bad.",
        "0, or well below the dashed line.",
        [
            query(f"max(slo:supportbot_delivery:error_ratio_rate{long}{{@job}})", long),
            query(f"max(slo:supportbot_delivery:error_ratio_rate{short}{{@job}})", short),
        ],
        unit="percentunit",
        w=6,
        limits=limit,
        colours={long: "purple", short: BLUE},
    )


NOW = row(
    "",
    text(READING, title="How to read this", w=24, h=3),
    stat(
        "Kept, over 30 days",
        "The share of messages within 30 days that were accepted in time.",
        "above 99.5 %.",
        query("1 - max(slo:supportbot_delivery:error_ratio_rate30d{@job})"),
        unit="percentunit",
        decimals=2,
        w=4,
        defaults={"thresholds": scale(RED, {0.995: GREEN})},
        watched=["SupportbotErrorBudgetSlowBurn"],
    ),
    shared.budget_left(
        "What is left of the messages that may be late or fail within 30 days. Negative: overspent.",
        w=4,
    ),
    stat(
        "Burn rate, 1 h",
        "How fast the budget was used within an hour: at 1 it lasts exactly 30 days.",
        "below 1.",
        query("max(slo:supportbot_delivery:burn_rate1h{@job})"),
        unit="suffix:×",
        decimals=1,
        w=4,
        limits=alerts.BURN_1H,
    ),
    stat(
        "Burn rate, 6 h",
        "The same, within 6 hours.",
        "below 1.",
        query("max(slo:supportbot_delivery:burn_rate6h{@job})"),
        unit="suffix:×",
        decimals=1,
        w=4,
        limits=alerts.BURN_6H,
    ),
    number(
        "Messages, 30 days",
        "All messages that count.",
        "as usual.",
        query("round(sum(slo:supportbot_delivery:events_increase30d{@job}))"),
        unit="short",
        w=4,
    ),
    number(
        "Bad messages, 30 days",
        "Messages of 30 days that were late or failed.",
        "under 0.5 % of all.",
        query("round(sum(slo:supportbot_delivery:bad_increase30d{@job}))"),
        unit="short",
        w=4,
        watched=["SupportbotErrorBudgetSlowBurn"],
    ),
)

BURNING = row(
    "What the alerts compare: the share of bad messages",
    burn("Pages: 1 h and 5 min", "At the dashed line, the budget of 30 days is used up in 2.", "1h", "5m", alerts.BAD_1H, 10),
    burn("Pages: 6 h and 30 min", "At the dashed line, the budget of 30 days is used up in 5.", "6h", "30m", alerts.BAD_6H, 10),
    burn("Tickets: 1 day and 2 h", "At the dashed line, the budget of 30 days is used up in 10.", "1d", "2h", alerts.BAD_1D, 5),
    burn("Tickets: 3 days and 6 h", "At the dashed line, the budget is used up in exactly 30 days.", "3d", "6h", alerts.BAD_3D, 5),
)

BUDGET = row(
    "The budget",
    timeseries(
        "Budget left, over time",
        "What is left of the messages that may be late or fail within 30 days.",
        "flat, or rising where bad days leave the window.",
        [query("min(slo:supportbot_delivery:error_budget_remaining_ratio{@job})", "left")],
        unit="percentunit",
        top=1,
        colours={"left": GREEN},
        watched=["SupportbotErrorBudgetBurn", "SupportbotErrorBudgetSlowBurn"],
        lowest=None,
    ),
    timeseries(
        "Bad messages",
        "Messages that were late or failed, within an hour and within a day.",
        "0. A page needs at least 10 of them, so that a quiet night does not cause one.",
        [query("sum(slo:supportbot_delivery:bad_increase1h{@job})", "1h"), query("sum(slo:supportbot_delivery:bad_increase1d{@job})", "1d")],
        unit="short",
        limits=alerts.BAD_COUNT,
        colours={"1h": "purple", "1d": BLUE},
    ),
    timeseries(
        "Messages",
        "All messages that count, within an hour.",
        "as usual for the hour.",
        [query("sum(slo:supportbot_delivery:events_increase1h{@job})", "1h")],
        unit="short",
        colours={"1h": BLUE},
    ),
)

TIME = row(
    "Time",
    heatmap(
        "The desk's own time",
        "How long messages took, without what Telegram's limits made them wait.",
        "all below 5 seconds.",
        "supportbot_delivery_own_duration_seconds",
        where='outcome="delivered"',
        watched=["SupportbotErrorBudgetBurn"],
    ),
    heatmap(
        "All the time",
        "How long messages took, with what Telegram's limits made them wait.",
        "as on the left, except in a rush.",
        "supportbot_delivery_duration_seconds",
        where='outcome="delivered"',
    ),
    timeseries(
        "The desk's own time, by direction",
        "The time that half, 95 % and 99 % of the messages took, without what Telegram's limits made them wait.",
        "all below the dashed line.",
        [
            query(f"max by (direction) (job_direction:supportbot_delivery_own_duration_seconds:{q}_5m{{@job}})", f"{{{{direction}}}}: {name}")
            for q, name in (("p50", "half"), ("p95", "95 %"), ("p99", "99 %"))
        ],
        unit="s",
        limits=alerts.PROMISE,
    ),
)

DASHBOARD = dashboard(
    "supportbot-slo",
    "SLO",
    "The promise: 99.5 % of messages within 5 seconds, over 30 days, and how much of the 0.5 % is left.",
    [NOW, BURNING, BUDGET, TIME],
    since="now-24h",
    refresh="1m",
    deploys="1h",
)
