//! A desk under load on one of its stores. Every fault is noted in its history.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use history_checker::{Event, FaultKind, Verdict, check, write};
use telegram_simulator::{Fault, FaultHandle, Limits, Matcher, Times, What};

use super::recorder::Recorder;
use crate::{
    harness::{Load, Program, spec, write_welcome},
    redis::{CALLS_AT_ONCE, Replicas, Server, Watched, until_replica_has_all},
};

/// A welcome that only numbers requests.
const SCENE: &str = r#"
time_zone = "Europe/Moscow"
open_topic = true

[[step]]
text = { en = "No. {number}", ru = "No. {number}" }
"#;

/// Calls whose answers are sometimes lost.
const CALLS: [&str; 6] = [
    "copyMessage",
    "copyMessages",
    "sendMessage",
    "sendMediaGroup",
    "createForumTopic",
    "forwardMessage",
];

/// The store of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    File,
    Redis,
    /// A Redis with a replica, and three Sentinels.
    WithSentinels,
}

/// The servers of the store.
enum Servers {
    None,
    Redis(Server),
    Watched(Box<Watched>),
}

/// The setting of a history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) store: Store,
    pub(super) processes: usize,
    pub(super) pushed: bool,
    /// The possible faults; the seed selects from them.
    pub(super) faults: &'static [FaultKind],
    /// Whether half of the freezes last longer than a lease.
    pub(super) is_long: bool,
}

/// The desk, its servers, its users and its history.
pub(super) struct Stage {
    scenario: Scenario,
    seed: u64,
    desk: Replicas,
    servers: Servers,
    recorder: Recorder,
    crowd: Crowd,
    random: fastrand::Rng,
    lost_answers: Vec<FaultHandle>,
    /// For each process, the kill that it has not recovered from.
    killed: Vec<Option<u64>>,
    faults: u64,
}

/// The people who write.
struct Crowd {
    load: Load,
    random: fastrand::Rng,
    newcomers: i64,
}

impl Crowd {
    /// Lets people write for a while.
    async fn run(&mut self, at: &Program, duration: Duration) {
        let until = Instant::now() + duration;
        while Instant::now() < until {
            self.load.step(&at.group, &at.operator);
            if self.random.u8(..20) == 0 {
                self.newcomers += 1;
                let name = format!("Newcomer{:04}", self.newcomers);
                let _message =
                    at.telegram.user(spec(900_000 + self.newcomers, &name, "en")).starts();
            }
            tokio::time::sleep(Duration::from_millis(self.random.u64(2..12))).await;
        }
    }
}

impl Stage {
    /// Starts the desk, and lets people write.
    pub(super) async fn open(scenario: Scenario, seed: u64) -> Self {
        let servers = match scenario.store {
            Store::File => Servers::None,
            Store::Redis => Servers::Redis(Server::start()),
            Store::WithSentinels => Servers::Watched(Box::new(Watched::start_with(&[]).await)),
        };
        let url = match &servers {
            Servers::None => None,
            Servers::Redis(server) => Some(server.url()),
            Servers::Watched(watched) => Some(watched.url()),
        };
        let settings: Vec<_> = url.iter().map(|url| ("REDIS_URL", &**url)).collect();
        let Scenario { processes, pushed, .. } = scenario;
        let mut desk = Replicas::over(processes, pushed, Limits::off(), &settings).await;
        for one in &mut desk.all {
            let folder = one.data().with_extension("scene");
            one.set("WELCOME_FILE", &write_welcome(&folder, SCENE));
        }
        let first = &desk.all[0];
        let recorder = Recorder::start(
            &first.telegram,
            first.group.id(),
            &Event::Begins {
                name: scenario.name.to_owned(),
                seed,
                processes: processes as u64,
                calls_at_once: CALLS_AT_ONCE,
            },
        );
        let lose = |what, seed| {
            let (on, times) = (Matcher::methods(CALLS), Times::Share(0.01, seed));
            first.telegram.inject(Fault { on, what, times })
        };
        let lost_answers = vec![lose(What::CutAfter, seed), lose(What::CutBefore, seed ^ 1)];
        let load = Load::new(&first.telegram, 12, seed);
        let crowd = Crowd { load, random: fastrand::Rng::with_seed(seed), newcomers: 0 };
        let random = fastrand::Rng::with_seed(seed ^ 2);
        let killed = vec![None; processes];
        let (lost_answers, faults) = (lost_answers, 0);
        let mut stage = Self {
            scenario,
            seed,
            desk,
            servers,
            recorder,
            crowd,
            random,
            lost_answers,
            killed,
            faults,
        };
        for process in 0..processes {
            stage.start_process(process).await;
        }
        stage.until_recovered().await;
        stage
    }

    /// Causes one fault after another for this long.
    pub(super) async fn run(&mut self, duration: Duration) {
        let until = Instant::now() + duration;
        while Instant::now() < until {
            let duration = Duration::from_millis(self.random.u64(100..900));
            self.write_for(duration).await;
            if let Some(kind) = self.random.choice(self.scenario.faults).copied() {
                self.cause(kind).await;
            }
        }
    }

    /// Causes one fault and waits until it is over.
    pub(super) async fn cause(&mut self, kind: FaultKind) {
        let process = self.random.usize(..self.scenario.processes);
        match kind {
            FaultKind::Kill => self.kill_process(process).await,
            FaultKind::Stop => self.stop_process(process).await,
            FaultKind::Freeze => self.freeze_process(process).await,
            FaultKind::Cut => {
                let fault = self.fault_begins(kind, None);
                self.desk.all[0].telegram.drop_connections();
                // Requests that the program has already read may be carried out without an answer.
                self.write_for(Duration::from_millis(200)).await;
                self.recorder.note(&Event::FaultEnds { fault });
            }
            FaultKind::StoreFrozen => self.freeze_store().await,
            FaultKind::StoreEmptied => self.empty_store().await,
            FaultKind::Failover => self.kill_master().await,
        }
    }

    /// Waits until the desk is idle, and checks the history. Saves the history if it has violations, or if `save` is
    /// set.
    pub(super) async fn finish(mut self, save: bool) -> Verdict {
        for process in 0..self.scenario.processes {
            if self.killed[process].is_some() {
                self.start_process(process).await;
            }
        }
        for fault in &self.lost_answers {
            fault.remove();
        }
        self.until_recovered().await;
        self.write_for(Duration::from_millis(500)).await;
        // All partitions are assigned, so a message that does not arrive within this time is lost.
        let losing = [FaultKind::StoreEmptied, FaultKind::Failover];
        let may_lose = self.scenario.faults.iter().any(|kind| losing.contains(kind));
        let timeout = Duration::from_secs(if may_lose { 4 } else { 20 });
        let (mut missing, mut since) = (self.recorder.missing(), Instant::now());
        while missing > 0 && since.elapsed() < timeout {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = self.recorder.missing();
            if now != missing {
                (missing, since) = (now, Instant::now());
            }
        }
        self.desk.all[0].wait_until_idle().await;
        let history = self.recorder.finish();
        let verdict = check(&history);
        if save || !verdict.is_clean() {
            let seed = if verdict.is_clean() { String::new() } else { format!("-{}", self.seed) };
            let file = folder().join(format!("{}{seed}.jsonl", self.scenario.name));
            write(&history, &mut fs::File::create(&file).map(std::io::BufWriter::new).unwrap())
                .unwrap();
            println!("saved: {}", file.display());
            if !verdict.is_clean() {
                for (number, one) in self.desk.all.iter().enumerate() {
                    let _there = fs::write(file.with_extension(format!("{number}.log")), one.log());
                }
            }
        }
        println!("{} (seed {}): {verdict}", self.scenario.name, self.seed);
        verdict
    }

    async fn write_for(&mut self, duration: Duration) {
        self.crowd.run(&self.desk.all[0], duration).await;
    }

    fn fault_begins(&mut self, kind: FaultKind, process: Option<usize>) -> u64 {
        self.faults += 1;
        let (fault, process) = (self.faults, process.map(|process| process as u64));
        self.recorder.note(&Event::FaultBegins { fault, kind, process });
        fault
    }

    /// Starts a process and waits until it is ready. People write meanwhile.
    async fn start_process(&mut self, process: usize) {
        let Self { desk, crowd, .. } = self;
        desk.all[process].spawn();
        loop {
            crowd.run(&desk.all[0], Duration::from_millis(50)).await;
            if desk.all[process].ready().await.0 == 200 {
                break;
            }
        }
        if let Some(fault) = self.killed[process].take() {
            self.recorder.note(&Event::FaultEnds { fault });
        }
    }

    /// Kills a process once or several times, often before it is ready, and starts it again.
    async fn kill_process(&mut self, process: usize) {
        loop {
            let fault = self.fault_begins(FaultKind::Kill, Some(process));
            self.desk.all[process].kill();
            if let Some(before) = self.killed[process].replace(fault) {
                self.recorder.note(&Event::FaultEnds { fault: before });
            }
            let down = Duration::from_millis(self.random.u64(0..600));
            self.write_for(down).await;
            if self.random.bool() {
                break;
            }
            self.desk.all[process].spawn();
            let duration = Duration::from_millis(self.random.u64(20..500));
            self.write_for(duration).await;
        }
        self.start_process(process).await;
    }

    async fn stop_process(&mut self, process: usize) {
        let fault = self.fault_begins(FaultKind::Stop, Some(process));
        let status = self.desk.all[process].terminate().await;
        assert_eq!(status.code(), Some(0), "{}", self.desk.all[process].log());
        self.start_process(process).await;
        self.recorder.note(&Event::FaultEnds { fault });
    }

    /// Freezes a process. Telegram pushes to the others meanwhile. The frozen process handles the requests it has
    /// received when it resumes.
    async fn freeze_process(&mut self, process: usize) {
        let long = self.scenario.is_long && self.random.bool();
        let duration = self.random.u64(if long { 9_000..12_000 } else { 200..2_000 });
        let port = self.desk.balancer.as_ref().filter(|_| self.scenario.processes > 1);
        let port = port.map(|balancer| balancer.backends.lock().unwrap().remove(process));
        let fault = self.fault_begins(FaultKind::Freeze, Some(process));
        self.desk.all[process].signal("STOP");
        self.write_for(Duration::from_millis(duration)).await;
        self.desk.all[process].signal("CONT");
        if let Some((port, balancer)) = port.zip(self.desk.balancer.as_ref()) {
            balancer.backends.lock().unwrap().insert(process, port);
        }
        self.write_for(Duration::from_secs(1)).await;
        self.until_recovered().await;
        self.recorder.note(&Event::FaultEnds { fault });
    }

    async fn freeze_store(&mut self) {
        let fault = self.fault_begins(FaultKind::StoreFrozen, None);
        let duration = Duration::from_millis(self.random.u64(200..2_500));
        self.server().signal("STOP");
        self.write_for(duration).await;
        self.server().signal("CONT");
        self.until_recovered().await;
        self.recorder.note(&Event::FaultEnds { fault });
    }

    async fn empty_store(&mut self) {
        let fault = self.fault_begins(FaultKind::StoreEmptied, None);
        assert_eq!(self.server().ask(&["FLUSHALL"]).trim(), "OK");
        self.recorder.note(&Event::FaultStruck { fault });
        // A process notices the loss when it renews its leases, every second.
        self.write_for(Duration::from_secs(3)).await;
        self.until_recovered().await;
        self.recorder.note(&Event::FaultEnds { fault });
    }

    async fn kill_master(&mut self) {
        let Servers::Watched(watched) = &mut self.servers else {
            panic!("this store has no failover")
        };
        let who = ["SENTINEL", "get-master-addr-by-name", "mymaster"];
        let new = watched.replica.port().to_string();
        if watched.sentinels[1].ask(&who).contains(&new) {
            return; // It happens only once: no other server can take over.
        }
        until_replica_has_all(&watched.master, &watched.replica).await;
        self.faults += 1;
        let (fault, kind, process) = (self.faults, FaultKind::Failover, None);
        self.recorder.note(&Event::FaultBegins { fault, kind, process });
        watched.master.kill();
        self.recorder.note(&Event::FaultStruck { fault });
        let begun = Instant::now();
        while !watched.sentinels[1].ask(&who).contains(&new) {
            assert!(begun.elapsed() < Duration::from_secs(40), "no other master was elected");
            self.crowd.run(&self.desk.all[0], Duration::from_millis(100)).await;
        }
        self.write_for(Duration::from_secs(2)).await;
        self.until_recovered().await;
        self.recorder.note(&Event::FaultEnds { fault });
    }

    fn server(&self) -> &Server {
        match &self.servers {
            Servers::Redis(server) => server,
            Servers::Watched(watched) => &watched.replica,
            Servers::None => panic!("this store has no server"),
        }
    }

    /// Waits until all running processes are ready and have their partitions. People write meanwhile.
    async fn until_recovered(&mut self) {
        let begun = Instant::now();
        loop {
            self.write_for(Duration::from_millis(50)).await;
            let mut ready = true;
            for one in self.desk.all.iter().filter(|one| one.is_running()) {
                ready &= one.ready().await.0 == 200;
            }
            if ready {
                break;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(40),
                "some processes did not become ready"
            );
        }
        if self.scenario.store != Store::File {
            self.desk.share().await;
        }
    }
}

/// The folder for saved histories.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("histories");
    fs::create_dir_all(&folder).unwrap();
    folder
}
