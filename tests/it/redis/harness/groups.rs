//! Groups of servers: a master with its Sentinels, and a cluster.

use std::{process::Command, time::Duration};

use super::server::Server;

/// A replica that syncs at once and follows the current master.
const AT_ONCE: [&str; 2] = ["--repl-diskless-sync-delay", "0"];

/// Waits until a server's answer contains a word.
pub(crate) async fn until_answer_contains(server: &Server, asked: &[&str], word: &str) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(40);
    loop {
        let answer = server.ask(asked);
        if answer.contains(word) {
            return;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "the answer never contained {word}: {answer}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until a replica has all of its master's writes. Only then does the death of the master lose no more than the
/// writes under way: a new replica may lag by more.
pub(crate) async fn until_replica_has_all(master: &Server, replica: &Server) {
    let offset = |server: &Server, name: &str| {
        let info = server.ask(&["INFO", "replication"]);
        let offset = info.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        offset.unwrap_or(0_u64)
    };
    let written = offset(master, "master_repl_offset:");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while written == 0 || offset(replica, "slave_repl_offset:") < written {
        assert!(tokio::time::Instant::now() < deadline, "the replica does not catch up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A master, its replica, and three Sentinels with a quorum of two.
pub(crate) struct Watched {
    pub(crate) master: Server,
    pub(crate) replica: Server,
    pub(crate) sentinels: Vec<Server>,
}

impl Watched {
    /// Starts the servers with these settings, and waits until all know each other.
    pub(crate) async fn start_with(settings: &[&str]) -> Self {
        let master = Server::start_with(&[&AT_ONCE, settings].concat());
        let port = master.port().to_string();
        let until_replica_has_all = ["--replicaof", "127.0.0.1", &port];
        let replica = Server::start_with(&[&AT_ONCE, settings, &until_replica_has_all].concat());
        until_answer_contains(&master, &["INFO", "replication"], "state=online").await;
        let sentinels: Vec<Server> = (0..3).map(|_| Server::sentinel(&master, 2)).collect();
        for sentinel in &sentinels {
            until_answer_contains(sentinel, &["INFO", "sentinel"], "slaves=1,sentinels=3").await;
        }
        Self { master, replica, sentinels }
    }

    /// URL of the Sentinels.
    pub(crate) fn url(&self) -> String {
        let [first, second, third] = &*self.sentinels else {
            panic!("there are only three masters")
        };
        format!(
            "redis-sentinel://127.0.0.1:{}?node=127.0.0.1:{}&node=127.0.0.1:{}&sentinelServiceName=mymaster",
            first.port(),
            second.port(),
            third.port()
        )
    }
}

/// Three masters with one replica each.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Server>,
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        let settings = ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"];
        let timeout = ["--cluster-node-timeout", "1500", "--cluster-replica-validity-factor", "0"];
        let settings: Vec<&str> = [&AT_ONCE[..], &settings, &timeout].concat();
        let nodes: Vec<Server> = (0..6).map(|_| Server::start_with(&settings)).collect();
        let places = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port()));
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]).args(places);
        create.args(["--cluster-replicas", "1", "--cluster-yes"]);
        let made = tokio::task::spawn_blocking(move || create.output().unwrap()).await.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
        for node in &nodes {
            until_answer_contains(node, &["CLUSTER", "INFO"], "cluster_state:ok").await;
            until_answer_contains(node, &["CLUSTER", "INFO"], "cluster_known_nodes:6").await;
        }
        let cluster = Self { nodes };
        for master in 0..3 {
            until_answer_contains(&cluster.nodes[master], &["INFO", "replication"], "state=online")
                .await;
        }
        cluster
    }

    /// URL of the cluster.
    pub(crate) fn url(&self) -> String {
        let place = |node: &Server| format!("node=127.0.0.1:{}", node.port());
        let others: Vec<String> = self.nodes[1..].iter().map(place).collect();
        format!("redis-cluster://127.0.0.1:{}?{}", self.nodes[0].port(), others.join("&"))
    }

    /// The slot of a partition's keys.
    pub(crate) fn slot(&self, partition: u8) -> u16 {
        let key = format!("support-bot:{{{partition}}}:meta");
        self.nodes[0].ask(&["CLUSTER", "KEYSLOT", &key]).trim().parse().unwrap()
    }

    /// Index of the master that holds a slot at the start.
    pub(crate) fn holder(slot: u16) -> usize {
        // The masters hold equal ranges of slots in order, as `redis-cli --cluster create` assigns them.
        usize::from(slot / 5461).min(2)
    }

    /// The id of a node.
    pub(crate) fn id(&self, node: usize) -> String {
        self.nodes[node].ask(&["CLUSTER", "MYID"]).trim().to_owned()
    }
}
