//! Misspelt names: which known one was probably meant.

/// The known name that is most similar to `word`, if at most `within` letters were added, removed, changed or swapped
/// with their neighbour. Of equally similar ones, the first in alphabetical order.
pub fn did_you_mean<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    within: usize,
) -> Option<&'a str> {
    let distances = known.into_iter().map(|known| (strsim::osa_distance(word, known), known));
    distances.min().filter(|(distance, _)| *distance <= within).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_name_is_meant_if_it_is_near_enough() {
        let known = ["timeout", "token", "topic"];
        for (word, meant) in [
            ("tokne", Some("token")),
            ("tpic", Some("topic")),
            ("topken", Some("token")),
            ("to", None),
            ("something", None),
        ] {
            assert_eq!(did_you_mean(word, known, 2), meant, "{word}");
        }
        assert_eq!(did_you_mean("tope", ["tops", "topa"], 1), Some("topa"));
        assert_eq!(did_you_mean("token", [], 2), None);
    }
}
