//! The texts, tried: all that the desk can say, in every language, built in and replaced.

mod samples;
mod built_in;
mod newsletter;
mod notices;
mod status;
mod findings;
mod replaced;
