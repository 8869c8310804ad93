//! Prints to the terminal. If whoever reads the output has gone, as in `doctor | head`, the program ends quietly.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
    process,
};

use super::exit::Exit;

/// Prints to standard output, without a line break.
macro_rules! out {
    ($($text:tt)*) => { $crate::cli::output::print(format_args!($($text)*)) };
}

/// Prints a line to standard output.
macro_rules! outln {
    ($($text:tt)*) => { $crate::cli::output::print(format_args!("{}\n", format_args!($($text)*))) };
}

/// Prints a line to standard error.
macro_rules! errln {
    ($($text:tt)*) => { $crate::cli::output::print_error(format_args!("{}\n", format_args!($($text)*))) };
}

pub(in crate::cli) use {errln, out, outln};

pub(in crate::cli) fn print(text: fmt::Arguments<'_>) {
    write(&mut io::stdout().lock(), text);
}

pub(in crate::cli) fn print_error(text: fmt::Arguments<'_>) {
    write(&mut io::stderr().lock(), text);
}

/// Writes and flushes: what is printed is seen at once. Errors other than a reader that has gone are ignored; there is
/// nowhere to report them.
fn write(stream: &mut dyn Write, text: fmt::Arguments<'_>) {
    match stream.write_fmt(text).and_then(|()| stream.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            process::exit(Exit::ReaderGone.into())
        }
        Ok(()) | Err(_) => {}
    }
}
