//! Finds names that look like misspelled settings.

use crate::config::{mistakes::Mistake, variables::VARIABLES};

/// Prefixes that other programs hardly use.
const PREFIXES: [&str; 6] = ["BOT_", "OPS_", "PACE_", "TGTRACK_", "WEBAPP_", "WEBHOOK_"];
/// Greatest edit distance that counts as a misspelling.
const NEAR: usize = 2;

/// A warning about a name that looks like a setting and has no effect.
pub(in crate::config) fn doubt(name: &str) -> Option<Mistake> {
    let known = known_names();
    if known.iter().any(|known| known == name) {
        return None;
    }
    let nearest = known.iter().map(|known| (distance(name, known), known)).min();
    if let Some((steps, meant)) = nearest
        && steps <= NEAR
    {
        return Some(without_effect(name, &format!("did you mean {meant}?")));
    }
    let ours = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    ours.then(|| without_effect(name, "see .env.example"))
}

fn without_effect(name: &str, remedy: &str) -> Mistake {
    Mistake {
        variable: name.to_owned(),
        wrong: "is not a setting and has no effect".to_owned(),
        remedy: remedy.to_owned(),
    }
}

fn known_names() -> Vec<String> {
    let files = VARIABLES.iter().filter(|variable| variable.secret);
    let files = files.map(|variable| format!("{}_FILE", variable.name));
    let names = VARIABLES.iter().map(|variable| variable.name);
    names.map(str::to_owned).chain(files).collect()
}

/// Edit distance: letters added, removed, changed or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    if from.len().abs_diff(to.len()) > NEAR {
        return usize::MAX;
    }
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let changed = usize::from(from[i - 1] != to[j - 1]);
                let mut steps =
                    (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + changed);
                if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                    steps = steps.min(rows[i - 2][j - 2] + 1);
                }
                steps
            };
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_strangers_are_left_alone() {
        let meant = |name: &str| doubt(name).map(|doubt| doubt.to_string()).unwrap_or_default();
        assert!(meant("BOT_TOKNE").contains("BOT_TOKEN?"));
        assert!(meant("DATADIR").contains("DATA_DIR?"));
        assert!(meant("BOT_TOKEN_FIL").contains("BOT_TOKEN_FILE?"));
        assert!(meant("BOT_SOMETHING_ELSE").contains(".env.example"));
        for name in ["BOT_TOKEN", "SENTRY_DSN_FILE", "REDIS_HOST", "PATH", "HOME", "RUSTUP_HOME"] {
            assert_eq!(doubt(name), None, "{name}");
        }
    }
}
