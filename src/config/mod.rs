//! The environment, turned into validated settings.
