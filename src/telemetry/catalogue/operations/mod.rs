//! Metrics of the program and of what it runs on: store, tasks, machine, backups, notices.

mod backups;
mod heartbeat;
mod machine;
mod owner;
mod program;
mod redis;
mod replicas;

pub use backups::BackupMetrics;
pub use heartbeat::HeartbeatMetrics;
pub use machine::MachineMetrics;
pub use owner::OwnerMetrics;
pub(in crate::telemetry) use program::ProcessMetrics;
pub use program::{BUILD, ProgramMetrics, REVISION, VERSION};
pub use redis::RedisMetrics;
pub use replicas::ReplicaMetrics;
