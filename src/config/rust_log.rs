//! `RUST_LOG`: the log filter.

use tracing_subscriber::EnvFilter;

use crate::config::reader::Reader;

/// The levels and the word that logs nothing, also as the numbers that the library takes.
const LEVELS: [&str; 12] =
    ["error", "warn", "info", "debug", "trace", "off", "0", "1", "2", "3", "4", "5"];

/// `RUST_LOG`: a log filter. The library takes any single word for the name of a module, so a misspelt level would log
/// nothing.
pub(in crate::config) fn log_filter(r: &mut Reader<'_>) -> Option<String> {
    let filter = r.text("RUST_LOG")?;
    // The fields of a span may hold commas, and anything else: only the library can judge them.
    let spans = filter.contains('[');
    let mut parts = filter.split(',').map(str::trim).filter(|part| !part.is_empty());
    if !spans && parts.any(|part| !names_level(part)) {
        let wrong = format!("is {filter:?}, which names no level");
        r.mistake("RUST_LOG", &wrong, "write error, warn, info or debug, or module=level");
        return None;
    }
    let fits = EnvFilter::try_new(&filter).is_ok();
    if !fits {
        let wrong = format!("is {filter:?}, which is not a log filter");
        r.mistake("RUST_LOG", &wrong, "write error, warn, info or debug, or module=level");
    }
    fits.then_some(filter)
}

/// Whether a part of a filter is a level, or names one: `module=level`.
fn names_level(part: &str) -> bool {
    let level = part.rsplit_once('=').map_or(part, |(_module, level)| level);
    LEVELS.iter().any(|known| level.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The mistake in a filter.
    fn mistake(filter: &str) -> Option<String> {
        let source = BTreeMap::from([("RUST_LOG".to_owned(), filter.to_owned())]);
        let mut reader = Reader::new(&source);
        let read = log_filter(&mut reader);
        assert_eq!(read.is_none(), reader.mistakes.len() == 1, "{filter}");
        reader.mistakes.first().map(ToString::to_string)
    }

    #[test]
    fn a_filter_without_a_level_is_a_mistake_that_names_the_levels() {
        for filter in [
            "warning",
            "waring",
            "debu",
            "support_bot",
            "info,hyper",
            "support_bot=debu",
            "2x",
            "verbose",
            "a=",
            "=",
        ] {
            let words = mistake(filter).unwrap();
            assert!(words.contains("error, warn, info or debug"), "{words}");
            assert!(words.contains("names no level"), "{words}");
        }
    }

    #[test]
    fn levels_and_directives_are_filters() {
        for filter in [
            "info",
            "WARN",
            "off",
            "trace",
            "support_bot=debug,info",
            "info,support_bot::engine=debug,hyper=off",
            "info,hyper=warn,",
            "support_bot[turn{lane=4}]=trace,warn",
            "[turn]=debug",
        ] {
            assert_eq!(mistake(filter), None, "{filter}");
        }
    }
}
