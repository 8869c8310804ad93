//! Prevents memory dumps of the process, because its memory holds the token.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids core files of this process, also through a program that collects them, and makes its memory and
/// environment readable only by root. If the system refuses, for example because of a system call filter, nothing
/// changes.
pub fn leave_no_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _as_before = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _as_before = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
