//! The options of every subcommand: the folder to work in, and the file of settings.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;

use crate::config::{Environment, Mistakes};

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
            Some(folder) => env::set_current_dir(folder)
                .with_context(|| format!("cannot change to the folder {}", folder.display())),
            None => Ok(()),
        }
    }

    /// The file of settings.
    pub(super) fn file(&self) -> &Path {
        self.env_file.as_deref().unwrap_or(Path::new(USUAL))
    }

    /// Whether an option names the file.
    pub(super) fn names_file(&self) -> bool {
        self.env_file.is_some()
    }

    /// The environment, over the file of settings.
    pub(super) fn environment(&self) -> Result<Environment, Mistakes> {
        match &self.env_file {
            Some(file) => Environment::read_existing(file),
            None => Environment::read(Path::new(USUAL)),
        }
    }
}
