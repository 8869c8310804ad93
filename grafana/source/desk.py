"""What users and operators notice."""

import alerts
import shared
from dashboard import dashboard, row
from panels import BLUE, CLOCK, GREEN, GREY, ORANGE, RED, but_zeros, events, flow, heatmap, increase, number, per_minute, query, ranking, timeseries

STATES = {"waiting_operator": ORANGE, "waiting_user": GREEN, "closed": GREY, "banned": RED, "unreachable": "purple"}


def first_response(q):
    buckets = "sum by (le) (increase(supportbot_first_response_seconds_bucket{@desk}[$__range]))"
    return query(f"histogram_quantile({q}, {buckets})")


def in_range(counter, where=""):
    return query(f"round(sum(increase({counter}{{@desk{', ' + where if where else ''}}}[$__range])))")


NOW = row(
    "Now, and in the range shown",
    shared.users_waiting("Users who have written and have not been answered yet."),
    shared.longest_wait("How long the longest-waiting user has waited."),
    number(
        "Answered: half",
        "Time until half of the waiting users had a first answer, in the range shown.",
        "minutes in working hours.",
        first_response(0.5),
        unit="s",
        decimals=0,
        empty="no answers",
    ),
    number(
        "Answered: 90 %",
        "Time until nine of ten had a first answer, in the range shown.",
        "less than you promise your users.",
        first_response(0.9),
        unit="s",
        decimals=0,
        empty="no answers",
    ),
    number(
        "New users",
        "Conversations opened in the range shown.",
        "as usual for the day.",
        in_range("supportbot_conversations_opened_total"),
        unit="short",
    ),
    number(
        "From users",
        "Users' messages that reached the operators, in the range shown.",
        "as usual for the day.",
        in_range("supportbot_deliveries_total", 'direction="user_to_operator", outcome="delivered"'),
        unit="short",
    ),
    number(
        "From operators",
        "Answers that reached users, in the range shown.",
        "about as many as users wrote.",
        in_range("supportbot_deliveries_total", 'direction="operator_to_user", outcome="delivered"'),
        unit="short",
    ),
    number(
        "Not delivered",
        "Answers that did not reach users in the range shown, because they blocked the bot, or for another reason.",
        "few: users who blocked the bot.",
        in_range("supportbot_deliveries_total", 'direction="operator_to_user", outcome!="delivered"'),
        unit="short",
        watched=["SupportbotMessagesLost"],
    ),
)

USERS = row(
    "Users",
    timeseries(
        "Conversations",
        "Conversations by status.",
        "few wait for an operator, and none by evening.",
        [query(but_zeros("sum by (state) (job_state:supportbot_conversations:sum{@job})", "state"), "{{state}}")],
        unit="short",
        stack=True,
        colours=STATES,
        w=12,
        h=8,
        watched=["SupportbotUsersWaiting"],
    ),
    timeseries(
        "Longest wait, over time",
        "How long the longest-waiting user has waited for an answer.",
        "below the dashed line, and back to 0 each day.",
        [query("max(job:supportbot_oldest_unanswered:age_seconds{@job})", "waits")],
        unit=CLOCK,
        limits=alerts.USER_WAITING,
        colours={"waits": BLUE},
        w=12,
        h=8,
    ),
    heatmap(
        "Time to the first answer",
        "How long users waited for the first answer to what they wrote.",
        "bright at the bottom.",
        "supportbot_first_response_seconds",
        w=12,
        h=8,
        watched=["SupportbotUsersWaiting"],
    ),
    events(
        "New users, over time",
        "Conversations opened.",
        "as usual; a jump at night may be spam.",
        [increase("supportbot_conversations_opened_total", "opened")],
        w=12,
        h=8,
    ),
)

WELCOME = row(
    "Welcome: only if there is one",
    ranking(
        "Answers to the welcome",
        "How users answered the questions of the welcome, in the range shown.",
        "as usual; nothing without a welcome.",
        'topk(20, sum by (answer) (label_join(increase(supportbot_welcome_answers_total{@desk}[$__range]), "answer", ": ", "question", "answer")) > 0)',
        by="answer",
        unit="short",
        decimals=0,
        w=12,
        h=8,
    ),
    ranking(
        "How the welcome ended",
        "Scenes that ended in the range shown. answered: by an operator, before the end; restarted: by another Start; changed: by another file.",
        "finished or answered.",
        "sum by (outcome) (increase(supportbot_welcome_runs_ended_total{@desk}[$__range])) > 0",
        by="outcome",
        unit="short",
        decimals=0,
        w=12,
        h=8,
    ),
    collapsed=True,
)

NEWSLETTERS = row(
    "Newsletters: only if some are sent",
    flow(
        "Received",
        "Recipients of newsletters by outcome. kept: Telegram did not let the desk delete it.",
        "sent, while one is under way; few blocked, fewer failed.",
        [per_minute("supportbot_newsletter_recipients_total", "{{outcome}}", by="outcome", seldom="outcome")],
        top=1,
        w=12,
        colours={"sent": GREEN, "blocked": GREY, "failed": RED, "recalled": BLUE, "kept": ORANGE},
        watched=["SupportbotNewsletterStalled"],
    ),
    timeseries(
        "Still to receive",
        "Recipients of newsletters under way who have not received it yet. pending: nothing is queued for them; queued: it waits to be sent. A paused one does not change.",
        "falls to 0 while one is under way.",
        [
            query("sum(supportbot_newsletter_pending{@desk})", "pending"),
            query("sum(supportbot_newsletter_queued{@desk})", "queued"),
        ],
        unit="short",
        top=5,
        w=12,
        colours={"pending": BLUE, "queued": ORANGE},
        watched=["SupportbotNewsletterStalled"],
    ),
    collapsed=True,
)

OPERATORS = row(
    "Operators",
    timeseries(
        "Messages each way",
        "Messages that arrived, from users and from operators, as a mean of 5 minutes.",
        "the second follows the first.",
        [
            per_minute("supportbot_deliveries_total", "from users", where='direction="user_to_operator", outcome="delivered"', over="5m"),
            per_minute("supportbot_deliveries_total", "from operators", where='direction="operator_to_user", outcome="delivered"', over="5m"),
        ],
        unit="suffix:/min",
        colours={"from users": BLUE, "from operators": GREEN},
    ),
    ranking(
        "What operators do",
        "Actions of operators in the range shown.",
        "mostly messages.",
        'topk(12, sum by (handler) (increase(supportbot_updates_handled_total{@desk, handler=~"staff_.+", outcome="ok"}[$__range])) > 0)',
        by="handler",
        unit="short",
        decimals=0,
        colour=GREEN,
    ),
    ranking(
        "What users do",
        "Actions of users in the range shown. user_blocked: they blocked the bot; user_returned: they are back.",
        "messages; few users who block the bot.",
        'topk(12, sum by (handler) (increase(supportbot_updates_handled_total{@desk, handler=~"user_.+", outcome="ok"}[$__range])) > 0)',
        by="handler",
        unit="short",
        decimals=0,
    ),
)

DASHBOARD = dashboard(
    "supportbot-desk",
    "Desk",
    "What users and operators notice: who waits, how long, and how much there is to do.",
    [NOW, USERS, OPERATORS, WELCOME, NEWSLETTERS],
    since="now-24h",
    refresh="1m",
)
