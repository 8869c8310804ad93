"""What passes between the desk and the Bot API."""

import alerts
import shared
from dashboard import dashboard, row
from panels import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    YES_NO,
    events,
    flow,
    heatmap,
    increase,
    number,
    per_minute,
    quantile,
    query,
    ranking,
    share,
    special,
    spread,
    states,
    timeseries,
)

OUTCOMES = {"ok": GREEN, **shared.REFUSALS}

REACH = row(
    "Is Telegram reachable?",
    states(
        "Telegram and the group",
        "Whether Telegram answers the bot, and whether the bot has the rights it needs in the group.",
        "both green.",
        [query('min by (probe) (supportbot_ready{@desk, probe=~"telegram|group"})', "{{probe}}")],
        texts=YES_NO,
        w=8,
        h=7,
        watched=["SupportbotTelegramUnreachable"],
    ),
    timeseries(
        "Since the last answer",
        "Time since a call to the Bot API last succeeded.",
        "seconds; a quiet desk that polls gets an answer when a poll ends, after up to 50.",
        [query("time() - (supportbot_telegram_api_last_success_timestamp_seconds{@desk} > 0)", "{{instance}}")],
        unit="s",
        watched=["SupportbotTelegramUnreachable"],
    ),
    timeseries(
        "Polls refused",
        "Polls that were refused within 5 minutes because another program polls with the same token.",
        "0; one or two when a process takes over from another.",
        [query("round(sum(increase(supportbot_poll_conflicts_total{@desk}[5m])))", "conflicts")],
        unit="short",
        limits=alerts.POLL_CONFLICTS,
        colours={"conflicts": BLUE},
    ),
)

CALLS = row(
    "Calls",
    flow(
        "Calls by outcome",
        "Calls to the Bot API, including polls.",
        "ok.",
        [per_minute("supportbot_telegram_api_requests_total", "{{outcome}}", by="outcome")],
        colours=OUTCOMES,
        watched=["SupportbotTelegramUnreachable"],
    ),
    shared.refused(
        "The same without those that succeeded. flood: too many requests; forbidden: blocked, or a right is missing.",
        colours=OUTCOMES,
    ),
    ranking(
        "Calls by method",
        "How often each method was called in the range shown; the twelve most frequent.",
        "copies and messages; get_updates where the desk polls.",
        "topk(12, sum by (method) (increase(supportbot_telegram_api_requests_total{@desk}[$__range])) > 0)",
        by="method",
        unit="short",
        decimals=0,
    ),
    heatmap(
        "How long calls take",
        "Duration of all calls except those that wait for updates.",
        "under half a second.",
        "supportbot_telegram_api_request_duration_seconds",
        where='method!="get_updates"',
        w=6,
    ),
    ranking(
        "Slowest methods",
        "The mean time that the calls of a method took, in the range shown; the twelve slowest.",
        "under half a second. Files take longer.",
        'topk(12, sum by (method) (rate(supportbot_telegram_api_request_duration_seconds_sum{@desk, method!="get_updates"}[$__range])) / (sum by (method) (rate(supportbot_telegram_api_request_duration_seconds_count{@desk, method!="get_updates"}[$__range])) > 0))',
        by="method",
        unit="s",
        colour=ORANGE,
        w=6,
    ),
    timeseries(
        "Calls under way",
        "Calls to the Bot API at one moment; the dashed line is the limit (SEND_CONCURRENCY).",
        "far below the limit. One of them is the poll.",
        [query("supportbot_telegram_api_in_flight{@desk}", "{{instance}}"), query("max(supportbot_telegram_api_concurrency_limit{@desk})", "limit")],
        unit="short",
        overrides=[
            special(
                "limit",
                {"color": {"mode": "fixed", "fixedColor": ORANGE}, "custom.fillOpacity": 0, "custom.lineStyle": {"fill": "dash", "dash": [8, 8]}},
            )
        ],
        watched=["SupportbotSaturated"],
        w=6,
    ),
    timeseries(
        "Clock skew against Telegram",
        "How far each process's clock is ahead of Telegram's, as dates of its answers show, give or take a second. Delivery times take it into account.",
        "within a second. More: set this machine's clock by NTP.",
        [query("supportbot_telegram_clock_skew_seconds{@desk}", "{{instance}}")],
        unit="s",
        w=6,
        lowest=None,
    ),
)

LIMITS = row(
    "Limits: Telegram's, and ours that keep within them",
    timeseries(
        "Too many requests",
        "The share of calls, other than reads, that Telegram answered with 429, over 10 minutes.",
        "0: the desk paces itself. Above 0: another program uses the token, or Telegram's limits have changed.",
        [query("max(job:supportbot_telegram_flood:ratio_rate10m{@job})", "429")],
        unit="percentunit",
        limits=alerts.FLOOD,
        colours={"429": ORANGE},
    ),
    timeseries(
        "Asked to wait",
        "Seconds that Telegram asked the desk to wait (retry_after), when it asked.",
        "none.",
        [increase("supportbot_telegram_flood_wait_seconds_total", "retry_after")],
        unit="s",
        bars=True,
        top=1,
        colours={"retry_after": ORANGE},
        watched=["SupportbotFloodRatioHigh", "SupportbotOutboxStuck"],
    ),
    share(
        "Sending: busy",
        "How much of SEND_CONCURRENCY was in use, over 5 minutes.",
        "far below the dashed line.",
        "instance:supportbot_sending:busy_ratio5m",
        limits=alerts.BUSY,
    ),
)

MINUTE = row(
    "The group's minute: Telegram takes some 20 messages a minute in a group",
    timeseries(
        "Where the minute goes",
        "Slots of the group's limit that were used in the last minute, by what they were used for; the dashed line is the limit.",
        "below the limit, or full now and then. Full, with much notice or cosmetic: see the runbook.",
        [
            query("sum by (class) (supportbot_group_budget_slots{@desk})", "{{class}}"),
            query("max(supportbot_group_budget_limit_slots{@desk}) > 0", "limit"),
        ],
        unit="short",
        w=10,
        stack=True,
        top=20,
        colours=shared.CLASSES,
        overrides=[
            special(
                "limit",
                {
                    "color": {"mode": "fixed", "fixedColor": RED},
                    "custom.fillOpacity": 0,
                    "custom.lineWidth": 1,
                    "custom.lineStyle": {"fill": "dash", "dash": [8, 8]},
                    "custom.stacking": {"mode": "none", "group": "limit"},
                },
            )
        ],
        watched=["SupportbotMessagesLate"],
    ),
    number(
        "Used in an hour",
        "The share of the group's limit that was used in the last hour, or since the start, by all processes together.",
        "far below 95 %, from where on the owner is told.",
        query("max(supportbot_group_budget_used_hour_ratio{@desk})"),
        unit="percentunit",
        decimals=0,
        w=4,
        h=7,
        watched=["SupportbotMessagesLate"],
    ),
    ranking(
        "What the slots were used for",
        "Slots of the group's limit used in the range shown, by class.",
        "known, stranger and opening above all: what users write.",
        "sum by (class) (increase(supportbot_group_budget_used_total{@desk}[$__range])) > 0",
        by="class",
        unit="short",
        decimals=0,
        w=10,
    ),
    timeseries(
        "Who waits because of it",
        "Lanes that are ready and wait for slots, by class; of known, opening and stranger, each is a user.",
        "none, with peaks in a rush that subside.",
        [query("sum by (class) (supportbot_lanes_waiting{@desk})", "{{class}}")],
        unit="short",
        stack=True,
        top=5,
        colours=shared.CLASSES,
        watched=["SupportbotMessagesLate"],
    ),
    timeseries(
        "How long they wait",
        "How long the lane of each class has waited for its turn that has waited longest.",
        "seconds for urgent and known; minutes for others in a rush.",
        [query("max by (class) (supportbot_lanes_longest_wait_seconds{@desk})", "{{class}}")],
        unit="s",
        colours=shared.CLASSES,
        watched=["SupportbotMessagesLate"],
    ),
    timeseries(
        "Held back, of what was sent",
        "For how long limits held back 95 % of what was sent, by class, over 5 minutes; to_user: the limits of private chats.",
        "under a second; of the group, more when many users write at once.",
        [quantile(0.95, "supportbot_limit_delay_seconds", "{{class}}", by="class", over="5m")],
        unit="s",
        colours=shared.CLASSES,
        watched=["SupportbotMessagesLate", "SupportbotFloodRatioHigh"],
    ),
)

WEBHOOK = row(
    "Webhook: only if one is set",
    states(
        "Webhook",
        "Whether the desk is configured for a webhook, and whether Telegram pushes to it.",
        "both green. If the desk polls, no webhook is set.",
        [
            query("max(supportbot_webhook_enabled{@desk})", "set"),
            query("max(supportbot_webhook_ours{@desk}) and on () max(supportbot_webhook_enabled{@desk}) == 1", "ours"),
        ],
        texts=YES_NO,
        neutral=["set"],
        w=6,
        h=7,
        watched=["SupportbotWebhookMisconfigured"],
    ),
    timeseries(
        "Waiting at Telegram",
        "Updates that wait at Telegram to be pushed, as last seen.",
        "0.",
        [query("max(supportbot_webhook_pending_updates{@desk})", "pending")],
        unit="short",
        top=5,
        w=6,
        watched=["SupportbotWebhookFailing"],
    ),
    flow(
        "Pushes",
        "Requests to the webhook by outcome; full, unstored, busy and stopping are answered 503, and Telegram repeats them.",
        "stored only. From strangers: wrong_secret, not_found; the probe of the proxy is a wrong_secret twice a minute.",
        [per_minute("supportbot_webhook_requests_total", "{{outcome}}", by="outcome")],
        top=1,
        w=6,
        watched=["SupportbotWebhookFailing"],
        colours={"stored": GREEN, "full": RED, "unstored": "dark-red", "busy": ORANGE, "stopping": BLUE},
    ),
    timeseries(
        "Pushes answered 503",
        "The share of Telegram's pushes that the desk could not accept, over 5 minutes.",
        "0, even during a restart: what arrives then is not counted.",
        [
            query(
                'sum(increase(supportbot_webhook_requests_total{@desk, outcome=~"full|unstored|busy"}[5m])) / clamp_min(sum(increase(supportbot_webhook_requests_total{@desk, outcome=~"stored|full|unstored|busy"}[5m])), 1)',
                "503",
            )
        ],
        unit="percentunit",
        limits=alerts.PUSHES_REFUSED,
        colours={"503": RED},
        w=6,
    ),
    spread(
        "Time to accept a push",
        "From the headers of a request with the right secret to its answer, including the sync of the store: half, and 95 %.",
        "tens of milliseconds.",
        "supportbot_webhook_request_duration_seconds",
        w=6,
    ),
    timeseries(
        "Webhook restored",
        "Times that the webhook was found changed by somebody else and set again, within 15 minutes.",
        "0.",
        [query("max(increase(supportbot_webhook_put_right_total{@desk}[15m]))", "put right")],
        unit="short",
        limits=alerts.PUT_RIGHT,
        w=6,
    ),
    events(
        "Strangers disconnected",
        "Connections without the right secret that were closed to make room for others.",
        "none; many at once are an attack, and harmless.",
        [increase("supportbot_webhook_connections_dismissed_total", "dismissed")],
        w=6,
        colours={"dismissed": BLUE},
    ),
    number(
        "Last failed push",
        "Time since Telegram last failed to push an update, and since its server last failed to learn of some.",
        "never, or long ago; during a restart, Telegram may fail once.",
        [
            query("time() - max(supportbot_webhook_last_error_timestamp_seconds{@desk}) < 1e9 or vector(-1)", "push"),
            query("time() - max(supportbot_webhook_last_synchronization_error_timestamp_seconds{@desk}) < 1e9 or vector(-1)", "learn"),
        ],
        unit="s",
        decimals=0,
        w=6,
        h=7,
        texts={-1: ("never", GREEN)},
        names=True,
        watched=["SupportbotWebhookFailing"],
    ),
)

PROXY = row(
    "Proxy: only with the profile webhook or replicas",
    states(
        "Probe",
        "Whether a push without the secret, sent to Caddy from inside, is answered 401 by the desk.",
        "green.",
        [query('min by (job) (probe_success{job="webhook"})', "answered")],
        texts=YES_NO,
        w=6,
        h=7,
        watched=["SupportbotWebhookFailing"],
    ),
    timeseries(
        "Certificate: time left",
        "How long the certificate that Caddy shows is still good.",
        "above 14 days. Caddy renews it when a third of its time is left.",
        [query('min by (job) (probe_ssl_earliest_cert_expiry{job="webhook"}) - time()', "left")],
        unit="dtdurations",
        limits=alerts.CERTIFICATE,
        top=30 * 86400,
        w=6,
    ),
    flow(
        "Answers of the desk to Caddy",
        "What Caddy passes on by the status of the answer; 502: no desk could be reached.",
        "200; 401 is the probe, twice a minute, or a stranger.",
        [query('60 * sum by (code) (rate(caddy_http_request_duration_seconds_count{handler="reverse_proxy"}[$__rate_interval]))', "{{code}}")],
        top=1,
        w=6,
        watched=["SupportbotWebhookFailing"],
        colours={"200": GREEN, "401": BLUE, "403": BLUE, "502": RED, "503": "dark-red", "504": ORANGE},
    ),
    timeseries(
        "Time until the desk's answer",
        "From Caddy's passing on a request to the answer, with attempts at another desk: half, and 95 %.",
        "tens of milliseconds; while a desk restarts, up to 5 seconds.",
        [
            query(f'histogram_quantile({q}, sum by (le) (rate(caddy_http_request_duration_seconds_bucket{{handler="reverse_proxy"}}[$__rate_interval])))', legend)
            for q, legend in ((0.5, "half"), (0.95, "95 %"))
        ],
        unit="s",
        colours={"half": BLUE, "95 %": ORANGE},
        w=6,
    ),
)

TRACKER = row(
    "TGTrack: only if it is enabled",
    flow(
        "Reports",
        "Attempts to report to TGTrack by outcome; refused and expired ones became dead letters, off: TGTrack was switched off while they waited.",
        "taken.",
        [per_minute("supportbot_tracker_reports_total", "{{outcome}}", by="outcome")],
        top=1,
        w=6,
        colours={"taken": GREEN, "refused": RED, "expired": "dark-red", "off": GREY, "denied": "dark-purple", "busy": ORANGE, "network": "purple"},
        watched=["SupportbotTrackingFailing"],
    ),
    timeseries(
        "Reports waiting",
        "Reports that TGTrack has not accepted yet. The queues above do not include them.",
        "0, or a handful.",
        [query("sum(supportbot_tracker_waiting{@desk})", "waiting")],
        unit="short",
        top=5,
        w=6,
        watched=["SupportbotTrackingFailing"],
    ),
    timeseries(
        "Oldest report",
        "How long the oldest report to TGTrack has waited since its update arrived.",
        "seconds.",
        [query("time() - min(supportbot_tracker_oldest_enqueued_timestamp_seconds{@desk} > 0) or vector(0)", "oldest")],
        unit="s",
        limits=alerts.REPORTS_WAIT,
        w=6,
    ),
    spread(
        "Response time of TGTrack",
        "From the start of an attempt to its end, including failures: half, and 95 %.",
        "under a second.",
        "supportbot_tracker_report_duration_seconds",
        w=6,
    ),
)

TOPICS = row(
    "Topics",
    events(
        "Topics opened",
        "Topics that the desk opened for users.",
        "one for each new user, and one for each topic that was deleted.",
        [increase("supportbot_topics_opened_total", "opened")],
        w=12,
    ),
    events(
        "Topics repaired",
        "Topics that were unusable and were repaired, by what was wrong.",
        "only what operators do: close or delete a topic.",
        [increase("supportbot_topics_healed_total", "{{reason}}", by="reason")],
        stack=True,
        w=12,
    ),
)

DASHBOARD = dashboard(
    "supportbot-telegram",
    "Telegram API",
    "What passes between the desk and the Bot API, and what limits it.",
    [REACH, CALLS, LIMITS, MINUTE, WEBHOOK, PROXY, TRACKER, TOPICS],
)
