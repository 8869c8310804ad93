"""Panels that stand on more than one dashboard: what each asks and how it is drawn is said here, what the reader is told there."""

import alerts
from panels import BLUE, CLOCK, GREEN, GREY, ORANGE, RED, SILENT, UNKNOWN, but_zeros, flow, per_minute, query, scale, stat, timeseries

REFUSALS = {
    "flood": ORANGE,
    "server_error": RED,
    "timeout": "dark-red",
    "network": "purple",
    "unauthorized": "dark-purple",
    "conflict": BLUE,
    "forbidden": "yellow",
    "bad_request": GREY,
}

# What the slots of the group's limit are used for. What users wait for is bright.
CLASSES = {
    "urgent": RED,
    "known": GREEN,
    "opening": "purple",
    "stranger": BLUE,
    "notice": ORANGE,
    "cosmetic": GREY,
    "to_user": "dark-green",
}


# What is 0 has no line, so without these the colours would change with what is there.
TYPES = {
    "message": BLUE,
    "edited_message": "light-blue",
    "callback_query": GREEN,
    "message_reaction": ORANGE,
    "my_chat_member": "purple",
    "other": GREY,
}
QUEUES = {
    "inbox ready": BLUE,
    "inbox in_flight": "light-blue",
    "inbox delayed": "dark-blue",
    "outbox ready": "purple",
    "outbox in_flight": GREEN,
    "outbox delayed": ORANGE,
}

# A message's way.
DIRECTIONS = {"to operators": GREEN, "to users": BLUE}


def updates_received(what, good, **rest):
    return flow("Updates received", what, good, [per_minute("supportbot_updates_received_total", "{{type}}", by="type", seldom="type")], colours=TYPES, **rest)


def updates_handled(what, **rest):
    return flow(
        "Updates handled",
        what,
        "ok and ignored only.",
        [per_minute("supportbot_updates_handled_total", "{{outcome}}", by="outcome", seldom="outcome")],
        meaning=True,
        watched=["SupportbotHandlerErrors", "SupportbotMessagesLost"],
        **rest,
    )


def waiting(what, **rest):
    return timeseries(
        "Waiting in the queues",
        what,
        "near 0, with peaks in a rush that subside.",
        [query(but_zeros("sum by (queue, state) (supportbot_queue_depth{@desk})", "queue"), "{{queue}} {{state}}")],
        unit="short",
        stack=True,
        top=5,
        colours=QUEUES,
        watched=["SupportbotOutboxStuck", "SupportbotSaturated"],
        **rest,
    )


def oldest(good, **rest):
    return timeseries(
        "Oldest waiting",
        "How long the oldest due item of each queue has waited.",
        good,
        [query("max by (queue) (instance_queue:supportbot_queue_oldest:age_seconds{@desk})", "{{queue}}")],
        unit=CLOCK,
        limits=[alerts.INBOX, alerts.OUTBOX],
        colours={"inbox": BLUE, "outbox": "purple"},
        **rest,
    )


def delivered(**rest):
    """Over 5 minutes: at the group's limit, less would be a saw."""
    rate = lambda legend, where: per_minute("supportbot_deliveries_total", legend, by="outcome", where=where, over="5m", seldom="outcome")
    return flow(
        "Messages delivered",
        "Messages that were finished, by direction, as a mean of 5 minutes. blocked: the user has blocked the bot.",
        "delivered only; now and then a blocked one.",
        [
            rate("to operators: {{outcome}}", 'direction="user_to_operator"'),
            rate("to users: {{outcome}}", 'direction="operator_to_user"'),
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
        **rest,
    )


def refused(what, *, colours=REFUSALS, **rest):
    return flow(
        "What Telegram refused",
        what,
        "next to nothing. An occasional bad_request or forbidden comes from what users and operators do.",
        [per_minute("supportbot_telegram_api_requests_total", "{{outcome}}", by="outcome", where='outcome!="ok"', seldom="outcome")],
        top=1,
        colours=colours,
        watched=["SupportbotTelegramUnreachable", "SupportbotFloodRatioHigh"],
        **rest,
    )


def users_waiting(what, **rest):
    return stat(
        "Users waiting",
        what,
        "few; more of them at night.",
        query(f'sum(job_state:supportbot_conversations:sum{{@job, state="waiting_operator"}}) {SILENT}'),
        unit="short",
        texts=UNKNOWN,
        colour="value",
        watched=["SupportbotUsersWaiting"],
        **rest,
    )


def longest_wait(what, **rest):
    return stat(
        "Longest wait",
        what,
        "less than you promise your users.",
        query(f"max(job:supportbot_oldest_unanswered:age_seconds{{@job}}) {SILENT}"),
        unit="s",
        decimals=0,
        limits=alerts.USER_WAITING,
        texts={0: ("nobody", GREEN), **UNKNOWN},
        **rest,
    )


def budget_left(what, **rest):
    return stat(
        "Budget left",
        what,
        "above 0, and not falling faster than time passes.",
        query("min(slo:supportbot_delivery:error_budget_remaining_ratio{@job})"),
        unit="percentunit",
        decimals=0,
        # The rule goes no lower.
        texts={-1: ("used up twice", RED)},
        watched=["SupportbotErrorBudgetBurn", "SupportbotErrorBudgetSlowBurn"],
        defaults={"thresholds": scale(RED, {0: ORANGE, 0.25: GREEN})},
        **rest,
    )
