//! What the operating system says, in words.

use std::error::Error;

/// What Rust adds to the words of the operating system: a code, which tells nothing more.
const CODE: &str = " (os error ";

/// The words of an error without the codes of the operating system, such as `(os error 2)`.
pub fn words(error: &(dyn Error + 'static)) -> String {
    let mut words = error.to_string();
    while let Some(begin) = words.find(CODE) {
        let Some(length) = words[begin..].find(')') else { break };
        words.replace_range(begin..=begin + length, "");
    }
    words
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn only_codes_are_left_out() {
        assert_eq!(words(&io::Error::from_raw_os_error(2)), "No such file or directory");
        for (said, expected) in [
            ("it is gone (os error 2)", "it is gone"),
            ("denied (os error 13) at path \"x\"", "denied at path \"x\""),
            ("one (os error 1): two (os error 2)", "one: two"),
            ("cut short (os error 2", "cut short (os error 2"),
            ("not a code (2)", "not a code (2)"),
            ("", ""),
        ] {
            assert_eq!(words(&io::Error::other(said)), expected);
        }
    }
}
