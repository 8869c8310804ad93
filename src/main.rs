//! The `support-bot` program.

fn main() -> std::process::ExitCode {
    support_bot::cli::main()
}
