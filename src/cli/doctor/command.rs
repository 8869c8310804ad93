//! The command: checks as much as the settings allow, mistakes in them or not.

use std::process::ExitCode;

use crate::{
    app::leave_no_dumps,
    cli::{
        draft::Draft,
        exit::Exit,
        global_options::{GlobalOptions, NoSettings},
        language::LanguageCode,
        output::errln,
    },
    config::{self, Mistake, Mistakes},
    i18n::DoctorText,
};
use domain::{Grade, Language};

use super::{checks, report::Report};

/// Options of `doctor`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Options {
    /// The language of the report [default: that of the operators, `OPERATORS_LANGUAGE`, or of the terminal, `LANG`].
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    lang: Option<LanguageCode>,
    /// Prints one JSON object, for programs: the worst grade, and each check with its grade, what was found and the
    /// remedy. Grades are ok, warn and fail.
    #[arg(long)]
    json: bool,
}

/// Runs all checks; fails if the desk cannot work.
pub(in crate::cli) fn doctor(
    global: &GlobalOptions,
    options: &Options,
) -> anyhow::Result<ExitCode> {
    diagnose(global, options.lang.map(LanguageCode::language), options.json, None)
}

/// Runs all checks, and prints what they find in a language, or in that of the settings. A variable may be ignored
/// wherever it is set.
pub(in crate::cli) fn diagnose(
    global: &GlobalOptions,
    language: Option<Language>,
    as_json: bool,
    ignored: Option<&'static str>,
) -> anyhow::Result<ExitCode> {
    leave_no_dumps();
    let environment = match global.environment() {
        Ok(environment) => environment,
        Err(error) => return unread(error, language, as_json),
    };
    let mut draft = Draft::begin(environment);
    draft.ignore(ignored);
    let mut mistakes = draft.missing();
    mistakes.extend(draft.without_mistakes());
    let settings = draft.settings()?;
    let operators = draft.has("OPERATORS_LANGUAGE").then_some(settings.texts.operators);
    let language =
        language.unwrap_or_else(|| operators.unwrap_or_else(config::Language::of_terminal).into());
    let mut report = Report::new(language, as_json)?;
    tell_mistakes(&mut report, &mistakes);
    for warning in &settings.warnings {
        report.add("settings", Grade::Warn, warning, None);
    }
    if let Some(file) = open_to_others(&draft, global) {
        let text = DoctorText::FileOpen { file: &file };
        report.say("permissions", Grade::Warn, text);
    }
    checks::run(&mut report, &settings, &draft)?;
    Ok(if report.end() == Grade::Fail { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Reports why there are no settings to check.
fn unread(
    error: anyhow::Error,
    language: Option<Language>,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let language = language.unwrap_or_else(|| config::Language::of_terminal().into());
    let mut report = Report::new(language, as_json)?;
    if let Some(none) = error.downcast_ref::<NoSettings>() {
        let words = none.words(language);
        if as_json {
            let (what, remedy) = words.split_once('\n').unwrap_or((&words, ""));
            report.add("settings", Grade::Fail, what, Some(remedy));
            report.end();
        } else {
            errln!("{words}");
        }
        return Ok(Exit::Usage.into());
    }
    let Mistakes(mistakes) = error.downcast()?;
    tell_mistakes(&mut report, &mistakes);
    report.end();
    Ok(ExitCode::FAILURE)
}

fn tell_mistakes(report: &mut Report, mistakes: &[Mistake]) {
    for mistake in mistakes {
        let (wrong, remedy) = (&*mistake.problem(), &*mistake.remedy);
        report.say("settings", Grade::Fail, DoctorText::SettingWrong { wrong, remedy });
    }
}

/// The file of settings, if it holds a secret and others than its owner can read it.
fn open_to_others(draft: &Draft, global: &GlobalOptions) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let file = global.file();
    let mode = std::fs::metadata(file).ok()?.mode();
    (mode & 0o004 != 0 && draft.has_secret_in_file()).then(|| file.display().to_string())
}
