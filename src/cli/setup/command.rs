//! The command: leads through the steps, writes the settings, and ends with `doctor`.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;

use super::{
    bot, choices, env_file, group, interruption::Interruption, listener::Listener,
    options::Options, owner, terminal::Terminal,
};
use crate::{
    app::leave_no_dumps,
    cli::{
        common::runtime,
        doctor::diagnose,
        draft::Draft,
        exit::{Exit, UsageError},
        global_options::GlobalOptions,
        language::LanguageCode,
    },
    config::{self, Environment, Source as _},
    files,
    i18n::SetupText,
};

/// Size limit of the settings file, in bytes.
const LONGEST: usize = 1 << 20;

/// Runs the setup, and then the checks of `doctor`.
pub(in crate::cli) fn setup(global: &GlobalOptions, options: &Options) -> anyhow::Result<ExitCode> {
    leave_no_dumps();
    let language =
        options.lang.map_or_else(|| config::Language::of_terminal().into(), LanguageCode::language);
    let mut terminal = Terminal::new(language, options.yes.then_some(options.wait))?;
    let runtime = runtime()?;
    // The token from the environment was written into a file: the checks are about that file.
    let token_moved = options.token_to.as_ref().map(|_| "BOT_TOKEN");
    let mut interruption = {
        let _context = runtime.enter();
        Interruption::listen()?
    };
    let written = runtime.block_on(async {
        tokio::select! {
            written = converse(&mut terminal, global, options) => written.map(Some),
            () = interruption.comes() => Ok(None),
        }
    })?;
    match written {
        None => return Ok(Exit::Interrupted.into()),
        Some(false) => return Ok(ExitCode::FAILURE),
        Some(true) => {}
    }
    // From here on the signals end the program as usual; their handlers would only swallow them.
    runtime.spawn(async move {
        interruption.comes().await;
        std::process::exit(Exit::Interrupted.into());
    });
    terminal.begin(SetupText::Checks);
    let checked = diagnose(global, Some(language), false, token_moved)?;
    if checked == ExitCode::SUCCESS {
        terminal.begin(SetupText::StartWith { command: &global.command_line("run") });
    } else {
        terminal.begin(SetupText::NotWell { command: &global.command_line("doctor") });
    }
    Ok(checked)
}

/// Leads through the steps, and writes what they found. Returns whether anything was written.
async fn converse(
    terminal: &mut Terminal,
    global: &GlobalOptions,
    options: &Options,
) -> anyhow::Result<bool> {
    let file = global.file();
    let name = file.display().to_string();
    terminal.say(SetupText::Begins { file: &name });
    if let Some(taken) = options.token_to.as_ref().filter(|to| to.symlink_metadata().is_ok()) {
        let file = taken.display().to_string();
        return Err(UsageError(terminal.words(SetupText::TokenFileTaken { file: &file })).into());
    }
    let mut draft = Draft::begin(Environment::read(file)?);
    for mistake in draft.reject_wrong() {
        terminal.say_mistake(&mistake);
    }
    draft.settings()?;
    choices::take_webhook(&mut draft, options)?;
    draft.settings()?;
    if let Some(id) = options.group {
        draft.set("BOT_GROUP_ID", id.to_string());
    }
    if let Some(id) = options.owner {
        draft.set("BOT_DEV_ID", id.to_string());
    }
    let discovery = bot::find(terminal, &mut draft).await?;
    let mut listener = Listener::new(discovery);
    group::find(terminal, &mut draft, &mut listener).await?;
    owner::find(terminal, &mut draft, &mut listener).await?;
    choices::make(terminal, &mut draft, options).await?;
    draft.settings()?;
    write(terminal, &draft, file, options).await
}

async fn write(
    terminal: &mut Terminal,
    draft: &Draft,
    file: &Path,
    options: &Options,
) -> anyhow::Result<bool> {
    let mut values = draft.to_write();
    let mut token = None;
    if let Some(to) = &options.token_to
        && let Some(known) = draft.get("BOT_TOKEN")
    {
        values.retain(|(name, _)| *name != "BOT_TOKEN");
        values.push(("BOT_TOKEN_FILE", to.display().to_string()));
        token = Some((to, known));
    }
    for (name, value) in &mut values {
        *value = config::quoted(value).with_context(|| {
            format!("the value of {name} cannot be written into {}", file.display())
        })?;
    }
    let name = file.display().to_string();
    let before = match files::read_text(file, LONGEST) {
        Ok(text) => Some(text),
        Err(error) if error.is_missing() => None,
        Err(error) => anyhow::bail!("{name} cannot be read: {error}"),
    };
    if before.is_some() && terminal.is_attended() {
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let may = terminal.confirm(SetupText::AskOverwrite { file: &name, names: &names }).await?;
        if !may {
            terminal.say(SetupText::Kept);
            return Ok(false);
        }
    }
    if let Some((to, token)) = token {
        env_file::create_private(to, &format!("{token}\n"))
            .with_context(|| format!("the token cannot be written into {}", to.display()))?;
        terminal.say(SetupText::WrittenToken { file: &to.display().to_string() });
    }
    env_file::write_private(file, &env_file::edited(&before.unwrap_or_default(), &values))?;
    terminal.say(SetupText::Written { file: &name });
    for name in values.iter().filter_map(|(name, value)| draft.overriding(name, value)) {
        terminal.say(SetupText::EnvironmentWins { name: &name });
    }
    let written: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let mut unwritten = draft.only_in_environment(&written);
    unwritten.retain(|name| options.token_to.is_none() || *name != "BOT_TOKEN");
    if !unwritten.is_empty() {
        let names = &unwritten.join(", ");
        terminal.say(SetupText::OnlyInEnvironment { names, file: &file.display().to_string() });
    }
    Ok(true)
}
