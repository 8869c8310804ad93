//! Metrics of the machine's resources.

use metrics::Gauge;

use crate::telemetry::registry::families::Registrar;

/// Metrics of the machine's resources.
#[derive(Debug)]
pub struct MachineMetrics {
    /// Memory that the process may use, in bytes.
    pub memory_limit: Gauge,
    /// Free space in the filesystem of `DATA_DIR`, in bytes.
    pub disk_free: Gauge,
    /// Size of that filesystem, in bytes.
    pub disk_size: Gauge,
}

impl MachineMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            memory_limit: r.gauge(
                "supportbot_memory_limit_bytes",
                "Memory that the process may use, as its control group limits it; 0 without a limit.",
            ),
            disk_free: r.gauge(
                "supportbot_disk_free_bytes",
                "Free space in the filesystem of DATA_DIR for users other than root.",
            ),
            disk_size: r.gauge(
                "supportbot_disk_size_bytes",
                "Size of the filesystem of DATA_DIR for users other than root, used and free.",
            ),
        }
    }
}
