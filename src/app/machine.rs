//! What the machine gives the desk, and what it is told to use: the limits that figures are compared with.

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

/// It is looked at this often.
const EVERY: Duration = Duration::from_secs(15);

/// The disk is nearly full when less than this part of it is free: the same as `SupportbotDiskFilling` waits for.
const LOW: f64 = 0.1;

/// A limit as large as this is none: so the first version of control groups says it.
const NO_LIMIT: u64 = 1 << 60;

/// Where control groups are mounted.
const GROUPS: &str = "/sys/fs/cgroup";

/// Shows what the settings say.
pub(super) fn configured(metrics: &Metrics, settings: &Settings) {
    let flag = |so: bool| if so { 1.0 } else { 0.0 };
    metrics.webhook.enabled.set(flag(settings.webhook.is_some()));
    metrics.redis.enabled.set(flag(settings.store.redis.is_some()));
    let limit = settings.limits.send_concurrency as u64;
    metrics.telegram.concurrency_limit.set(figure(limit));
}

/// Shows what the machine gives, until `intake` is cancelled.
pub(super) async fn watch(folder: PathBuf, metrics: Metrics, intake: CancellationToken) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = intake.cancelled() => return,
            _ = tick.tick() => {}
        }
        let (folder, metrics) = (folder.clone(), metrics.clone());
        // A filesystem that hangs must not hold up the tasks.
        let look = tokio::task::spawn_blocking(move || show(&folder, &metrics));
        tokio::select! {
            () = intake.cancelled() => return,
            _looked = look => {}
        }
    }
}

fn show(folder: &Path, metrics: &Metrics) {
    let machine = &metrics.machine;
    machine.memory_limit.set(figure(memory_limit(Path::new(GROUPS), &own_groups()).unwrap_or(0)));
    if let Ok(disk) = rustix::fs::statvfs(folder) {
        let bytes = |blocks: u64| figure(blocks.saturating_mul(disk.f_frsize));
        machine.disk_free.set(bytes(disk.f_bavail));
        // What is kept back for root is neither free nor in use.
        let kept = disk.f_bfree.saturating_sub(disk.f_bavail);
        let size = disk.f_blocks.saturating_sub(kept);
        machine.disk_size.set(bytes(size));
        if size > 0 {
            events::disk_seen(metrics, figure(disk.f_bavail) / figure(size) < LOW);
        }
    }
}

/// The control groups of this process, as the kernel lists them.
fn own_groups() -> String {
    fs::read_to_string("/proc/self/cgroup").unwrap_or_default()
}

/// The least limit of memory among a process' groups and those around them; `None` without one.
fn memory_limit(mounted: &Path, groups: &str) -> Option<u64> {
    let limits = groups.lines().filter_map(|line| {
        let (_hierarchy, rest) = line.split_once(':')?;
        let (controllers, group) = rest.split_once(':')?;
        // All controllers are one hierarchy in the second version, which names none of them.
        let (root, file) = match controllers {
            "" => (mounted.to_owned(), "memory.max"),
            _ if controllers.split(',').any(|one| one == "memory") => {
                (mounted.join("memory"), "memory.limit_in_bytes")
            }
            _ => return None,
        };
        least(&root, group, file)
    });
    limits.min()
}

/// The least limit on the way from the root to a group. In a container only the root may be there, which is then the
/// container's.
fn least(root: &Path, group: &str, file: &str) -> Option<u64> {
    let group = root.join(group.trim_start_matches('/'));
    let on_the_way = group.ancestors().take_while(|folder| folder.starts_with(root));
    let read = |folder: &Path| fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok();
    on_the_way.filter_map(read).filter(|limit| *limit < NO_LIMIT).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_is_low_where_the_alert_says_so() {
        let rules = include_str!("../../prometheus/rules/alerts-process.yml");
        assert!(rules.contains(&format!("expr: instance:supportbot_disk_free:ratio < {LOW}\n")));
    }

    /// Files of limits below a folder.
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
