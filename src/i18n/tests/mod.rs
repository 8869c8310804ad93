//! Tests of all texts in all languages, built-in and replaced.

mod samples;
mod built_in;
mod dates;
mod newsletter;
mod notices;
mod status;
mod findings;
mod replaced;
