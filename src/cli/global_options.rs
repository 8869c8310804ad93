//! The options of every subcommand: the folder to work in, and the file of settings.

use std::{
    env,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{draft::REQUIRED, exit::UsageError};
use crate::{
    config::{Environment, Source as _},
    files::words,
    i18n::{DoctorText, TerminalTexts},
};
use domain::Language;

/// The file that is read if no option names another. It may be missing.
const USUAL: &str = ".env";

/// Options of every subcommand.
#[derive(Debug, Args)]
pub(super) struct GlobalOptions {
    /// Reads the settings from this file instead of .env.
    #[arg(long, value_name = "FILE", global = true)]
    env_file: Option<PathBuf>,
    /// Changes to this folder before anything else.
    #[arg(short = 'C', long, value_name = "FOLDER", global = true)]
    directory: Option<PathBuf>,
}

impl GlobalOptions {
    /// Changes to the folder, if one is named.
    pub(super) fn enter(&self) -> anyhow::Result<()> {
        match &self.directory {
            Some(folder) => env::set_current_dir(folder).map_err(|error| {
                let why =
                    format!("cannot change to the folder {}: {}", folder.display(), words(&error));
                UsageError(why).into()
            }),
            None => Ok(()),
        }
    }

    /// The file of settings.
    pub(super) fn file(&self) -> &Path {
        self.env_file.as_deref().unwrap_or(Path::new(USUAL))
    }

    /// What to type for a subcommand in this folder and with these settings, from where the program was started.
    pub(super) fn command_line(&self, subcommand: &str) -> String {
        let program = env::args_os().next().filter(|program| !program.is_empty());
        let program = program.unwrap_or_else(|| env!("CARGO_PKG_NAME").into());
        let mut line = for_shell(Path::new(&program));
        for (option, path) in [("-C", &self.directory), ("--env-file", &self.env_file)] {
            if let Some(path) = path {
                line = format!("{line} {option} {}", for_shell(path));
            }
        }
        format!("{line} {subcommand}")
    }

    /// The environment, over the file of settings. Fails if neither sets anything that a desk needs.
    pub(super) fn environment(&self) -> anyhow::Result<Environment> {
        let environment = self.read()?;
        let is_empty = !REQUIRED.iter().any(|name| environment.get(name).is_some())
            && environment.names_in_file().is_empty();
        if is_empty && self.env_file.is_none() {
            return Err(NoSettings::here().into());
        }
        Ok(environment)
    }

    /// The environment, over the file of settings, whatever they set.
    pub(super) fn read(&self) -> anyhow::Result<Environment> {
        let Some(file) = &self.env_file else { return Ok(Environment::read(Path::new(USUAL))?) };
        if !file.exists() {
            let why = format!("{} is not there: check the path after --env-file", file.display());
            return Err(UsageError(why).into());
        }
        Ok(Environment::read(file)?)
    }
}

/// A path as a shell takes it.
fn for_shell(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%,".contains(c);
    if !path.is_empty() && path.chars().all(is_plain) {
        return path;
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

/// Neither the environment nor a file sets anything that a desk needs.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.words(Language::English))]
pub(in crate::cli) struct NoSettings {
    folder: String,
}

impl NoSettings {
    fn here() -> Self {
        let here = env::current_dir();
        let folder = here.map_or_else(|_unknown| ".".to_owned(), |here| here.display().to_string());
        Self { folder }
    }

    /// What somebody reads who starts the program in a folder without settings: what is so, then what to do.
    pub(in crate::cli) fn words(&self, language: Language) -> String {
        TerminalTexts::new(language).say(DoctorText::NoSettings { folder: &self.folder })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_a_shell_where_they_must_be() {
        for (path, quoted) in [
            ("./target/release/support-bot", "./target/release/support-bot"),
            ("/srv/Ada's desk", r"'/srv/Ada'\''s desk'"),
            ("$HOME", "'$HOME'"),
            ("~desk", "'~desk'"),
            ("", "''"),
        ] {
            assert_eq!(for_shell(Path::new(path)), quoted);
        }
    }
}
