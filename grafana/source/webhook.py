"""How updates are pushed: rows of the Telegram dashboard."""

import alerts
from dashboard import row
from panels import BLUE, GREEN, GREY, ORANGE, RED, YES_NO, events, flow, increase, number, per_minute, query, spread, states, timeseries

# Only a webhook that is in use has never failed.
NEVER = "or max(supportbot_webhook_enabled{@desk}) - 2 or vector(-3)"

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
        [per_minute("supportbot_webhook_requests_total", "{{outcome}}", by="outcome", seldom="outcome")],
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
            query(f"time() - max(supportbot_webhook_last_error_timestamp_seconds{{@desk}}) < 1e9 {NEVER}", "push"),
            query(f"time() - max(supportbot_webhook_last_synchronization_error_timestamp_seconds{{@desk}}) < 1e9 {NEVER}", "learn"),
        ],
        unit="s",
        decimals=0,
        w=6,
        h=7,
        texts={-1: ("never", GREEN), -2: ("no webhook", GREY), -3: ("UNKNOWN", RED)},
        names=True,
        watched=["SupportbotWebhookFailing"],
    ),
    collapsed=True,
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
    collapsed=True,
)
