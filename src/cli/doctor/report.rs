//! The report of all checks, as lines for people or as JSON.

use std::io::{self, IsTerminal as _};

use serde_json::{Value, json};

use crate::{
    cli::{common::print_finding, output::outln},
    config::wants_colour,
    i18n::{DoctorText, TerminalTexts, Texts},
};
use domain::{Check, Finding, Grade, Language};

/// Collects what is found. Lines for people are printed at once.
pub(super) struct Report {
    texts: TerminalTexts,
    findings: Texts,
    language: Language,
    as_json: bool,
    in_colour: bool,
    found: Vec<Value>,
    worst: Grade,
}

impl Report {
    pub(super) fn new(language: Language, as_json: bool) -> anyhow::Result<Self> {
        Ok(Self {
            texts: TerminalTexts::new(language),
            findings: Texts::load(None)?,
            language,
            as_json,
            in_colour: io::stdout().is_terminal() && wants_colour(),
            found: Vec::new(),
            worst: Grade::Ok,
        })
    }

    /// Uses these texts for findings.
    pub(super) fn speak(&mut self, findings: Texts) {
        self.findings = findings;
    }

    /// Adds a finding.
    pub(super) fn find(&mut self, finding: &Finding) {
        let (what, remedy) = self.findings.finding(finding, self.language);
        self.add(name(finding.check()), finding.grade(), &what, remedy.as_deref());
    }

    /// Adds a text: the first line says what is so, the second what to do.
    pub(super) fn say(&mut self, check: &'static str, grade: Grade, text: DoctorText<'_>) {
        // Mistakes in texts and in the welcome have several lines, each with its own remedy.
        let has_remedy = !matches!(
            text,
            DoctorText::TextsFail { .. }
                | DoctorText::WelcomeFail { .. }
                | DoctorText::StoreClosed { .. }
        );
        let said = self.texts.say(text);
        match said.rsplit_once('\n').filter(|_| has_remedy) {
            Some((what, remedy)) => self.add(check, grade, what, Some(remedy)),
            None => self.add(check, grade, &said, None),
        }
    }

    /// Adds what a check has found.
    pub(super) fn add(
        &mut self,
        check: &'static str,
        grade: Grade,
        what: &str,
        remedy: Option<&str>,
    ) {
        self.worst = self.worst.max(grade);
        if self.as_json {
            let grade = grade_name(grade);
            self.found
                .push(json!({ "check": check, "grade": grade, "what": what, "remedy": remedy }));
            return;
        }
        print_finding(grade, what, remedy, self.in_colour);
    }

    /// Prints the conclusion, and returns the worst grade.
    pub(super) fn end(self) -> Grade {
        if self.as_json {
            outln!("{:#}", json!({ "grade": grade_name(self.worst), "checks": self.found }));
        } else {
            outln!(
                "{}",
                self.texts.say(match self.worst {
                    Grade::Ok => DoctorText::Ok,
                    Grade::Warn => DoctorText::Warn,
                    Grade::Fail => DoctorText::Fail,
                })
            );
        }
        self.worst
    }
}

fn grade_name(grade: Grade) -> &'static str {
    match grade {
        Grade::Ok => "ok",
        Grade::Warn => "warn",
        Grade::Fail => "fail",
    }
}

/// The name of a check in JSON. It never changes.
fn name(check: Check) -> &'static str {
    match check {
        Check::Connection => "connection",
        Check::Token => "token",
        Check::Bot => "bot",
        Check::Clock => "clock",
        Check::Webhook => "webhook",
        Check::AllowedUpdates => "allowed_updates",
        Check::Group => "group",
        Check::Rights => "rights",
        Check::Privacy => "privacy",
        Check::Owner => "owner",
        Check::Store => "store",
    }
}
