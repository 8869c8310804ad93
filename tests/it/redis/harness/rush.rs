//! Many people write and answer while something happens to Redis; at the end every message is there, once and in order.

use std::{collections::BTreeMap, time::Duration};

use crate::harness::{Account, Load, Program};

/// A fixed seed: every run is the same.
const SEED: u64 = 20_261_125;

/// Maximum number of concurrent sends.
const AT_ONCE: u64 = 8;

/// The real program under load.
pub(crate) struct Rush {
    pub(crate) program: Program,
    load: Load,
}

impl Rush {
    /// Starts the program on this store and lets everybody write.
    pub(crate) async fn on(redis: &str) -> Self {
        Self::with(&[("REDIS_URL", redis)]).await
    }

    /// Starts the program with these settings and lets everybody write.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let mut program = Program::new(settings).await;
        program.set("SEND_CONCURRENCY", &AT_ONCE.to_string());
        program.start().await;
        let load = Load::new(&program.telegram, 12, SEED);
        let mut rush = Self { program, load };
        rush.all_users_write();
        rush.writes_for(500).await;
        rush
    }

    /// Lets people write for this many milliseconds.
    pub(crate) async fn writes_for(&mut self, milliseconds: u64) {
        let Self { program, load } = self;
        let lasts = Duration::from_millis(milliseconds);
        load.writes_for(&program.group, &program.operator, lasts).await;
    }

    /// Lets people write until a condition holds; `what` describes it.
    pub(crate) async fn until(&mut self, what: &str, so: impl Fn() -> bool) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(40);
        while !so() {
            assert!(tokio::time::Instant::now() < deadline, "never happened: {what}");
            self.writes_for(50).await;
        }
    }

    /// The people who write, and what they have written.
    pub(crate) fn load(&self) -> &Load {
        &self.load
    }

    /// Lets everybody write one text.
    pub(crate) fn all_users_write(&mut self) {
        self.load.round();
    }

    /// Waits until the program is idle.
    pub(crate) async fn wait_until_idle(&self) {
        self.program.wait_until_idle().await;
    }

    /// The account so far.
    pub(crate) fn account(&self) -> Account {
        self.load.account(&self.program.telegram, &self.program.group)
    }

    /// Waits until each message has arrived, and returns the account. Nothing is lost or out of order, and the program
    /// is ready.
    pub(crate) async fn finish(&mut self) -> Account {
        self.writes_for(300).await;
        let account = self.program.settled(&self.load).await;
        assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
        assert!(account.written > 300, "too little happened: {account:?}");
        self.program
            .until("the program is ready", async |program| program.ready().await.0 == 200)
            .await;
        account
    }

    /// Finishes as `finish` does, with no message sent twice.
    pub(crate) async fn finish_with_each_once(&mut self) {
        let account = self.finish().await;
        assert_eq!((account.repeats, account.repeated_calls), (0, 0), "{account:?}");
        assert_eq!(account.spare_topics, 0, "{account:?}");
    }

    /// Finishes as `finish` does, after a restart that reads the store. A master answers before its replica has the write, so
    /// after a failover the sends under way may be queued again, and only those.
    pub(crate) async fn restart_with_few_repeats(&mut self) {
        self.program.terminate().await;
        self.program.start().await;
        let account = self.finish().await;
        assert!(account.repeated_batches <= AT_ONCE, "{account:?}");
        assert_eq!(account.spare_topics, 0, "{account:?}");
    }

    /// How often the log contains each warning and error, by its sentence and the store's operation.
    pub(crate) fn warnings(&self) -> BTreeMap<String, usize> {
        let mut warnings = BTreeMap::new();
        for line in self.program.log().lines() {
            let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { continue };
            let word = |name: &str| line[name].as_str().unwrap_or_default();
            let of_telegram = word("target") == "support_bot::app::startup_checks";
            if matches!(word("level"), "WARN" | "ERROR") && !of_telegram {
                let warning = format!("{} {}", word("message"), word("operation"));
                *warnings.entry(warning.trim().to_owned()).or_default() += 1;
            }
        }
        warnings
    }

    /// The outage is in the log, and each sentence about it only once.
    pub(crate) fn was_reported_once(&self) {
        let warnings = self.warnings();
        assert!(!warnings.is_empty());
        assert!(warnings.values().all(|times| *times == 1), "{warnings:#?}");
    }
}
