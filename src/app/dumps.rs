//! What a crash leaves of the process's memory: nothing, since the token is in it.

use rustix::process::{Resource, Rlimit, setrlimit};

/// From now on the system writes no core file of this process, nor hands one to a program that collects them, and
/// shows its memory and environment to root alone. Where that is refused, as by a filter of system calls, all is as it was.
pub fn leave_no_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _as_before = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _as_before = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
