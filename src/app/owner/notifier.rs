//! Sends notices to the owner through the support bot itself, in the private chat.
//!
//! Invariant: no other part of the desk waits for a notice. A notice goes through the sender, within Telegram's
//! limits, but not through the outbox, because it must also be sent when the store fails, and by any process. Notices
//! that must not be lost are already on disk, as crash files.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    app::settings,
    config::Settings,
    engine::DirectCalls,
    i18n::Texts,
    telemetry::{Metrics, owner},
};
use domain::{Backoff, Language, Notice, NoticeKind, Told, UserId, Verdict};
use ports::{Address, Call, Clock, Keys, SendError};

use super::{crashes::Crashes, label::label, sent_notices::NoticeHistory};

/// Interval between checks for held-back notices and for new panics.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Back-off after a notice could not be sent.
const BACKOFF: Backoff = Backoff { base: Duration::from_secs(5), cap: Duration::from_mins(5) };

/// The queue of notices; cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::app) struct Notices(mpsc::UnboundedSender<Notice>);

impl Notices {
    /// Queues a notice. Never waits.
    pub(in crate::app) fn send(&self, notice: Notice) {
        // A desk that is stopping sends no more notices.
        let _ended = self.0.send(notice);
    }
}

/// The task that sends notices.
pub(in crate::app) struct Notifier {
    owner: UserId,
    language: Language,
    texts: Arc<Texts>,
    direct_calls: DirectCalls,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    history: NoticeHistory,
    crashes: Crashes,
    /// Notices held back until the hour for their kind is over.
    held_back: HashMap<NoticeKind, Notice>,
}

impl Notifier {
    /// Creates the task for the owner of the settings; `direct_calls` sends the notices.
    pub(in crate::app) fn new(
        settings: &Settings,
        direct_calls: DirectCalls,
        texts: &Arc<Texts>,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
        crashes: Crashes,
    ) -> Self {
        Self {
            owner: settings::roles(settings).owner,
            language: settings.texts.operators.into(),
            texts: Arc::clone(texts),
            direct_calls,
            clock,
            metrics: metrics.clone(),
            history: NoticeHistory::new(&settings.store.folder),
            crashes,
            held_back: HashMap::new(),
        }
    }

    /// Returns the queue, and the task that sends its notices until `intake` is cancelled.
    pub(in crate::app) fn start(
        self,
        intake: CancellationToken,
    ) -> (Notices, impl Future<Output = ()> + Send + 'static) {
        let (queue, queued) = mpsc::unbounded_channel();
        let task = async move {
            tokio::select! {
                () = intake.cancelled() => {}
                () = self.run(queued) => {}
            }
        };
        (Notices(queue), task)
    }

    async fn run(mut self, mut queued: mpsc::UnboundedReceiver<Notice>) {
        self.report_earlier_runs().await;
        let mut tick = tokio::time::interval(CHECK_INTERVAL);
        loop {
            tokio::select! {
                Some(notice) = queued.recv() => self.handle(notice).await,
                _ = tick.tick() => {
                    self.report_panics().await;
                    self.send_held_back().await;
                }
            }
        }
    }

    /// Reports the crashes of earlier runs: the last notice of each kind, with the number of earlier ones.
    async fn report_earlier_runs(&mut self) {
        let mut reports = self.crashes.take_earlier();
        while !reports.is_empty() {
            let next = reports.remove(0);
            let kind = next.notice.kind();
            if reports.iter().any(|later| later.notice.kind() == kind) {
                self.count_held_back(kind);
            } else {
                self.handle(next.notice.clone()).await;
            }
            self.crashes.mark_reported(next);
        }
    }

    async fn report_panics(&mut self) {
        while let Some(next) = self.crashes.next_due(self.clock.now()) {
            self.handle(next.notice.clone()).await;
            self.crashes.mark_reported(next);
        }
    }

    fn count_held_back(&self, kind: NoticeKind) {
        owner::notice_suppressed(&self.metrics, label(kind));
        let sent = self.history.get(kind);
        let kept_back = sent.kept_back.saturating_add(1);
        self.history.set(kind, Told { kept_back, ..sent });
    }

    /// Sends a notice now, or holds it back, or drops it.
    async fn handle(&mut self, notice: Notice) {
        let kind = notice.kind();
        let sent = self.history.get(kind);
        match sent.verdict(notice.phase(), self.clock.now()) {
            Verdict::Tell => {
                // The notice that this one replaces counts as held back.
                let notice = notice.after(self.held_back.remove(&kind));
                self.send(&notice, sent.kept_back).await;
            }
            Verdict::KeepBack => {
                self.count_held_back(kind);
                let notice = notice.after(self.held_back.remove(&kind));
                self.held_back.insert(kind, notice);
            }
            // The incident was over before the owner was told of it.
            Verdict::Forget => drop(self.held_back.remove(&kind)),
        }
    }

    /// Sends the last held-back notice of each kind whose hour is over.
    async fn send_held_back(&mut self) {
        for kind in NoticeKind::all() {
            let Some(notice) = self.held_back.get(&kind) else { continue };
            let sent = self.history.get(kind);
            if sent.verdict(notice.phase(), self.clock.now()) == Verdict::Tell
                && let Some(notice) = self.held_back.remove(&kind)
            {
                // The notice itself is one of those held back.
                self.send(&notice, sent.kept_back.saturating_sub(1)).await;
            }
        }
    }

    /// Sends a notice, and records that it was sent.
    async fn send(&self, notice: &Notice, held_back: u32) {
        self.call(notice, held_back).await;
        let mut sent = self.history.get(notice.kind());
        sent.told(notice.phase(), self.clock.now());
        self.history.set(notice.kind(), sent);
    }

    /// Sends a notice; retries while Telegram is unavailable.
    async fn call(&self, notice: &Notice, held_back: u32) {
        let html = self.texts.notice(notice, held_back, self.language);
        let to = Address { chat: self.owner.chat(), topic: None };
        let call = Call::Say { to, html, reply: None, keys: Keys::new() };
        let kind = label(notice.kind());
        let mut failures = 0;
        loop {
            match self.direct_calls.call(self.owner, call.clone()).await {
                Some(Ok(_said)) => return owner::notice_sent(&self.metrics, kind),
                // The sender has already waited as long as Telegram asked.
                Some(Err(SendError::Throttled(_))) => {}
                // `None`: the result is unknown.
                Some(Err(SendError::Unavailable { .. })) | None => {
                    tokio::time::sleep(BACKOFF.delay(failures)).await;
                    failures += 1;
                }
                Some(Err(refused)) => return owner::notice_failed(&self.metrics, kind, &refused),
            }
        }
    }
}
