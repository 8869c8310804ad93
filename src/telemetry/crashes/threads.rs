//! What the threads of this process do, as the kernel sees it.

use std::{fs, path::Path};

/// Number of threads to list.
const CAPACITY: usize = 64;

/// Name and state of each thread, such as `tokio-rt-worker S`: R runs, S waits, D waits for a disk, T is stopped. Empty
/// where the kernel does not tell.
pub(super) fn states() -> Vec<String> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    let mut states: Vec<String> =
        threads.flatten().take(CAPACITY).filter_map(|thread| state(&thread.path())).collect();
    states.sort();
    states
}

fn state(thread: &Path) -> Option<String> {
    let stat = fs::read_to_string(thread.join("stat")).ok()?;
    // The name is in parentheses and may contain any character.
    let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
    let state = rest.split_whitespace().next()?;
    Some(format!("{name} {state}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_that_asks_runs() {
        let name = std::thread::current().name().unwrap_or_default()[..15].to_owned();
        assert!(states().contains(&format!("{name} R")), "{:?}", states());
    }
}
