//! What is packaged with the program: completions of shells, and the man page.

use std::io;

use clap::Command;
use clap_complete::generate;
use clap_mangen::Man;

pub(super) use clap_complete::Shell;

const NAME: &str = "support-bot";

/// The completions for a shell, as the file that it reads.
pub(super) fn completions(mut command: Command, shell: Shell) -> String {
    let mut text = Vec::new();
    generate(shell, &mut command, NAME, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The man page, with a section for each subcommand.
pub(super) fn page(command: Command) -> io::Result<String> {
    let mut text = Vec::new();
    let subcommands: Vec<Command> =
        command.get_subcommands().filter(|one| !one.is_hide_set()).cloned().collect();
    Man::new(command).render(&mut text)?;
    for subcommand in subcommands {
        let name = format!("{NAME} {}", subcommand.get_name());
        let man = Man::new(subcommand.bin_name(name.clone()));
        text.extend(format!(".SH {}\n", name.to_uppercase()).into_bytes());
        man.render_description_section(&mut text)?;
        man.render_options_section(&mut text)?;
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}
