"""Who watches the watchers: Prometheus, Alertmanager, and the desk, which watches both."""

import alerts
from dashboard import dashboard, row
from panels import BLUE, CLOCK, GREEN, ORANGE, RED, YES_NO, but_zeros, events, increase, query, states, timeseries

# What is not the desk is looked at this often.
STEP = "15s"
# The label names a file before the group.
TIME_OF_RULES = (
    "max by (rule_group) (label_replace(prometheus_rule_group_last_duration_seconds / prometheus_rule_group_interval_seconds, "
    '"rule_group", "$1", "rule_group", ".*;(?:supportbot-)?(.+)"))'
)

KINDS = '{integration=~"telegram|webhook|email|pagerduty"}'
FAILED = (
    'sum by (integration, receiver_name) (increase(alertmanager_notifications_failed_total{integration!="webhook"}[10m])'
    ' or increase(alertmanager_notifications_failed_total{integration="webhook", receiver_name!~"|watchdog|desk|outside-ping"}[10m]))'
)

SEEN = row(
    "Is everything monitored?",
    states(
        "Targets",
        "The targets of Prometheus, and whether they answer.",
        "all green; redis and node only if they run.",
        [query("min by (job, instance) (up)", "{{job}} {{instance}}", step=STEP)],
        texts=YES_NO,
        w=9,
        h=8,
        watched=["SupportbotDown", "SupportbotTargetMissing", "SupportbotMonitoringFaulty"],
    ),
    states(
        "Alerts, over time",
        "Which of the desk's alerts fired when, the pages in red. The Watchdog always fires.",
        "the Watchdog only.",
        [
            query('0 * max(ALERTS{alertname="Watchdog", alertstate="firing"})', "Watchdog", step=STEP),
            query(f'topk(12, 2 * max by (alertname) (ALERTS{{alertstate="firing", severity="critical", {alerts.OURS}}}))', "{{alertname}}", step=STEP),
            query(f'topk(7, max by (alertname) (ALERTS{{alertstate="firing", severity="warning", {alerts.OURS}}}))', "{{alertname}}", step=STEP),
        ],
        texts={0: ("as always", GREEN), 1: ("ticket", ORANGE), 2: ("page", RED)},
        w=9,
        h=8,
        watched=["Watchdog"],
    ),
    timeseries(
        "Since the Watchdog reached the desk",
        "Time since Alertmanager last told the desk that it and Prometheus are alive. After two minutes without, the desk tells its owner.",
        "under a minute. No line: it never came.",
        [query("time() - (max(supportbot_watchdog_last_received_timestamp_seconds{@desk}) > 0)", "ago")],
        unit=CLOCK,
        limits=alerts.WATCHDOG,
        w=6,
        h=8,
        colours={"ago": BLUE},
        watched=["Watchdog"],
    ),
)

SCRAPES = row(
    "Prometheus",
    timeseries(
        "Scrape duration",
        "How long each target took to answer. The desk has 4 seconds.",
        "tens of milliseconds.",
        [query("max by (job) (scrape_duration_seconds)", "{{job}}", step=STEP)],
        unit="s",
        watched=["SupportbotMonitoringFaulty", "SupportbotDown"],
    ),
    timeseries(
        "Series of each target",
        "How many values each target exposes.",
        "flat: the desk's labels are a closed set.",
        [query("max by (job) (scrape_samples_scraped)", "{{job}}", step=STEP)],
        unit="short",
    ),
    timeseries(
        "Rule evaluation time",
        "How long each group of rules took, as a share of its interval.",
        "under a tenth.",
        [query(TIME_OF_RULES, "{{rule_group}}", step=STEP)],
        unit="percentunit",
        top=0.1,
        watched=["SupportbotMonitoringFaulty"],
    ),
    events(
        "Rules that failed",
        "Evaluations that failed, those skipped because the previous one had not finished, and faults of Prometheus' data: blocks that it could not compact, logs that were damaged.",
        "none.",
        [
            query("sum(increase(prometheus_rule_evaluation_failures_total[$__rate_interval]))", "failed", step=STEP),
            query("sum(increase(prometheus_rule_group_iterations_missed_total[$__rate_interval]))", "left out", step=STEP),
            query("sum(increase(prometheus_tsdb_compactions_failed_total[$__rate_interval]))", "not compacted", step=STEP),
            query("sum(increase(prometheus_tsdb_wal_corruptions_total[$__rate_interval]))", "log damaged", step=STEP),
        ],
        colours={"failed": RED, "left out": ORANGE, "not compacted": "purple", "log damaged": BLUE},
        watched=["SupportbotMonitoringFaulty"],
    ),
    timeseries(
        "Sent to Alertmanager",
        "Alerts that Prometheus sent, failed to send, or dropped; each firing alert is sent every 10 seconds.",
        "sent only.",
        [
            query(f"60 * sum(rate(prometheus_notifications_{what}_total[$__rate_interval]))", name, step=STEP)
            for what, name in (("sent", "sent"), ("errors", "failed"), ("dropped", "dropped"))
        ],
        unit="suffix:/min",
        colours={"sent": GREEN, "failed": RED, "dropped": ORANGE},
        watched=["SupportbotMonitoringFaulty", "Watchdog"],
    ),
    timeseries(
        "Prometheus: blocks on disk",
        "The size of its blocks. It keeps 32 days, and no more than 3 GB.",
        "growing for a month, and then flat.",
        [query("prometheus_tsdb_storage_blocks_bytes", "blocks", step=STEP)],
        unit="bytes",
        colours={"blocks": BLUE},
        watched=["SupportbotDiskFilling"],
    ),
)

TOLD = row(
    "Alertmanager, and the desk's own notices",
    timeseries(
        "Messages sent by Alertmanager",
        "Messages that it sent, and attempts that failed, by kind: telegram to on-call, webhook to the desk, and second ways.",
        "webhook a few times a minute, telegram when something fires, none failed.",
        [
            query(
                but_zeros(f"60 * sum by (integration) (rate(alertmanager_notifications_total{KINDS}[$__rate_interval]))", "integration"),
                "{{integration}}",
                step=STEP,
            ),
            query(
                f"60 * sum by (integration) (rate(alertmanager_notifications_failed_total{KINDS}[$__rate_interval])) > 0",
                "{{integration}}: failed",
                step=STEP,
            ),
        ],
        unit="suffix:/min",
        top=1,
        watched=["SupportbotMonitoringFaulty", "Watchdog"],
    ),
    timeseries(
        "Attempts that failed, 10 min",
        "Attempts to send to on-call that failed within 10 minutes; Alertmanager repeats them.",
        "0.",
        [
            query(
                but_zeros(FAILED, "integration"),
                "{{integration}} {{receiver_name}}",
                step=STEP,
            )
        ],
        unit="short",
        limits=alerts.NOTIFICATIONS,
        colours={"telegram": BLUE},
    ),
    timeseries(
        "Alerts and silences",
        "What Alertmanager holds: active alerts, muted alerts, silences.",
        "one active alert, the Watchdog.",
        [
            query(but_zeros("sum by (state) (alertmanager_alerts)", "state"), "alerts: {{state}}", step=STEP),
            query('sum by (state) (alertmanager_silences{state!="expired"}) > 0', "silences: {{state}}", step=STEP),
        ],
        unit="short",
        top=3,
    ),
    states(
        "Configuration",
        "Whether Prometheus and Alertmanager could last read their configuration, and whether the desk expects the Watchdog.",
        "green. Without WATCHDOG_TOKEN, watchdog is not in use.",
        [
            query("min(prometheus_config_last_reload_successful)", "prometheus", step=STEP),
            query("min(alertmanager_config_last_reload_successful)", "alertmanager", step=STEP),
            query("max(supportbot_watchdog_expected{@desk})", "watchdog"),
        ],
        texts=YES_NO,
        neutral=["watchdog"],
        w=8,
        h=7,
        watched=["SupportbotMonitoringFaulty"],
    ),
    events(
        "Notices to the owner",
        "Notices of the desk to its owner, by kind, and those that could not be sent.",
        "none. A crash is reported at the next start.",
        [
            increase("supportbot_owner_notices_total", "{{kind}}", by="kind", where='outcome!="failed"', seldom="kind"),
            increase("supportbot_owner_notices_total", "failed", where='outcome="failed"', above=True),
        ],
        stack=True,
        colours={"failed": RED},
        watched=["SupportbotCrashed", "SupportbotMonitoringFaulty", "Watchdog"],
    ),
    timeseries(
        "Memory of all watched programs",
        "Resident memory of each program that reports it, stacked: a server of 1 GB must hold all of them.",
        "flat, and well under the server's memory.",
        [query("sum by (job) (process_resident_memory_bytes)", "{{job}}", step=STEP)],
        unit="bytes",
        stack=True,
        watched=["SupportbotResourcesHigh"],
    ),
)

DASHBOARD = dashboard(
    "supportbot-monitoring",
    "Monitoring",
    "Who watches the watchers: Prometheus, Alertmanager, and the desk, which watches both.",
    [SEEN, SCRAPES, TOLD],
)
