//! Sends notices to the owner through the support bot itself, in the private chat.
//!
//! Invariant: no other part of the desk waits for a notice. A notice goes through the sender, within Telegram's
//! limits, but not through the outbox, because it must also be sent when the store fails, and by any process. Notices
//! that must not be lost are already on disk, as crash files.

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
    engine::DirectCalls,
    i18n::Texts,
    telemetry::{self, Label as _, Metrics, owner},
};
use domain::{Backoff, Incident, Language, Millis, Notice, NoticeKind, Told, UserId, Verdict};
use ports::{Address, Call, Clock, Keys, SendError};

use super::{crashes::Crashes, settings};

/// Interval between checks for held-back notices and for new panics.
const LOOK: Duration = Duration::from_secs(1);
/// Back-off after a notice could not be sent.
const BACKOFF: Backoff = Backoff { base: Duration::from_secs(5), cap: Duration::from_mins(5) };

/// A handle for telling the owner something; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct ToOwner(mpsc::UnboundedSender<Notice>);

impl ToOwner {
    /// Queues a notice. Never waits.
    pub(super) fn tell(&self, notice: Notice) {
        // A desk that is stopping sends no more notices.
        let _ended = self.0.send(notice);
    }
}

/// The task that sends notices.
pub(super) struct Owner {
    user: UserId,
    language: Language,
    texts: Arc<Texts>,
    direct_calls: DirectCalls,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    /// The store's folder, which also holds the file of the notices that were sent.
    folder: PathBuf,
    crashes: Crashes,
}

/// The state of sending.
struct Telling {
    parts: Owner,
    /// Notices held back until the hour for their kind is over.
    held: HashMap<NoticeKind, Notice>,
}

impl Owner {
    /// Creates the task for the owner of the settings; `direct_calls` sends the notices.
    pub(super) fn of(
        settings: &Settings,
        direct_calls: DirectCalls,
        texts: &Arc<Texts>,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
        crashes: Crashes,
    ) -> Self {
        Self {
            // The settings reject an id that does not fit.
            user: UserId(i64::try_from(settings.desk.owner).unwrap_or_default()),
            language: settings::speaks(settings.texts.operators),
            texts: Arc::clone(texts),
            direct_calls,
            clock,
            metrics: metrics.clone(),
            folder: settings.store.folder.clone(),
            crashes,
        }
    }

    /// Returns the handle, and the task that sends notices until `intake` is cancelled.
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

    /// Tells what earlier runs have left: the last notice of each kind, with the number of earlier ones.
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
        owner::notice_suppressed(&self.parts.metrics, label(kind));
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
                // The notice that this one replaces counts as held back.
                let notice = notice.after(self.held.remove(&kind));
                self.say(&notice, told.kept_back).await;
            }
            Verdict::KeepBack => {
                self.keep_back(kind);
                let notice = notice.after(self.held.remove(&kind));
                self.held.insert(kind, notice);
            }
            // The incident was over before the owner heard of it.
            Verdict::Forget => drop(self.held.remove(&kind)),
        }
    }

    /// Sends the last held-back notice of each kind whose hour is over.
    async fn tell_held(&mut self) {
        for kind in NoticeKind::all() {
            let Some(notice) = self.held.get(&kind) else { continue };
            let told = self.known(kind);
            if told.verdict(notice.phase(), self.parts.clock.now()) == Verdict::Tell
                && let Some(notice) = self.held.remove(&kind)
            {
                // The notice itself is one of those held back.
                self.say(&notice, told.kept_back.saturating_sub(1)).await;
            }
        }
    }

    /// Sends a notice, and records that it was sent.
    async fn say(&self, notice: &Notice, kept_back: u32) {
        self.call(notice, kept_back).await;
        let mut told = self.known(notice.kind());
        told.told(notice.phase(), self.parts.clock.now());
        self.remember(notice.kind(), told);
    }

    /// Sends a notice; retries while Telegram is unavailable.
    async fn call(&self, notice: &Notice, kept_back: u32) {
        let Owner { user, language, texts, direct_calls, metrics, .. } = &self.parts;
        let html = texts.notice(notice, kept_back, *language);
        let to = Address { chat: user.chat(), topic: None };
        let call = Call::Say { to, html, reply: None, keys: Keys::new() };
        let kind = label(notice.kind());
        let mut failures = 0;
        loop {
            match direct_calls.call(*user, call.clone()).await {
                Some(Ok(_said)) => return owner::notice_sent(metrics, kind),
                // The sender has already waited as long as Telegram asked.
                Some(Err(SendError::Throttled(_))) => {}
                // `None`: the result is unknown.
                Some(Err(SendError::Unavailable { .. })) | None => {
                    tokio::time::sleep(BACKOFF.delay(failures)).await;
                    failures += 1;
                }
                Some(Err(refused)) => return owner::notice_failed(metrics, kind, &refused),
            }
        }
    }
}

/// The notices that were sent, by kind, as stored on disk. An unreadable or unwritable file counts as empty: then
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

/// The metrics' label of a kind.
pub(super) fn label(kind: NoticeKind) -> telemetry::NoticeKind {
    match kind {
        NoticeKind::Crash => telemetry::NoticeKind::Crash,
        NoticeKind::Panic => telemetry::NoticeKind::Panic,
        NoticeKind::Watchdog => telemetry::NoticeKind::Watchdog,
        NoticeKind::Moved => telemetry::NoticeKind::Moved,
        NoticeKind::GivenUp => telemetry::NoticeKind::GivenUp,
        NoticeKind::Damaged => telemetry::NoticeKind::Damaged,
        NoticeKind::Incident(Incident::Store) => telemetry::NoticeKind::Store,
        NoticeKind::Incident(Incident::Group) => telemetry::NoticeKind::Group,
        NoticeKind::Incident(Incident::Token) => telemetry::NoticeKind::Token,
        NoticeKind::Incident(Incident::Webhook) => telemetry::NoticeKind::Webhook,
        NoticeKind::Incident(Incident::Backup) => telemetry::NoticeKind::Backup,
        NoticeKind::Incident(Incident::Disk) => telemetry::NoticeKind::Disk,
        NoticeKind::Incident(Incident::Tracker) => telemetry::NoticeKind::Tracker,
        NoticeKind::Incident(Incident::Stuck) => telemetry::NoticeKind::Stuck,
    }
}
