//! The operations server: metrics and health.
