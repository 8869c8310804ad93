"""The promise over 30 days, by messages and by time, and how much of the 0.5 % is left."""

import alerts
import shared
from dashboard import dashboard, row
from panels import BLUE, GREEN, ORANGE, RED, YES_NO, heatmap, number, query, scale, stat, states, text, timeseries

READING = """\
**The promise**, over 30 days: Telegram accepts 99.5 % of all messages within 5 seconds, and the desk works in 99.5 % of the time. A message counts from when it was written, also while the desk was away; time that Telegram's own limits impose does not count, nor do users who blocked the bot.
The other 0.5 % are the *error budget*: docs/operate/error-budget.md. A *burn rate* of 1 uses it up in exactly 30 days, one of 14.4 in two. Alerts look at two windows: the long one says that it matters, the short one that it still goes on.
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
    "By messages",
    text(READING, title="How to read this", w=24, h=4),
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
        "Messages left",
        "How many more messages may be late or fail within 30 days. Negative: so many too many.",
        "above 0.",
        query("round(min(slo:supportbot_delivery:error_budget_remaining_messages{@job}))"),
        unit="short",
        decimals=0,
        w=4,
        defaults={"thresholds": scale(RED, {0: GREEN})},
        watched=["SupportbotErrorBudgetSlowBurn"],
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
        "Bad messages, 30 days",
        "Messages of 30 days that were late or failed.",
        "under 0.5 % of all.",
        query("round(sum(slo:supportbot_delivery:bad_increase30d{@job}))"),
        unit="short",
        w=4,
        watched=["SupportbotErrorBudgetSlowBurn"],
    ),
)

WORKS = row(
    "By time",
    stat(
        "Works, over 30 days",
        "The share of the time in which the desk worked: its heartbeat came through, Telegram let it work in the group, and sends got through.",
        "above 99.5 %.",
        query("max(slo:supportbot_availability:ratio_rate30d{@job})"),
        unit="percentunit",
        decimals=2,
        w=4,
        defaults={"thresholds": scale(RED, {0.995: GREEN})},
        watched=["SupportbotDown", "SupportbotHeartbeatMissing"],
    ),
    stat(
        "Works, 1 h",
        "The same, within an hour.",
        "100 %. A restart takes away 0.2 %.",
        query("max(slo:supportbot_availability:ratio_rate1h{@job})"),
        unit="percentunit",
        decimals=1,
        w=4,
        defaults={"thresholds": scale(RED, {0.9: ORANGE, 0.99: GREEN})},
        watched=["SupportbotDown", "SupportbotHeartbeatMissing"],
    ),
    stat(
        "Minutes left",
        "How many of the 216 minutes of 30 days the desk may still be away. Negative: so many too many.",
        "above 0.",
        query("min(slo:supportbot_availability:error_budget_remaining_minutes{@job})"),
        unit="suffix: min",
        decimals=0,
        w=4,
        defaults={"thresholds": scale(RED, {0: ORANGE, 54: GREEN})},
        watched=["SupportbotDown"],
    ),
    states(
        "Works, over time",
        "When the desk worked: its heartbeat came through, Telegram let it work in the group, and sends got through.",
        "green.",
        [query("max(slo:supportbot_availability:works{@job})", "the desk")],
        texts=YES_NO,
        h=4,
        watched=["SupportbotDown", "SupportbotHeartbeatMissing"],
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
        "What is left of the messages that may be late or fail within 30 days, and of the time in which the desk may be away.",
        "flat, or rising where bad days leave the window.",
        [
            query("min(slo:supportbot_delivery:error_budget_remaining_ratio{@job})", "messages"),
            query("min(slo:supportbot_availability:error_budget_remaining_ratio{@job})", "time"),
        ],
        unit="percentunit",
        w=12,
        top=1,
        colours={"messages": GREEN, "time": BLUE},
        watched=["SupportbotErrorBudgetBurn", "SupportbotErrorBudgetSlowBurn"],
        lowest=None,
    ),
    timeseries(
        "Bad messages",
        "Messages that were late or failed, within an hour and within a day.",
        "0. A page needs at least 10 of them, so that a quiet night does not cause one.",
        [query("sum(slo:supportbot_delivery:bad_increase1h{@job})", "1h"), query("sum(slo:supportbot_delivery:bad_increase1d{@job})", "1d")],
        unit="short",
        w=12,
        limits=alerts.BAD_COUNT,
        colours={"1h": "purple", "1d": BLUE},
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
            query(f'max(job_direction:supportbot_delivery_own_duration_seconds:{q}_5m{{@job, direction="{direction}"}})', f"{whom}: {name}")
            for direction, whom in (("user_to_operator", "to operators"), ("operator_to_user", "to users"))
            for q, name in (("p50", "half"), ("p95", "95 %"), ("p99", "99 %"))
        ],
        unit="s",
        limits=alerts.PROMISE,
    ),
)

DASHBOARD = dashboard(
    "supportbot-slo",
    "SLO",
    "The promise: 99.5 % of messages within 5 seconds, and 99.5 % of the time, over 30 days, and how much of the 0.5 % is left.",
    [NOW, WORKS, BURNING, BUDGET, TIME],
    since="now-24h",
    refresh="1m",
    deploys="1h",
)
