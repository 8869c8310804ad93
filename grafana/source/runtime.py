"""What the desk runs on: its processes, their store, Redis, backups, the machine."""

import alerts
import storage
from dashboard import dashboard, row
from panels import BLUE, EACH, GREEN, GREY, ORANGE, RED, builds_of, events, increase, mappings, query, share, special, table, timeseries

NOW = row(
    "Processes",
    table(
        "What runs",
        "Version and commit of each process, since when it has been running, and its address space, used or not.",
        "one version everywhere, except during a deploy.",
        [
            query(f"max by (instance, version, commit) ({builds_of('')})", now=True, form="table"),
            query("max by (instance) (process_start_time_seconds{@desk}) * 1000", now=True, form="table"),
            query("max by (instance) (supportbot_previous_shutdown_unclean{@desk})", now=True, form="table"),
            query("max by (instance) (process_virtual_memory_bytes{@desk})", now=True, form="table"),
        ],
        transformations=[{"id": "joinByField", "options": {"byField": "instance", "mode": "outer"}}],
        columns={
            "instance": "Process",
            "version": "Version",
            "commit": "Commit",
            "Value #B": "Since",
            "Value #C": "Previous run",
            "Value #D": "Address space",
        },
        w=12,
        h=6,
        overrides=[
            special("Since", {"unit": "dateTimeAsIso", "custom.width": 160}),
            special("Version", {"custom.width": 80}),
            special("Commit", {"custom.width": 90}),
            special("Address space", {"unit": "bytes", "custom.width": 110}),
            special(
                "Previous run",
                {
                    "mappings": mappings({0: ("ended cleanly", GREEN), 1: ("crashed", RED)}),
                    "custom.cellOptions": {"type": "color-text"},
                    "custom.width": 120,
                },
            ),
        ],
        watched=["SupportbotCrashed"],
    ),
    timeseries(
        "Restarts",
        "How often each process was restarted within 10 minutes.",
        "0; 1 in a deploy.",
        [query("changes(process_start_time_seconds{@desk}[10m])", EACH)],
        unit="short",
        w=6,
        h=6,
        limits=alerts.CRASH_LOOP,
        watched=["SupportbotCrashed"],
    ),
    events(
        "Warnings and errors in the log",
        "Log records that may need a person. `docker compose logs support-bot` shows them.",
        "none, or few and known.",
        [increase("supportbot_log_events_total", "{{level}}", by="level", seldom="level")],
        stack=True,
        w=6,
        h=6,
        colours={"warn": ORANGE, "error": RED},
    ),
    share(
        "Memory: share of the limit",
        "Resident memory against the limit of the container; without a limit there is no line.",
        "flat, and well below the dashed line.",
        "instance:supportbot_memory:ratio",
        empty="no limit",
        limits=alerts.RESOURCE,
        w=6,
    ),
    timeseries(
        "Memory: resident",
        "Resident memory, and the limit of the container.",
        "flat after the first hour.",
        [query("process_resident_memory_bytes{@desk}", EACH), query("max(supportbot_memory_limit_bytes{@desk} > 0)", "limit")],
        unit="bytes",
        w=6,
        colours={"limit": ORANGE},
        watched=["SupportbotResourcesHigh"],
    ),
    timeseries(
        "Processor",
        "Processor time per second, user and system: 100 % is one core.",
        "a few per cent.",
        [query("rate(process_cpu_seconds_total{@desk}[$__rate_interval])", EACH)],
        unit="percentunit",
        w=6,
    ),
    share(
        "File descriptors: share of the limit",
        "Open files and connections against their limit.",
        "flat, and far below the dashed line.",
        "instance:supportbot_descriptors:ratio",
        limits=alerts.RESOURCE,
        w=6,
    ),
    timeseries(
        "File descriptors and threads",
        "Open files and connections, and threads of the operating system.",
        "flat.",
        [query("process_open_fds{@desk}", f"open: {EACH}"), query("process_threads{@desk}", f"threads: {EACH}")],
        unit="short",
        w=6,
        watched=["SupportbotResourcesHigh"],
    ),
    share(
        "Threads of the runtime: busy",
        "How much of their time the threads of the runtime were busy, over 5 minutes.",
        "under a half.",
        "instance:supportbot_tokio:busy_ratio5m",
        limits=alerts.BUSY,
        w=6,
    ),
    timeseries(
        "Tasks of the runtime",
        "Tasks that exist, and those that wait for a thread.",
        "flat; none or few wait.",
        [
            query("sum(supportbot_tokio_alive_tasks{@desk})", "exist"),
            query("sum(supportbot_tokio_global_queue_depth{@desk})", "wait"),
            query("sum(supportbot_tokio_workers{@desk})", "threads"),
        ],
        unit="short",
        w=6,
        colours={"exist": BLUE, "wait": ORANGE, "threads": GREY},
        watched=["SupportbotSaturated"],
    ),
    share(
        "Disk: free",
        "Free space on the disk that holds DATA_DIR.",
        "above the dashed line, and not falling.",
        "instance:supportbot_disk_free:ratio",
        limits=alerts.DISK,
        w=6,
    ),
)

MACHINE = row(
    "The machine: only with node_exporter (docker compose --profile node up -d)",
    timeseries(
        "Machine: processor",
        "How busy all cores are.",
        "under 80 %.",
        [query('1 - avg(rate(node_cpu_seconds_total{job="node", mode="idle"}[$__rate_interval]))', "busy", step="15s")],
        unit="percentunit",
        top=1,
        colours={"busy": BLUE},
    ),
    timeseries(
        "Machine: memory",
        "The share of memory that is still available to programs.",
        "a few hundred megabytes are left.",
        [query('node_memory_MemAvailable_bytes{job="node"}', "left", step="15s"), query('node_memory_MemTotal_bytes{job="node"}', "all", step="15s")],
        unit="bytes",
        colours={"left": GREEN, "all": GREY},
    ),
    timeseries(
        "Machine: disks, free",
        "Free space on each disk that programs write to.",
        "above 10 %, and not falling.",
        [
            query(
                'max by (mountpoint) (node_filesystem_avail_bytes{job="node", fstype=~"ext4|xfs|btrfs|zfs|overlay"} / node_filesystem_size_bytes)',
                "{{mountpoint}}",
                step="15s",
            )
        ],
        unit="percentunit",
        top=1,
        watched=["SupportbotDiskFilling"],
    ),
    collapsed=True,
)

DASHBOARD = dashboard(
    "supportbot-runtime",
    "Runtime",
    "What the desk runs on: its processes, their store, Redis, backups, the machine.",
    [NOW, storage.STORE, storage.REDIS, storage.REPLICAS, storage.BACKUPS, MACHINE],
)
