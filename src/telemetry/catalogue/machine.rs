//! What the machine gives the desk.

use metrics::Gauge;

use crate::telemetry::families::Registrar;

/// What the machine gives the desk.
#[derive(Debug)]
pub struct MachineMetrics {
    /// Memory that the process may use.
    pub memory_limit: Gauge,
    /// Room that is left in `DATA_DIR`.
    pub disk_free: Gauge,
    /// Room that there is.
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
                "Room left in the filesystem of DATA_DIR for who is not root.",
            ),
            disk_size: r.gauge(
                "supportbot_disk_size_bytes",
                "Room in the filesystem of DATA_DIR for who is not root, used and free.",
            ),
        }
    }
}
