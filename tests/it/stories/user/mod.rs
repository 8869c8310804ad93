//! What users do and see.

mod languages;
mod presence;
mod tracking;
mod welcome;
