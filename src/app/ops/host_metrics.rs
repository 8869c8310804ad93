//! Metrics of the machine's resources and of configured limits, to compare other figures with.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::{
    config::Settings,
    telemetry::{Metrics, events, figure},
};

/// Interval between measurements.
const MEASURE_INTERVAL: Duration = Duration::from_secs(15);

/// Fraction of free disk space below which the disk counts as nearly full. Same as in the alert
/// `SupportbotDiskFilling`.
const LOW_FRACTION: f64 = 0.1;

/// Version 1 of control groups reports a value at least this large if there is no limit.
const NO_LIMIT: u64 = 1 << 60;

/// Where control groups are mounted.
const CGROUP_ROOT: &str = "/sys/fs/cgroup";

/// Publishes limits and switches of the settings.
pub(super) fn publish_settings(metrics: &Metrics, settings: &Settings) {
    let flag = |so: bool| if so { 1.0 } else { 0.0 };
    metrics.webhook.enabled.set(flag(settings.webhook.is_some()));
    metrics.redis.enabled.set(flag(settings.store.redis.is_some()));
    let limit = settings.limits.send_concurrency as u64;
    metrics.telegram.concurrency_limit.set(figure(limit));
}

/// Publishes the machine's resources until `intake` is cancelled.
pub(super) async fn watch(folder: PathBuf, metrics: Metrics, intake: CancellationToken) {
    let mut tick = tokio::time::interval(MEASURE_INTERVAL);
    loop {
        tokio::select! {
            () = intake.cancelled() => return,
            _ = tick.tick() => {}
        }
        let (folder, metrics) = (folder.clone(), metrics.clone());
        // A filesystem that hangs must not block the async tasks.
        let measurement = tokio::task::spawn_blocking(move || publish(&folder, &metrics));
        tokio::select! {
            () = intake.cancelled() => return,
            _measured = measurement => {}
        }
    }
}

fn publish(folder: &Path, metrics: &Metrics) {
    let machine = &metrics.machine;
    machine
        .memory_limit
        .set(figure(memory_limit(Path::new(CGROUP_ROOT), &own_groups()).unwrap_or(0)));
    if let Ok(disk) = rustix::fs::statvfs(folder) {
        let bytes = |blocks: u64| figure(blocks.saturating_mul(disk.f_frsize));
        machine.disk_free.set(bytes(disk.f_bavail));
        // Blocks reserved for root are neither free nor in use.
        let reserved = disk.f_bfree.saturating_sub(disk.f_bavail);
        let size = disk.f_blocks.saturating_sub(reserved);
        machine.disk_size.set(bytes(size));
        if size > 0 {
            events::disk_seen(metrics, figure(disk.f_bavail) / figure(size) < LOW_FRACTION);
        }
    }
}

/// The control groups of this process, as the kernel lists them.
fn own_groups() -> String {
    fs::read_to_string("/proc/self/cgroup").unwrap_or_default()
}

/// The lowest memory limit of a process' control groups and their ancestors; `None` without a limit.
fn memory_limit(mounted: &Path, groups: &str) -> Option<u64> {
    let limits = groups.lines().filter_map(|line| {
        let (_hierarchy, rest) = line.split_once(':')?;
        let (controllers, group) = rest.split_once(':')?;
        // In version 2, all controllers share one hierarchy, whose line names no controllers.
        let (root, file) = match controllers {
            "" => (mounted.to_owned(), "memory.max"),
            _ if controllers.split(',').any(|one| one == "memory") => {
                (mounted.join("memory"), "memory.limit_in_bytes")
            }
            _ => return None,
        };
        lowest_limit(&root, group, file)
    });
    limits.min()
}

/// The lowest limit on the path from the root to a group. In a container only the root may be visible, which is then
/// the container's own group.
fn lowest_limit(root: &Path, group: &str, file: &str) -> Option<u64> {
    let group = root.join(group.trim_start_matches('/'));
    let ancestors = group.ancestors().take_while(|folder| folder.starts_with(root));
    let read = |folder: &Path| fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok();
    ancestors.filter_map(read).filter(|limit| *limit < NO_LIMIT).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_is_low_where_the_alert_says_so() {
        let rules = include_str!("../../../prometheus/rules/alerts-process.yml");
        assert!(
            rules
                .contains(&format!("expr: instance:supportbot_disk_free:ratio < {LOW_FRACTION}\n"))
        );
    }

    /// Creates limit files below a folder.
    fn mounted(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (file, limit) in files {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, format!("{limit}\n")).unwrap();
        }
        folder
    }

    #[test]
    fn the_least_limit_around_the_process_is_found() {
        let files =
            [("desk/memory.max", "500"), ("desk/bot/memory.max", "max"), ("other/memory.max", "1")];
        let folder = mounted(&files);
        assert_eq!(memory_limit(folder.path(), "0::/desk/bot\n"), Some(500));
        assert_eq!(memory_limit(folder.path(), "0::/\n"), None);
        let container = mounted(&[("memory.max", "134217728")]);
        assert_eq!(memory_limit(container.path(), "0::/\n"), Some(128 << 20));
    }

    #[test]
    fn the_first_version_of_control_groups_is_read_as_well() {
        let groups = "5:cpu,cpuacct:/docker/a\n4:memory:/docker/a\n0::/docker/a\n";
        let file = "memory/memory.limit_in_bytes";
        let container = mounted(&[(file, "268435456")]);
        assert_eq!(memory_limit(container.path(), groups), Some(256 << 20));
        let unlimited = mounted(&[(file, "9223372036854771712")]);
        assert_eq!(memory_limit(unlimited.path(), groups), None);
    }
}
