//! `support-bot config`: prints the settings in effect and where each comes from, without secrets.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::{
    app::leave_no_dumps,
    config::{InEffect, Mistake, Mistakes, Origin, Settings, Value, file_variable, in_effect},
};

use super::{fields::visible, global_options::GlobalOptions, output::outln};

/// Options of `config`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Prints one JSON object, for programs.
    #[arg(long)]
    json: bool,
}

/// What is printed.
#[derive(Default)]
struct Report {
    settings: Vec<InEffect>,
    warnings: Vec<String>,
    mistakes: Vec<Mistake>,
}

/// Prints the settings; fails if they have mistakes.
pub(super) fn config(global: &GlobalOptions, options: &Options) -> anyhow::Result<ExitCode> {
    // Before the token is read.
    leave_no_dumps();
    let report = report(global)?;
    if options.json {
        outln!("{:#}", report.json());
    } else {
        report.print();
    }
    Ok(if report.mistakes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(global: &GlobalOptions) -> anyhow::Result<Report> {
    let source = match global.read() {
        Ok(source) => source,
        Err(error) => match error.downcast::<Mistakes>() {
            Ok(Mistakes(mistakes)) => return Ok(Report { mistakes, ..Report::default() }),
            Err(error) => return Err(error),
        },
    };
    Ok(match Settings::load(&source) {
        Ok(loaded) => {
            let settings = in_effect(&source, None);
            Report { settings, warnings: loaded.warnings, mistakes: Vec::new() }
        }
        Err(mistakes) => {
            let settings = in_effect(&source, Some(&mistakes));
            Report { settings, warnings: Vec::new(), mistakes: mistakes.0 }
        }
    })
}

impl Report {
    fn print(&self) {
        let lines = self.settings.iter().map(|setting| (setting.name, shown(setting)));
        let lines: Vec<(&str, String)> = lines.collect();
        let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or_default();
        let names = widest(&mut lines.iter().map(|(name, _)| name.len()));
        // A long value does not push all the others apart.
        let values = widest(
            &mut lines.iter().map(|(_, value)| value.chars().count()).filter(|width| *width <= 40),
        );
        for ((name, value), setting) in lines.iter().zip(&self.settings) {
            let line = format!("{name:names$}  {value:values$}  {}", origin(setting));
            outln!("{}", line.trim_end());
        }
        if !self.warnings.is_empty() {
            outln!("\nWarnings:");
            self.warnings.iter().for_each(|warning| outln!("{warning}"));
        }
        if !self.mistakes.is_empty() {
            outln!("\nMistakes:");
            self.mistakes.iter().for_each(|mistake| outln!("{mistake}"));
        }
    }

    fn json(&self) -> Json {
        let settings = self.settings.iter().map(|setting| {
            let InEffect { name, value, origin, in_file } = setting;
            let (state, value) = match value {
                Value::Shown(value) => ("shown", Some(value)),
                Value::Secret => ("secret", None),
                Value::Wrong => ("mistake", None),
                Value::Unset => ("unset", None),
            };
            let (source, file, line) = match origin {
                Some(Origin::Environment) => (Some("environment"), None, None),
                Some(Origin::File { file, line }) => (Some("file"), Some(file), Some(line)),
                None => (matches!(state, "shown").then_some("default"), None, None),
            };
            let variable = in_file.then(|| file_variable(name));
            json!({
                "name": name,
                "state": state,
                "value": value,
                "source": source,
                "file": file,
                "line": line,
                "set_by": variable.as_deref().or(origin.as_ref().map(|_| *name)),
            })
        });
        let mistakes = self.mistakes.iter().map(|mistake| {
            let Mistake { variable, place, wrong, remedy } = mistake;
            json!({ "variable": variable, "place": place, "wrong": wrong, "remedy": remedy })
        });
        json!({
            "settings": settings.collect::<Vec<_>>(),
            "warnings": self.warnings,
            "mistakes": mistakes.collect::<Vec<_>>(),
        })
    }
}

/// A value as people read it.
fn shown(setting: &InEffect) -> String {
    match &setting.value {
        Value::Shown(value) => visible(value),
        Value::Secret => "set".to_owned(),
        Value::Wrong => "has a mistake".to_owned(),
        Value::Unset => "not set".to_owned(),
    }
}

/// Where a value comes from, as people read it.
fn origin(setting: &InEffect) -> String {
    match (&setting.origin, &setting.value) {
        (Some(origin), _) if setting.in_file => {
            format!("{} ({origin})", file_variable(setting.name))
        }
        (Some(origin), _) => origin.to_string(),
        (None, Value::Shown(_)) => "default".to_owned(),
        (None, Value::Secret | Value::Wrong | Value::Unset) => String::new(),
    }
}
