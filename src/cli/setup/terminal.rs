//! The terminal: says texts, and reads answers while other things happen.

use std::{
    io::{self, BufRead as _, IsTerminal as _},
    thread,
    time::Duration,
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{Instant, sleep_until},
};

use crate::{
    cli::{
        common::print_finding,
        output::{out, outln},
    },
    config::Mistake,
    i18n::{SetupText, TerminalTexts, Texts},
};
use domain::{Finding, Grade, Language};

/// Why no answer comes, in the language of the terminal.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoAnswer(String);

/// Says texts in one language, and reads lines if somebody is there to write them.
#[derive(Debug)]
pub(super) struct Terminal {
    texts: TerminalTexts,
    findings: Texts,
    pub(super) language: Language,
    /// Nothing with `--yes`.
    lines: Option<UnboundedReceiver<String>>,
    /// When waiting ends, if nobody is there.
    deadline: Option<Instant>,
}

impl Terminal {
    /// `wait` is how long to wait for what happens in Telegram, if nobody is there; `None` if somebody is.
    pub(super) fn new(language: Language, wait: Option<Duration>) -> anyhow::Result<Self> {
        Ok(Self {
            texts: TerminalTexts::new(language),
            findings: Texts::load(None)?,
            language,
            lines: if wait.is_none() { Some(lines()?) } else { None },
            deadline: wait.map(|wait| Instant::now() + wait),
        })
    }

    /// Whether somebody can be asked.
    pub(super) fn is_attended(&self) -> bool {
        self.lines.is_some()
    }

    /// The words of a text, for an error.
    pub(super) fn words(&self, text: SetupText<'_>) -> String {
        self.texts.say(text)
    }

    pub(super) fn say(&self, text: SetupText<'_>) {
        outln!("{}", self.texts.say(text));
    }

    /// Begins a step of the setup.
    pub(super) fn begin(&self, text: SetupText<'_>) {
        outln!("\n{}\n", self.texts.say(text));
    }

    /// Says what a check has found, as `doctor` does.
    pub(super) fn report(&self, finding: &Finding) {
        let (what, remedy) = self.findings.finding(finding, self.language);
        print_finding(finding.grade(), &what, remedy.as_deref(), false);
    }

    /// Says what a check has found in words of the setup: those of `doctor` name settings, which a newcomer has not
    /// seen yet. The first line says what is so, the others what to do.
    pub(super) fn report_as(&self, grade: Grade, text: SetupText<'_>) {
        let said = self.texts.say(text);
        match said.split_once('\n') {
            Some((what, remedy)) => print_finding(grade, what, Some(remedy), false),
            None => print_finding(grade, &said, None, false),
        }
    }

    /// Says what is wrong with a setting.
    pub(super) fn say_mistake(&self, mistake: &Mistake) {
        let (wrong, remedy) = (&*mistake.problem(), &*mistake.remedy);
        self.say(SetupText::SettingWrong { wrong, remedy });
    }

    /// The error of a check that has failed, if nobody is there to mend it.
    pub(super) fn failure(&self, finding: &Finding) -> NoAnswer {
        let (what, remedy) = self.findings.finding(finding, self.language);
        let remedy = remedy.unwrap_or_default();
        NoAnswer(format!("{what} {remedy}\n{}", self.words(SetupText::Kept)))
    }

    /// Waits for a line. Cancel-safe.
    pub(super) async fn line(&mut self) -> Result<String, NoAnswer> {
        if let Some(lines) = &mut self.lines {
            let line = lines.recv().await;
            return line.ok_or_else(|| self.no_answer(SetupText::Ended));
        }
        if let Some(deadline) = self.deadline {
            sleep_until(deadline).await;
        }
        Err(self.no_answer(SetupText::TimedOut))
    }

    /// The error that says why no answer comes.
    pub(super) fn no_answer(&self, why: SetupText<'_>) -> NoAnswer {
        NoAnswer(self.words(why))
    }

    /// Asks for a line. Only for a terminal that is attended.
    pub(super) async fn ask(&mut self, text: SetupText<'_>) -> Result<String, NoAnswer> {
        out!("{}: ", self.texts.say(text));
        self.line().await
    }

    /// Asks for a line that the terminal does not show.
    pub(super) async fn ask_hidden(&mut self, text: SetupText<'_>) -> Result<String, NoAnswer> {
        let hidden = HiddenInput::begin();
        let line = self.ask(text).await;
        if hidden.is_some() {
            outln!("");
        }
        line
    }

    /// Asks until the answer is one of these words; an empty answer is the first.
    pub(super) async fn choose<T: Copy>(
        &mut self,
        text: SetupText<'_>,
        choices: &[(&str, T)],
    ) -> Result<T, NoAnswer> {
        loop {
            let answer = self.ask(text).await?;
            let chosen = match answer.as_str() {
                "" => choices.first(),
                answer => choices.iter().find(|(word, _)| answer.eq_ignore_ascii_case(word)),
            };
            if let Some((_, choice)) = chosen {
                return Ok(*choice);
            }
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.say(SetupText::NotAChoice { choices: &words.join(", ") });
        }
    }

    /// Asks until the answer is yes or no.
    pub(super) async fn confirm(&mut self, text: SetupText<'_>) -> Result<bool, NoAnswer> {
        loop {
            let answer = self.ask(text).await?.to_lowercase();
            match answer.as_str() {
                "y" | "yes" | "д" | "да" => return Ok(true),
                "n" | "no" | "н" | "нет" => return Ok(false),
                _neither => self.say(SetupText::YesOrNo),
            }
        }
    }
}

/// The lines of the input, as they come. They are read in a thread of their own, which ends with the program: reading
/// from a terminal cannot be cancelled.
fn lines() -> io::Result<UnboundedReceiver<String>> {
    let (sender, receiver) = unbounded_channel();
    thread::Builder::new().name("input".to_owned()).spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.send(line.trim().to_owned()).is_err() {
                break;
            }
        }
    })?;
    Ok(receiver)
}

/// While it exists, the terminal does not show what is typed.
struct HiddenInput {
    before: Termios,
}

impl HiddenInput {
    /// `None` if the input is not a terminal.
    fn begin() -> Option<Self> {
        let input = io::stdin();
        if !input.is_terminal() {
            return None;
        }
        let before = tcgetattr(&input).ok()?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&input, OptionalActions::Now, &hidden).ok()?;
        Some(Self { before })
    }
}

impl Drop for HiddenInput {
    fn drop(&mut self) {
        let _the_terminal_is_gone = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
