"""The alerts that panels name, and the limits that they draw: a limit is that of an alert.

`grafana/write --check` compares both with the rules in prometheus/rules, so a limit that is changed there fails here.
"""

import re
from dataclasses import dataclass
from pathlib import Path

RUNBOOKS = "https://github.com/support-bot/support-bot/blob/main/monitoring/runbooks"

PAGES = {
    "SupportbotDown",
    "SupportbotTargetMissing",
    "SupportbotCrashed",
    "SupportbotCrashLooping",
    "SupportbotErrorBudgetBurn",
    "SupportbotOutboxStuck",
    "SupportbotMessagesLost",
    "SupportbotStoreDown",
    "SupportbotRedisDown",
    "SupportbotTelegramUnreachable",
    "SupportbotWebhookFailing",
    "SupportbotWebhookMisconfigured",
    "SupportbotHeartbeatMissing",
}
TICKETS = {
    "SupportbotErrorBudgetSlowBurn",
    "SupportbotFloodRatioHigh",
    "SupportbotUsersWaiting",
    "SupportbotMessagesLate",
    "SupportbotSaturated",
    "SupportbotHandlerErrors",
    "SupportbotResourcesHigh",
    "SupportbotDiskFilling",
    "SupportbotRedisDegraded",
    "SupportbotBackupTooOld",
    "SupportbotTrackingFailing",
    "SupportbotNewsletterStalled",
    "SupportbotMonitoringFaulty",
}
ALERTS = PAGES | TICKETS | {"Watchdog"}
# Prometheus may watch others as well: this project's alerts are those with its name.
OURS = 'alertname=~"Supportbot.+"'
# What tells one row of the table of alerts from another. The windows of a burn rate do not: they are one alert to whoever reads it.
LABELS = "severity, alertname, instance, resource, reason, fault, kind, probe, task"


@dataclass(frozen=True)
class Limit:
    """A number of an alert's expression. Values on its bad side are red if the alert pages, and orange if it does not."""

    alert: str
    value: float
    below: bool = False
    """Whether what lies below is bad."""
    parts: tuple = ()
    """The numbers as the rule writes them, if the limit is their product."""

    @property
    def colour(self):
        return "red" if self.alert in PAGES else "orange"


HEARTBEAT = Limit("SupportbotHeartbeatMissing", 120)
OUTBOX = Limit("SupportbotOutboxStuck", 120)
INBOX = Limit("SupportbotSaturated", 60)
OLDEST_LATE = Limit("SupportbotMessagesLate", 900)
FELT_LATE = Limit("SupportbotMessagesLate", 300)
USER_WAITING = Limit("SupportbotUsersWaiting", 14400)
FLOOD = Limit("SupportbotFloodRatioHigh", 0.05)
BUSY = Limit("SupportbotSaturated", 0.9)
STORE_WRITE = Limit("SupportbotSaturated", 0.5)
HANDLER_ERRORS = Limit("SupportbotHandlerErrors", 0.02)
RESOURCE = Limit("SupportbotResourcesHigh", 0.8)
DISK = Limit("SupportbotDiskFilling", 0.1, below=True)
REDIS_MEMORY = Limit("SupportbotRedisDegraded", 0.8)
REDIS_LAG = Limit("SupportbotRedisDegraded", 10)
CLOCK = Limit("SupportbotRedisDegraded", 30)
BACKUP = Limit("SupportbotBackupTooOld", 172800)
POLL_CONFLICTS = Limit("SupportbotWebhookMisconfigured", 6)
PUT_RIGHT = Limit("SupportbotWebhookMisconfigured", 3)
REPORTS_WAIT = Limit("SupportbotTrackingFailing", 1800)
PUSHES_REFUSED = Limit("SupportbotWebhookFailing", 0.05)
CERTIFICATE = Limit("SupportbotWebhookFailing", 3 * 86400, below=True, parts=(3, 86400))
CRASH_LOOP = Limit("SupportbotCrashLooping", 3)
WATCHDOG = Limit("SupportbotMonitoringFaulty", 300)
NOTIFICATIONS = Limit("SupportbotMonitoringFaulty", 5)
# Of the promise itself: it is in the rules that the alert reads, as a bucket.
PROMISE = Limit("SupportbotErrorBudgetBurn", 5, parts=(0.005,))
BURN_1H = Limit("SupportbotErrorBudgetBurn", 14.4)
BURN_6H = Limit("SupportbotErrorBudgetBurn", 6)
BAD_COUNT = Limit("SupportbotErrorBudgetBurn", 10)
BAD_1H = Limit("SupportbotErrorBudgetBurn", 14.4 * 0.005, parts=(14.4, 0.005))
BAD_6H = Limit("SupportbotErrorBudgetBurn", 6 * 0.005, parts=(6, 0.005))
BAD_1D = Limit("SupportbotErrorBudgetSlowBurn", 3 * 0.005, parts=(3, 0.005))
BAD_3D = Limit("SupportbotErrorBudgetSlowBurn", 1 * 0.005, parts=(1, 0.005))


def firing(severity):
    """One series for each row of the table of alerts."""
    return f'group by ({LABELS}) (ALERTS{{alertstate="firing", severity=~"{severity}", {OURS}}})'


def since(severity):
    """When what each firing alert tells began, in seconds since the epoch."""
    chosen = f'severity=~"{severity}", {OURS}'
    return f'ALERTS_FOR_STATE{{{chosen}}} and on ({LABELS}) ALERTS{{alertstate="firing", {chosen}}}'


def runbook(alert):
    return f"{RUNBOOKS}/{alert}.md"


def mistakes(rules: Path):
    """What does not agree with the rules."""
    numbers = {}
    for path in sorted(rules.glob("*.yml")):
        # A rule is what stands between its name and its labels: comments aside, that is its expression.
        for name, expression in re.findall(r"- alert: (\w+)\n(.*?)\n\s+(?:for|labels|keep_firing_for):", path.read_text(), re.S):
            found = re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", re.sub(r"#.*", "", expression))
            numbers.setdefault(name, set()).update(map(float, found))
    if not numbers:
        return [f"no rules in {rules}"]
    found = [f"{alert} is in no rule" for alert in sorted(ALERTS - numbers.keys())]
    found += [f"alerts.py does not know {alert}" for alert in sorted(numbers.keys() - ALERTS)]
    for name, limit in globals().items():
        if isinstance(limit, Limit):
            for part in limit.parts or (limit.value,):
                if part not in numbers.get(limit.alert, ()):
                    found.append(f"{name}: {part} stands in no expression of {limit.alert}")
    return found
