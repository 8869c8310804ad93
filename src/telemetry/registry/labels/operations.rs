//! Labels of the program and of what it runs on: store, tasks, backups, notices.

use std::fmt;

use crate::telemetry::registry::label::{Label, label};

label! {
    /// The outcome of a backup.
    BackupOutcome = "outcome" { Made = "made", Failed = "failed", }
}

label! {
    /// An operation of the store.
    StoreOperation = "operation" {
        Receive = "receive",
        Commit = "commit",
        Bury = "bury",
        Load = "load",
        Next = "next",
        Slots = "slots",
        Read = "read",
        Show = "show",
        Probe = "probe",
    }
}

label! {
    /// Why the store failed.
    StoreFailure = "kind" {
        Full = "full",
        Busy = "busy",
        Io = "io",
        Corrupt = "corrupt",
        Other = "other",
    }
}

label! {
    /// The purpose of a command to Redis.
    RedisOperation = "operation" {
        Receive = "receive",
        Commit = "commit",
        Hint = "hint",
        Slots = "slots",
        Read = "read",
        Upkeep = "upkeep",
    }
}

label! {
    /// Why a command to Redis failed.
    RedisFailure = "kind" { Timeout = "timeout", Connection = "connection", Refused = "refused", }
}

label! {
    /// What must keep turning: the loops until the shutdown, and then the shutdown itself.
    Loop = "task" {
        Poll = "poll",
        Webhook = "webhook",
        Worker = "worker",
        Sender = "sender",
        Sweeper = "sweeper",
        Heartbeat = "heartbeat",
        Timers = "timers",
        Newsletter = "newsletter",
        Tracker = "tracker",
        Cluster = "cluster",
        Leases = "leases",
        Upkeep = "upkeep",
        Stop = "stop",
    }
}

label! {
    /// The task in which a panic happened.
    Task = "task" {
        Poll = "poll",
        Webhook = "webhook",
        Worker = "worker",
        Sender = "sender",
        Sweeper = "sweeper",
        Heartbeat = "heartbeat",
        Timers = "timers",
        Newsletter = "newsletter",
        Tracker = "tracker",
        Http = "http",
        Other = "other",
    }
}

label! {
    /// The level of a log record that is worth a person's attention.
    LogLevel = "level" { Warn = "warn", Error = "error", }
}

label! {
    /// A probe that readiness depends on.
    Probe = "probe" {
        Store = "store",
        Telegram = "telegram",
        Group = "group",
        Draining = "draining",
    }
}

label! {
    /// The subject of a notice to the owner.
    NoticeKind = "kind" {
        Crash = "crash",
        Panic = "panic",
        Watchdog = "watchdog",
        Store = "store",
        Group = "group",
        Token = "token",
        Webhook = "webhook",
        Backup = "backup",
        Disk = "disk",
        Tracker = "tracker",
        Stuck = "stuck",
        Limit = "limit",
        Alerts = "alerts",
        Moved = "moved",
        GivenUp = "given_up",
        Damaged = "damaged",
    }
}

label! {
    /// The outcome of a notice to the owner.
    NoticeOutcome = "outcome" { Sent = "sent", Suppressed = "suppressed", Failed = "failed", }
}

label! {
    /// What a check of the store's file has found.
    StoreCheck = "outcome" {
        Sound = "sound",
        Damaged = "damaged",
        LogLost = "log_lost",
        Failed = "failed",
    }
}
