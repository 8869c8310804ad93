//! Everything with I/O, tested through public interfaces, in one binary.

mod telegram;
