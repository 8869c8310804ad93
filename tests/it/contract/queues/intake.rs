//! Promises of the engine's intake over each store, tested with random histories.

use std::{collections::BTreeSet, pin::pin, sync::Arc, time::Duration};

use domain::{ChatId, UpdateId};
use ports::{DeskState as _, Partitions as _, StoreError};
use proptest::{prelude::*, test_runner::TestRunner};
use support_bot::{
    engine::{Accepted, Ingest, QueuedSends, Worker},
    telemetry::{Source, Telemetry},
};
use tokio::{runtime::Handle, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::contract::Backend;
use crate::harness::{Recorder, UNLIMITED, contexts, decoder};

const GROUP: ChatId = ChatId(-1_000_000_000_001);

/// The valid update ids; an update with another id is stored as one without.
const SENSIBLE: std::ops::RangeInclusive<i64> = 1..=(1 << 52);

/// An event of a history.
#[derive(Debug, Clone)]
enum Act {
    /// Telegram answers a poll with these updates.
    Poll(Vec<What>),
    /// Telegram pushes this update.
    Push(What),
    /// The store refuses writes, or with `false`, accepts them again.
    Refuse(bool),
    Kill,
    Restart,
}

/// An update.
#[derive(Debug, Clone)]
enum What {
    /// A message from one of a few users, with this update id.
    Numbered(i64),
    /// An update without an id.
    Nameless(&'static str),
}

fn arriving() -> impl Strategy<Value = What> {
    let number = prop_oneof![
        8 => 1..40_i64,
        1 => -3..1_i64,
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, 1 << 52, (1 << 52) + 1]),
    ];
    let rubbish = vec!["{}", "[]", "null", r#"{"update_id":"7"}"#, r#"{"update_id":7.5}"#];
    prop_oneof![
        4 => number.prop_map(What::Numbered),
        1 => prop::sample::select(rubbish).prop_map(What::Nameless),
    ]
}

fn action() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => prop::collection::vec(arriving(), 1..6).prop_map(Act::Poll),
        4 => arriving().prop_map(Act::Push),
        2 => any::<bool>().prop_map(Act::Refuse),
        1 => Just(Act::Kill),
        1 => Just(Act::Restart),
    ]
}

impl What {
    fn number(&self) -> Option<i64> {
        match self {
            Self::Numbered(number) => Some(*number).filter(|number| SENSIBLE.contains(number)),
            Self::Nameless(_) => None,
        }
    }

    fn text(&self) -> String {
        let number = match self {
            Self::Numbered(number) => number,
            Self::Nameless(text) => return (*text).to_owned(),
        };
        let user = 1000 + number.rem_euclid(5);
        let person = format!(r#"{{"id":{user},"first_name":"A","is_bot":false,"type":"private"}}"#);
        format!(
            r#"{{"update_id":{number},"message":{{"message_id":{},"date":1,"chat":{person},"from":{person},"text":"x"}}}}"#,
            number.rem_euclid(1_000_000)
        )
    }
}

/// The intake and the worker over a store, without a sender.
struct Door<B: Backend> {
    backend: B,
    ingest: Ingest,
    worker: JoinSet<()>,
    refuses: bool,
}

impl<B: Backend> Door<B> {
    async fn on(backend: B, telemetry: &Telemetry) -> Self {
        let (store, bot) = (backend.shared(), Arc::new(decoder()));
        let held = store.held_at_start();
        let contexts =
            contexts(store, Arc::new(Recorder::default()), bot, UNLIMITED, GROUP, telemetry);
        let (queued_sends, mut sends, _reports) = QueuedSends::channel();
        let (mut worker, ingest) = Worker::new(contexts.deciding, queued_sends);
        worker.resume(held).await.unwrap();
        let (intake, work) = (CancellationToken::new(), CancellationToken::new());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            tokio::select! {
                () = worker.run(intake, work) => {}
                () = async { while sends.recv().await.is_some() {} } => {}
            }
        });
        Self { backend, ingest, worker: tasks, refuses: false }
    }

    fn refuse(&mut self, refuses: bool) {
        if refuses != self.refuses {
            self.backend.refuses(refuses);
            self.refuses = refuses;
        }
    }

    /// Hands a batch over. The worker may be retrying a commit until the store accepts writes, so if no answer comes in
    /// time, the store accepts them again.
    async fn accept(
        &mut self,
        texts: Vec<String>,
        previous: Option<UpdateId>,
        source: Source,
    ) -> Result<Accepted, StoreError> {
        let ingest = self.ingest.clone();
        let mut answer = pin!(ingest.accept(texts, previous, source));
        if let Ok(answer) = tokio::time::timeout(Duration::from_millis(50), &mut answer).await {
            return answer;
        }
        self.refuse(false);
        answer.await
    }

    /// Stops the engine without a graceful shutdown.
    async fn ended(mut self) -> B {
        self.refuse(false);
        self.worker.shutdown().await;
        self.backend
    }
}

/// The expected state.
#[derive(Default)]
struct Model {
    /// Texts that were acknowledged.
    taken: BTreeSet<String>,
    /// The next offset to request.
    next: Option<UpdateId>,
}

impl Model {
    /// Starts the next run where the last one has ended.
    async fn restart<B: Backend>(&self, backend: B, telemetry: &Telemetry) -> Door<B> {
        let stored = backend.store().notebook().await.unwrap().offset;
        assert_eq!(stored, self.next, "the stored offset is the one to request");
        Door::on(backend, telemetry).await
    }
}

async fn play<B: Backend>(acts: Vec<Act>, telemetry: &Telemetry) {
    let mut door = Door::on(B::open().await, telemetry).await;
    let mut model = Model::default();
    for act in acts {
        match act {
            Act::Poll(batch) => {
                let texts: Vec<_> = batch.iter().map(What::text).collect();
                let refuses = door.refuses;
                let taken = door.accept(texts.clone(), model.next, Source::Polling).await;
                assert!(taken.is_ok() || refuses, "{taken:?}");
                if let Ok(accepted) = taken {
                    let newest = batch.iter().filter_map(What::number).max();
                    model.next = newest.map(|number| UpdateId(number + 1)).or(model.next);
                    assert_eq!(accepted.offset, model.next, "after {batch:?}");
                    model.taken.extend(texts);
                }
            }
            Act::Push(what) => {
                let text = what.text();
                let taken = door.accept(vec![text.clone()], None, Source::Webhook).await;
                if let Ok(accepted) = taken {
                    assert_eq!(accepted.offset, None, "a pushed update confirms no others");
                    model.taken.insert(text);
                }
            }
            Act::Refuse(refuses) => door.refuse(refuses),
            Act::Kill => door = model.restart(door.ended().await.kill().await, telemetry).await,
            Act::Restart => {
                door = model.restart(door.ended().await.reopen().await, telemetry).await;
            }
        }
    }

    let mut door = model.restart(door.ended().await.kill().await, telemetry).await;
    let taken: Vec<String> = model.taken.iter().cloned().collect();
    let again = door.accept(taken, None, Source::Webhook).await.unwrap();
    assert_eq!(again.new, 0, "acknowledged but not on disk: {:?}", model.taken);
    drop(door.ended().await);
}

pub(crate) async fn the_offset_never_passes_the_stored_updates<B: Backend>() {
    let telemetry = Telemetry::install().unwrap();
    let config =
        ProptestConfig { cases: B::CASES, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&prop::collection::vec(action(), 1..16), |acts| {
        let play = play::<B>(acts, &telemetry);
        tokio::task::block_in_place(|| Handle::current().block_on(play));
        Ok(())
    });
    outcome.unwrap_or_else(|failed| panic!("{failed}"));
}
