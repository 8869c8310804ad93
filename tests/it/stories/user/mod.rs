//! What users do and see.

mod flood;
mod languages;
mod presence;
mod tracking;
mod welcome;
