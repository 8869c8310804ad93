//! Telling the owner of the desk in words, by the support bot itself, in the private chat.
//!
//! Invariant: nothing of the desk waits for it. A notice goes through the sender, within Telegram's limits, but not
//! through the outbox: it must also be told when the store fails, and by any of several processes. What must not be lost
//! is on disk already, as a crash file.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Settings,
    engine::Asides,
    i18n::Texts,
    telemetry::{self, Label as _, Metrics, owner},
};
use domain::{Language, Millis, Need, Notice, NoticeKind, Told, UserId, Verdict};
use ports::{Address, Call, Clock, Keys, SendError};

use super::{crashes::Crashes, settings};

/// What was kept back is looked at this often, and so is whether there are panics to be told.
const LOOK: Duration = Duration::from_secs(1);
/// A notice that Telegram was not there for is tried again after this, later after twice the time.
const PAUSE: Duration = Duration::from_secs(5);
/// But at least this often.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// The way to tell the owner something; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct ToOwner(mpsc::UnboundedSender<Notice>);

impl ToOwner {
    /// Tells it, soon. Waits for nothing.
    pub(super) fn tell(&self, notice: Notice) {
        // Nobody is told any more by a desk that stops.
        let _ended = self.0.send(notice);
    }
}

/// Who tells.
pub(super) struct Owner {
    user: UserId,
    language: Language,
    texts: Arc<Texts>,
    asides: Asides,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    /// The folder of the store: what was told is remembered there.
    folder: PathBuf,
    crashes: Crashes,
}

/// What is under way.
struct Telling {
    parts: Owner,
    /// Kept back until the hour of their kind is over.
    held: HashMap<NoticeKind, Notice>,
}

impl Owner {
    /// The owner of the settings, told by `asides`.
    pub(super) fn of(
        settings: &Settings,
        asides: Asides,
        texts: &Arc<Texts>,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
        crashes: Crashes,
    ) -> Self {
        Self {
            // The settings take no id that does not fit.
            user: UserId(i64::try_from(settings.desk.owner).unwrap_or_default()),
            language: settings::speaks(settings.texts.operators),
            texts: Arc::clone(texts),
            asides,
            clock,
            metrics: metrics.clone(),
            folder: settings.store.folder.clone(),
            crashes,
        }
    }

    /// The way to tell the owner something, and the task that does so until `intake` is cancelled.
    pub(super) fn begin(
        self,
        intake: CancellationToken,
    ) -> (ToOwner, impl Future<Output = ()> + Send + 'static) {
        let (tell, told) = mpsc::unbounded_channel();
        let telling = Telling { parts: self, held: HashMap::new() };
        let task = async move {
            tokio::select! {
                () = intake.cancelled() => {}
                () = telling.run(told) => {}
            }
        };
        (ToOwner(tell), task)
    }
}

impl Telling {
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Notice>) {
        self.tell_left().await;
        let mut tick = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                Some(notice) = asked.recv() => self.tell(notice).await,
                _ = tick.tick() => {
                    self.tell_panics().await;
                    self.tell_held().await;
                }
            }
        }
    }

    /// Tells what earlier runs have left: of each kind the last, and how many there were before it.
    async fn tell_left(&mut self) {
        let mut left = self.parts.crashes.left();
        while !left.is_empty() {
            let next = left.remove(0);
            let kind = next.notice.kind();
            if left.iter().any(|later| later.notice.kind() == kind) {
                self.keep_back(kind);
            } else {
                self.tell(next.notice.clone()).await;
            }
            self.parts.crashes.told(next);
        }
    }

    async fn tell_panics(&mut self) {
        while let Some(next) = self.parts.crashes.next(self.parts.clock.now()) {
            self.tell(next.notice.clone()).await;
            self.parts.crashes.told(next);
        }
    }

    fn keep_back(&self, kind: NoticeKind) {
        owner::kept_back(&self.parts.metrics, label(kind));
        let told = self.known(kind);
        let kept_back = told.kept_back.saturating_add(1);
        self.remember(kind, Told { kept_back, ..told });
    }

    fn known(&self, kind: NoticeKind) -> Told {
        Memory::load(&self.parts.folder).of(kind)
    }

    fn remember(&self, kind: NoticeKind, told: Told) {
        let mut memory = Memory::load(&self.parts.folder);
        memory.set(kind, told);
        memory.store(&self.parts.folder);
    }

    async fn tell(&mut self, notice: Notice) {
        let kind = notice.kind();
        let told = self.known(kind);
        match told.verdict(notice.phase(), self.parts.clock.now()) {
            Verdict::Tell => {
                // The one in its place is counted with those that were kept back.
                let notice = notice.after(self.held.remove(&kind));
                self.say(&notice, told.kept_back).await;
            }
            Verdict::KeepBack => {
                self.keep_back(kind);
                let notice = notice.after(self.held.remove(&kind));
                self.held.insert(kind, notice);
            }
            // It ended before anybody was told that it had begun.
            Verdict::Forget => drop(self.held.remove(&kind)),
        }
    }

    /// Tells the last of each kind that was kept back, once its hour is over.
    async fn tell_held(&mut self) {
        for kind in NoticeKind::all() {
            let Some(notice) = self.held.get(&kind) else { continue };
            let told = self.known(kind);
            if told.verdict(notice.phase(), self.parts.clock.now()) == Verdict::Tell
                && let Some(notice) = self.held.remove(&kind)
            {
                // It is one of those that were kept back itself.
                self.say(&notice, told.kept_back.saturating_sub(1)).await;
            }
        }
    }

    /// Says it, and remembers that it was said.
    async fn say(&self, notice: &Notice, kept_back: u32) {
        self.call(notice, kept_back).await;
        let mut told = self.known(notice.kind());
        told.told(notice.phase(), self.parts.clock.now());
        self.remember(notice.kind(), told);
    }

    /// Has it said, as often as it takes while Telegram is not there.
    async fn call(&self, notice: &Notice, kept_back: u32) {
        let Owner { user, language, texts, asides, metrics, .. } = &self.parts;
        let html = texts.notice(notice, kept_back, *language);
        let to = Address { chat: user.chat(), topic: None };
        let call = Call::Say { to, html, reply: None, keys: Keys::new() };
        let kind = label(notice.kind());
        let mut pause = PAUSE;
        loop {
            match asides.call(*user, call.clone()).await {
                Some(Ok(_said)) => return owner::told(metrics, kind),
                // It waited already for as long as Telegram wants.
                Some(Err(SendError::Throttled(_))) => {}
                // Or nobody knows what became of it.
                Some(Err(SendError::Unavailable { .. })) | None => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Some(Err(refused)) => return owner::not_told(metrics, kind, &refused),
            }
        }
    }
}

/// What was told, by kind, as it is on disk. One that cannot be read or written is as if nothing had been told: then
/// something is told twice.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory(BTreeMap<String, Entry>);

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Entry {
    at: Option<i64>,
    #[serde(default)]
    kept_back: u32,
    #[serde(default)]
    goes_on: bool,
}

impl Memory {
    fn file(folder: &Path) -> PathBuf {
        folder.join("notices.json")
    }

    fn load(folder: &Path) -> Self {
        let text = fs::read(Self::file(folder)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    fn of(&self, kind: NoticeKind) -> Told {
        let known = self.0.get(label(kind).as_str());
        known.map_or_else(Told::default, |entry| Told {
            at: entry.at.map(Millis),
            kept_back: entry.kept_back,
            goes_on: entry.goes_on,
        })
    }

    fn set(&mut self, kind: NoticeKind, told: Told) {
        let Told { at, kept_back, goes_on } = told;
        let entry = Entry { at: at.map(|at| at.0), kept_back, goes_on };
        self.0.insert(label(kind).as_str().to_owned(), entry);
    }

    fn store(&self, folder: &Path) {
        let (file, Ok(text)) = (Self::file(folder), serde_json::to_vec(self)) else { return };
        let hidden = file.with_extension("json.new");
        let _next_time = fs::write(&hidden, text).and_then(|()| fs::rename(&hidden, &file));
    }
}

/// How metrics name a kind.
pub(super) fn label(kind: NoticeKind) -> telemetry::NoticeKind {
    match kind {
        NoticeKind::Crash => telemetry::NoticeKind::Crash,
        NoticeKind::Panic => telemetry::NoticeKind::Panic,
        NoticeKind::Watchdog => telemetry::NoticeKind::Watchdog,
        NoticeKind::Moved => telemetry::NoticeKind::Moved,
        NoticeKind::GivenUp => telemetry::NoticeKind::GivenUp,
        NoticeKind::Damaged => telemetry::NoticeKind::Damaged,
        NoticeKind::Need(Need::Store) => telemetry::NoticeKind::Store,
        NoticeKind::Need(Need::Group) => telemetry::NoticeKind::Group,
        NoticeKind::Need(Need::Token) => telemetry::NoticeKind::Token,
        NoticeKind::Need(Need::Webhook) => telemetry::NoticeKind::Webhook,
        NoticeKind::Need(Need::Backup) => telemetry::NoticeKind::Backup,
        NoticeKind::Need(Need::Disk) => telemetry::NoticeKind::Disk,
        NoticeKind::Need(Need::Tracker) => telemetry::NoticeKind::Tracker,
        NoticeKind::Need(Need::Stuck) => telemetry::NoticeKind::Stuck,
    }
}
