//! A strict Bot API server over HTTP, for the demo, tests and benches.
