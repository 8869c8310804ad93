//! Many people write and answer while something happens to Redis; at the end all must be there, once and in order.

use std::{collections::BTreeMap, time::Duration};

use crate::harness::{Account, Load, Program};

/// What is drawn is the same in each run.
const SEED: u64 = 20_261_125;

/// So many sends are under way at most.
const AT_ONCE: u64 = 8;

/// The real program under load.
pub(super) struct Rush {
    pub(super) program: Program,
    load: Load,
}

impl Rush {
    /// Starts the program with its store there; everybody has written before this returns.
    pub(super) async fn on(redis: &str) -> Self {
        Self::with(&[("REDIS_URL", redis)]).await
    }

    /// The same, with settings of its own.
    pub(super) async fn with(settings: &[(&str, &str)]) -> Self {
        let mut program = Program::new(settings).await;
        program.set("SEND_CONCURRENCY", &AT_ONCE.to_string());
        program.start().await;
        let load = Load::new(&program.telegram, 12, SEED);
        let mut rush = Self { program, load };
        rush.everybody_writes();
        rush.goes_on(500).await;
        rush
    }

    /// It goes on for so many milliseconds.
    pub(super) async fn goes_on(&mut self, milliseconds: u64) {
        let Self { program, load } = self;
        let lasts = Duration::from_millis(milliseconds);
        load.goes_on(&program.group, &program.operator, lasts).await;
    }

    /// It goes on until something is so.
    pub(super) async fn until(&mut self, what: &str, so: impl Fn() -> bool) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(40);
        while !so() {
            assert!(tokio::time::Instant::now() < deadline, "never happened: {what}");
            self.goes_on(50).await;
        }
    }

    /// Who writes.
    pub(super) fn load(&self) -> &Load {
        &self.load
    }

    /// Everybody writes one text.
    pub(super) fn everybody_writes(&mut self) {
        self.load.round();
    }

    /// Waits until nothing happens any more.
    pub(super) async fn rests(&self) {
        self.program.rests().await;
    }

    /// What was seen so far.
    pub(super) fn account(&self) -> Account {
        self.load.account(&self.program.telegram, &self.program.group)
    }

    /// Waits until each message has arrived, and gives the account: none is lost or out of order, the program is well.
    pub(super) async fn ends(&mut self) -> Account {
        self.goes_on(300).await;
        let account = self.program.settled(&self.load).await;
        assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
        assert!(account.written > 300, "too little happened: {account:?}");
        self.program.until("it is ready", async |program| program.ready().await.0 == 200).await;
        account
    }

    /// The same, and nothing was sent twice.
    pub(super) async fn ends_with_each_once(&mut self) {
        let account = self.ends().await;
        assert_eq!((account.repeats, account.repeated_calls), (0, 0), "{account:?}");
        assert_eq!(account.spare_topics, 0, "{account:?}");
    }

    /// The same after a restart, when what is stored is read. A master answers before its replica has what it answered,
    /// so what was under way when it went may be there as if it had not been sent, and no more than that.
    pub(super) async fn restarts_with_few_repeats(&mut self) {
        self.program.terminate().await;
        self.program.start().await;
        let account = self.ends().await;
        assert!(account.repeated_runs <= AT_ONCE, "{account:?}");
        assert_eq!(account.spare_topics, 0, "{account:?}");
    }

    /// How often the log has each warning and error, by its sentence and what was asked of the store.
    pub(super) fn warnings(&self) -> BTreeMap<String, usize> {
        let mut warnings = BTreeMap::new();
        for line in self.program.log().lines() {
            let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { continue };
            let word = |name: &str| line[name].as_str().unwrap_or_default();
            let of_telegram = word("target") == "support_bot::app::fitness";
            if matches!(word("level"), "WARN" | "ERROR") && !of_telegram {
                let said = format!("{} {}", word("message"), word("operation"));
                *warnings.entry(said.trim().to_owned()).or_default() += 1;
            }
        }
        warnings
    }

    /// The outage was said, and each thing said of it once.
    pub(super) fn was_said_once(&self) {
        let warnings = self.warnings();
        assert!(!warnings.is_empty());
        assert!(warnings.values().all(|times| *times == 1), "{warnings:#?}");
    }
}
