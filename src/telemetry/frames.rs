//! Finds our own functions in a stack trace, by the location of their sources: the name is not enough, because only
//! the last part of an inlined function's name is known.

use serde::Serialize;

/// Number of frames to keep. The innermost are the most useful.
const KEPT: usize = 30;
/// Sources that are in the trace of every panic, because they report it.
const WRITING: [&str; 2] = ["src/telemetry/panics.rs", "src/telemetry/crashes.rs"];
/// The folder in which the program was built. It is removed from paths.
const PROJECT: &str = env!("CARGO_MANIFEST_DIR");

/// A function on the stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::telemetry) struct Frame {
    /// The name of the function, or its last part.
    pub function: String,
    /// File and line in our source.
    pub place: String,
}

/// Our own functions in a trace that the standard library printed, innermost first.
pub(in crate::telemetry) fn of_ours(trace: &str) -> Vec<Frame> {
    let mut function = None;
    let mut frames = Vec::new();
    for line in trace.lines().map(str::trim_start) {
        if let Some(place) = line.strip_prefix("at ") {
            let Some(function) = function.take() else { continue };
            let Some(place) = of_source(place) else { continue };
            if !is_writing(place) {
                frames.push(Frame { function, place: without_column(place).to_owned() });
            }
        } else {
            let numbered = line.split_once(": ");
            let numbered = numbered.filter(|(number, _)| number.parse::<u32>().is_ok());
            function = numbered.map(|(_, function)| function.to_owned());
        }
    }
    frames.truncate(KEPT);
    frames
}

/// Whether a place belongs to the code that reports panics.
pub(in crate::telemetry) fn is_writing(place: &str) -> bool {
    WRITING.iter().any(|writing| place.starts_with(writing))
}

/// The part of a path relative to the project; `None` if the file is not ours.
pub(in crate::telemetry) fn of_source(path: &str) -> Option<&str> {
    // The standard library prints paths below the current folder as relative ones.
    let path = path.trim_start_matches("./").trim_start_matches('/');
    let within = path.strip_prefix(PROJECT.trim_start_matches('/'));
    let within = within.map(|rest| rest.trim_start_matches('/'));
    // The project itself may be in a folder named src.
    [within, Some(path)].into_iter().flatten().find(|path| path.starts_with("src/"))
}

/// Removes the column: `src/engine/desk.rs:12:5` becomes `src/engine/desk.rs:12`.
fn without_column(place: &str) -> &str {
    place.match_indices(':').nth(1).map_or(place, |(at, _)| &place[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_ours_are_kept_with_their_places() {
        let built = format!("{PROJECT}/src/engine/decide/mod.rs:123:9");
        let trace = format!(
            "   0: support_bot::telemetry::panics::install::{{{{closure}}}}\n             \
             at ./src/telemetry/panics.rs:40:5\n   \
             1: core::panicking::panic_fmt\n             \
             at /rustc/abc/library/core/src/panicking.rs:80:14\n   \
             2: decide\n             at {built}\n   \
             3: <support_bot::adapters::Client as core::fmt::Debug>::fmt\n   \
             4: {{closure#0}}\n             at ./src/app/lifecycle.rs:70:1\n   \
             5: poll<support_bot::app::Lifecycle>\n             \
             at /registry/src/tokio-1/src/runtime.rs:3:1\n"
        );
        let frame = |function: &str, place: &str| Frame {
            function: function.to_owned(),
            place: place.to_owned(),
        };
        assert_eq!(
            of_ours(&trace),
            [
                frame("decide", "src/engine/decide/mod.rs:123"),
                frame("{closure#0}", "src/app/lifecycle.rs:70"),
            ]
        );
    }
}
