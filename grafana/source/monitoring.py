"""Who watches the watchers: Prometheus, Alertmanager, and the desk, which watches both."""

import alerts
from dashboard import dashboard, row
from panels import BLUE, CLOCK, GREEN, ORANGE, RED, YES_NO, events, increase, query, states, timeseries

# What is not the desk is looked at this often.
STEP = "15s"
# The label names a file before the group.
TIME_OF_RULES = (
    "max by (rule_group) (label_replace(prometheus_rule_group_last_duration_seconds / prometheus_rule_group_interval_seconds, "
    '"rule_group", "$1", "rule_group", ".*;(?:supportbot-)?(.+)"))'
)

SEEN = row(
    "Is everything seen?",
    states(
        "Targets",
        "What Prometheus looks at, and whether it answers.",
        "all green; redis and node only where they run.",
        [query("min by (job, instance) (up)", "{{job}} {{instance}}", step=STEP)],
        texts=YES_NO,
        w=12,
        h=8,
        watched=["SupportbotDown", "SupportbotTargetMissing", "SupportbotMonitoringFaulty"],
    ),
    timeseries(
        "Alerts that fire",
        "Alerts by severity. none is the Watchdog, which always fires.",
        "the Watchdog only.",
        [query('count by (severity) (ALERTS{alertstate="firing"})', "{{severity}}", step=STEP)],
        unit="short",
        top=3,
        w=6,
        h=8,
        colours={"critical": RED, "warning": ORANGE, "none": GREEN},
        watched=["Watchdog"],
    ),
    timeseries(
        "Since the Watchdog came to the desk",
        "Time since Alertmanager last told the desk that it and Prometheus are alive. The desk tells its owner after two minutes without.",
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
        "Time of scrapes",
        "How long each target took to answer. The desk is given 4 seconds.",
        "tens of milliseconds.",
        [query("max by (job) (scrape_duration_seconds)", "{{job}}", step=STEP)],
        unit="s",
        watched=["SupportbotMonitoringFaulty", "SupportbotDown"],
    ),
    timeseries(
        "Series of each target",
        "How many values each target gave.",
        "flat: the labels of the desk are a closed set.",
        [query("max by (job) (scrape_samples_scraped)", "{{job}}", step=STEP)],
        unit="short",
    ),
    timeseries(
        "Time of rules",
        "How long each group of rules took, of the time that is between two turns.",
        "under a tenth.",
        [query(TIME_OF_RULES, "{{rule_group}}", step=STEP)],
        unit="percentunit",
        top=0.1,
        watched=["SupportbotMonitoringFaulty"],
    ),
    events(
        "Rules that failed",
        "Evaluations that failed, and turns that were left out because the one before was not over.",
        "none.",
        [
            query("sum(increase(prometheus_rule_evaluation_failures_total[$__rate_interval]))", "failed", step=STEP),
            query("sum(increase(prometheus_rule_group_iterations_missed_total[$__rate_interval]))", "left out", step=STEP),
        ],
        colours={"failed": RED, "left out": ORANGE},
        watched=["SupportbotMonitoringFaulty"],
    ),
    timeseries(
        "Handed to Alertmanager",
        "Alerts that Prometheus handed over, failed to, or dropped; each that fires is handed over every 10 seconds.",
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
        "What Prometheus keeps",
        "Its blocks on disk. It keeps 32 days, and no more than 3 GB.",
        "growing for a month, and then flat.",
        [query("prometheus_tsdb_storage_blocks_bytes", "blocks", step=STEP)],
        unit="bytes",
        colours={"blocks": BLUE},
        watched=["SupportbotDiskFilling"],
    ),
)

TOLD = row(
    "Alertmanager, and what the desk itself tells",
    timeseries(
        "Messages of Alertmanager",
        "Messages that it sent, and attempts that failed, by way: telegram to on-call, webhook to the desk.",
        "webhook a few times a minute, telegram when something fires, none failed.",
        [
            query(
                '60 * sum by (integration) (rate(alertmanager_notifications_total{integration=~"telegram|webhook"}[$__rate_interval]))',
                "{{integration}}",
                step=STEP,
            ),
            query(
                '60 * sum by (integration) (rate(alertmanager_notifications_failed_total{integration=~"telegram|webhook"}[$__rate_interval]))',
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
                'sum by (integration) (increase(alertmanager_notifications_failed_total{integration="telegram"}[10m]))', "{{integration}}", step=STEP
            )
        ],
        unit="short",
        limits=alerts.NOTIFICATIONS,
        colours={"telegram": BLUE},
    ),
    timeseries(
        "Alerts and silences",
        "What Alertmanager holds: alerts that are told, alerts that are muted, silences.",
        "one active alert, the Watchdog.",
        [
            query("sum by (state) (alertmanager_alerts)", "alerts: {{state}}", step=STEP),
            query('sum by (state) (alertmanager_silences{state!="expired"})', "silences: {{state}}", step=STEP),
        ],
        unit="short",
        top=3,
    ),
    states(
        "Configuration",
        "Whether Prometheus and Alertmanager could read their configuration when they last tried, and whether the desk waits for the Watchdog.",
        "green. watchdog is not in use where WATCHDOG_TOKEN is not set.",
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
        "Notices of the desk to its owner",
        "What the desk itself had to tell its owner, by kind, and how much of that could not be sent.",
        "none. A crash is told at the next start.",
        [
            increase("supportbot_owner_notices_total", "{{kind}}", by="kind", where='outcome!="failed"'),
            increase("supportbot_owner_notices_total", "failed", where='outcome="failed"'),
        ],
        stack=True,
        colours={"failed": RED},
        watched=["SupportbotCrashed", "Watchdog"],
    ),
    timeseries(
        "Memory of all that is watched",
        "Resident memory of each program that tells it, stacked: a server of 1 GB must hold all of them.",
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
