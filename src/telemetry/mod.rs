//! What the program tells about itself: metrics, logs, errors.
