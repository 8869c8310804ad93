//! Checks saved histories: `history-checker FILE…`.

use std::{fs::File, io::BufReader, process::ExitCode};

use history_checker::{check, read};

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        say("usage: history-checker FILE…");
        return ExitCode::from(2);
    }
    let mut code = ExitCode::SUCCESS;
    for file in files {
        match File::open(&file).and_then(|opened| read(BufReader::new(opened))) {
            Ok(history) => {
                let verdict = check(&history);
                let word = if verdict.is_clean() { "clean" } else { "NOT CLEAN" };
                say(&format!("{file}: {word}: {verdict}"));
                if !verdict.is_clean() {
                    code = ExitCode::FAILURE;
                }
            }
            Err(error) => {
                say(&format!("{file}: {error}"));
                code = ExitCode::from(2);
            }
        }
    }
    code
}

#[expect(clippy::print_stdout, reason = "it is the program's answer")]
fn say(line: &str) {
    println!("{line}");
}
