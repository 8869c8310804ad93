//! Every metric of the catalogue moves: the real binary goes through good and bad times, and a metric that nothing
//! updates fails the test.

use std::{
    collections::BTreeSet,
    net::TcpListener,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use support_bot::telemetry::Catalogue;
use telegram_simulator::{Fault, Matcher, Person, Times, What};

use crate::harness::{
    Author, Desk, OWNER, Tracker, TrackerFault,
    program::{Running, get, unlimited},
};

/// Metrics that this test cannot move, with the reason.
const NOT_DRIVEN: [(&str, &str); 12] = [
    ("supportbot_flood_held_lanes", "nobody floods here: tests/it/stories/user/flood.rs"),
    ("supportbot_flood_held_sends", "the same"),
    ("supportbot_group_budget_slots", "0 without limits: tests/it/group_budget.rs"),
    ("supportbot_group_budget_limit_slots", "the same"),
    (
        "supportbot_group_budget_used_hour_ratio",
        "it is measured once a minute: src/engine/upkeep/limit_use.rs tests the measuring",
    ),
    ("supportbot_late_messages", "nothing waits for 5 seconds here: tests/it/delivery_time.rs"),
    ("supportbot_late_messages_dropped_total", "the same"),
    (
        "supportbot_memory_limit_bytes",
        "0 without a limit; src/app/ops/host_metrics.rs tests the reading",
    ),
    (
        "supportbot_messages_lost_total",
        "only a store in Redis can lose messages: tests/it/redis/persistence/losses.rs",
    ),
    ("supportbot_panics_total", "a panic cannot be caused from outside: tests/process/panics.rs"),
    ("supportbot_telegram_clock_skew_seconds", "the clocks agree here: tests/it/delivery_time.rs"),
    ("supportbot_tokio_global_queue_depth", "0 whenever a worker thread is free"),
];

const WATCHDOG_TOKEN: &str = "a-token-that-nobody-guesses";

/// The real binary, the metrics that have moved so far, and its simulated Telegram.
struct Watched {
    desk: Desk,
    running: Running,
    address: String,
    moved: BTreeSet<String>,
    tracker: Tracker,
}

impl Watched {
    async fn start() -> Self {
        let mut desk = Desk::closed_with(unlimited(), &[("POLL_TIMEOUT_SECONDS", "1")]).await;
        // Start alone opens no topic, so that the test knows every topic.
        let scene = include_str!("../../../welcome/example.toml");
        desk.use_welcome(&scene.replace("open_topic = true", ""));
        // The owner has not written to the bot, which causes a warning.
        desk.set("BOT_DEV_ID", "4000000077");
        desk.set("BOT_ADMIN_IDS", &OWNER.to_string());
        desk.set("SEND_CONCURRENCY", "8");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        desk.set("OPS_PORT", &port.to_string());
        desk.set("WATCHDOG_TOKEN", WATCHDOG_TOKEN);
        let tracker = Tracker::start().await;
        for (name, value) in tracker.settings() {
            desk.set(name, &value);
        }
        let running = desk.spawn();
        let address = format!("http://127.0.0.1:{port}");
        let mut watched = Self { desk, running, address, moved: BTreeSet::new(), tracker };
        watched.until_ready().await;
        watched
    }

    /// Kills the program and starts it again; the new process counts what is in the store.
    async fn kill_and_start(&mut self) {
        self.running.signal("KILL");
        while self.running.ended().is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // The update that waits meanwhile arrives twice with the same id.
        let update = self.desk.telegram.push_update(serde_json::json!({ "poll": {} }));
        let again = serde_json::json!({ "update_id": update, "poll": {} });
        self.desk.telegram.push_update(again);
        self.running = self.desk.spawn();
        self.until_ready().await;
    }

    async fn until_ready(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while get(&format!("{}/readyz", self.address)).await.0 != 200 {
            assert!(Instant::now() < deadline, "{}", self.running.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Reads the page; every metric that is not 0 has moved.
    async fn read_metrics(&mut self) -> String {
        let (status, page) = get(&format!("{}/metrics", self.address)).await;
        assert_eq!(status, 200);
        for line in page.lines().filter(|line| !line.starts_with('#')) {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            if value.parse::<f64>().unwrap().abs() > 0.0 {
                let name = series.split('{').next().unwrap();
                self.moved.insert(name.strip_suffix("_count").unwrap_or(name).to_owned());
            }
        }
        page
    }

    /// Waits until a series is greater than 0.
    async fn until_moved(&mut self, series: &str) -> f64 {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let page = self.read_metrics().await;
            let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
            let value: f64 = line.unwrap_or_else(|| panic!("no series {series}")).parse().unwrap();
            if value > 0.0 {
                return value;
            }
            assert!(Instant::now() < deadline, "{series} does not move:\n{}", self.running.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Posts Alertmanager's watchdog, as healthy monitoring does.
    async fn receive_a_watchdog_post(&mut self) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let post = client.post(format!("{}/watchdog", self.address)).bearer_auth(WATCHDOG_TOKEN);
        assert_eq!(post.send().await.unwrap().status().as_u16(), 200);
        self.until_moved("supportbot_watchdog_last_received_timestamp_seconds").await;
    }

    /// Lets a person press Start while the tracker fails, until its queue shows in the metrics.
    async fn start_while_the_tracker_fails(&mut self, person: &Person) {
        self.tracker.fail_all(Some(TrackerFault::Responds(503, &[], "")));
        person.starts();
        self.until_moved("supportbot_tracker_waiting").await;
        self.until_moved("supportbot_tracker_oldest_enqueued_timestamp_seconds").await;
        self.tracker.fail_all(None);
    }

    fn fault(&self, method: &str, what: What) {
        self.desk.telegram.inject(Fault { on: Matcher::method(method), what, times: Times::N(1) });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_of_the_catalogue_moves() {
    let mut watched = Watched::start().await;
    watched.fault(
        "getUpdates",
        What::Error {
            code: 409,
            description: "Conflict: terminated by other getUpdates request".to_owned(),
        },
    );
    watched.until_moved("supportbot_poll_conflicts_total").await;

    // A conversation with a throttled call and a lost answer.
    let ada = watched.desk.user(1001, "Ada");
    watched.fault("copyMessage", What::Throttle { retry_after: 2 });
    ada.writes("hello");
    watched.until_moved("supportbot_queue_depth{queue=\"outbox\",state=\"ready\"}").await;
    watched
        .until_moved("supportbot_queue_oldest_enqueued_timestamp_seconds{queue=\"outbox\"}")
        .await;
    let delivered =
        "supportbot_deliveries_total{direction=\"user_to_operator\",outcome=\"delivered\"}";
    watched.until_moved(delivered).await;
    watched.until_moved("supportbot_telegram_flood_wait_seconds_total").await;
    watched.fault("copyMessage", What::CutAfter);
    let topic = watched.desk.topic();
    watched.desk.operator.writes_in(topic, "hello Ada");
    watched.until_moved("supportbot_telegram_possible_repeats_total").await;
    watched.until_moved("supportbot_first_response_seconds_count").await;
    let answered =
        "supportbot_deliveries_total{direction=\"operator_to_user\",outcome=\"delivered\"}";
    watched.until_moved(answered).await;

    // A deleted topic, a refused answer, and an update that cannot be decoded.
    watched.desk.operator.deletes_topic(topic);
    ada.writes("still there?");
    watched.until_moved("supportbot_topics_healed_total{reason=\"deleted\"}").await;
    let open = || watched.desk.group.topics().iter().any(|topic| !topic.deleted);
    let healed = || open() && watched.desk.relayed_texts(watched.desk.topic()) == ["still there?"];
    watched.desk.until("the new topic has the message", healed).await;
    let refusal = "Bad Request: VOICE_MESSAGES_FORBIDDEN";
    let _refused = watched.desk.refuses("copyMessage", refusal, Times::N(1));
    watched.desk.operator.writes_in(watched.desk.topic(), "listen");
    watched
        .until_moved("supportbot_dead_lettered_total{queue=\"outbox\",reason=\"refused\"}")
        .await;
    watched.desk.telegram.push_update(serde_json::json!({ "message": { "message_id": "one" } }));
    watched
        .until_moved("supportbot_dead_lettered_total{queue=\"inbox\",reason=\"undecodable\"}")
        .await;
    watched.until_moved("supportbot_log_events_total{level=\"error\"}").await;
    watched.receive_a_watchdog_post().await;

    // A backup, and another that cannot be written.
    let file = watched.desk.folder().join("file").display().to_string();
    assert!(watched.desk.run(&["backup", &file]).await.status.success());
    assert!(!watched.desk.run(&["backup", "/proc/backup"]).await.status.success());
    watched.until_moved("supportbot_backup_failing").await;
    watched.until_moved("supportbot_backups_total{outcome=\"failed\"}").await;

    // The store is locked for a while, and the program is killed while a user waits for an answer.
    let file = watched.desk.folder().join("desk.sqlite3");
    let foreign = Connection::open(file).unwrap();
    foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
    ada.writes("hello?");
    watched.until_moved("supportbot_store_errors_total{kind=\"busy\"}").await;
    foreign.execute_batch("ROLLBACK").unwrap();
    drop(foreign);
    watched.desk.until_updates_are_stored().await;
    watched.kill_and_start().await;
    watched.until_moved("supportbot_previous_shutdown_unclean").await;
    let not_told = "supportbot_owner_notices_total{kind=\"crash\",outcome=\"failed\"}";
    watched.until_moved(not_told).await;
    watched.until_moved("supportbot_updates_duplicate_total").await;
    watched.until_moved("supportbot_dead_letters{queue=\"inbox\"}").await;
    watched.until_moved("supportbot_dead_letters{queue=\"outbox\"}").await;
    watched.until_moved("supportbot_oldest_unanswered_timestamp_seconds").await;
    watched.until_moved("supportbot_conversations{state=\"waiting_operator\"}").await;
    watched.until_moved("supportbot_task_heartbeat_timestamp_seconds{task=\"poll\"}").await;
    watched.until_moved("supportbot_telegram_api_in_flight").await;
    by_webhook(&mut watched).await;

    // A welcome, answered by the user and ended by an operator; TGTrack fails at first.
    let bob = watched.desk.user(1002, "Bob");
    watched.start_while_the_tracker_fails(&bob).await;
    watched.until_moved("supportbot_tracker_reports_total{outcome=\"taken\"}").await;
    let asked = || bob.sees().into_iter().find(|seen| seen.all_buttons().next().is_some());
    watched.desk.until("the welcome asks", || asked().is_some()).await;
    let question = asked().unwrap();
    let first = question.all_buttons().next().unwrap().data.clone().unwrap();
    bob.presses(question.id, &first).unwrap();
    watched
        .until_moved("supportbot_welcome_answers_total{question=\"heard\",answer=\"online\"}")
        .await;
    bob.writes("hello");
    // The topic is stored as Bob's once his message is in it.
    let arrived = || {
        let topics = watched.desk.group.topics();
        let his = topics.iter().find(|topic| !topic.deleted && topic.name == "Bob");
        his.is_some_and(|topic| watched.desk.relayed_texts(topic.id).contains(&"hello".to_owned()))
    };
    watched.desk.until("Bob's message is in his topic", arrived).await;
    watched.desk.operator.writes_in(watched.desk.topic_of("Bob"), "hello Bob");
    watched.until_moved("supportbot_welcome_runs_ended_total{outcome=\"answered\"}").await;

    by_newsletter(&mut watched).await;

    let moved = |name: &String| watched.moved.contains(name);
    let excused = |name: &String| NOT_DRIVEN.iter().any(|(excused, _why)| excused == name);
    let all = Catalogue::new().metrics.into_iter().map(|metric| metric.name.to_owned());
    let still = all.filter(|name| !is_of_redis(name) && !moved(name) && !excused(name));
    assert_eq!(still.collect::<Vec<_>>(), Vec::<String>::new(), "no test moves these metrics");
}

/// Sends a newsletter to more people than are queued at once; it has to wait.
async fn by_newsletter(watched: &mut Watched) {
    let people: Vec<_> = (0..40).map(|n| watched.desk.user(3001 + n, "Somebody")).collect();
    for person in &people {
        person.starts();
    }
    watched
        .desk
        .until("all users are stored", || watched.desk.telegram.pending_updates() == 0)
        .await;
    watched.fault("copyMessage", What::Throttle { retry_after: 3 });
    let telegram = &watched.desk.telegram;
    let author = Author::owner(telegram);
    author.drafts("Sale").await;
    author.until("Recipients: 4").await;
    author.presses("Start…").await;
    author.presses("Yes, start").await;
    for metric in ["running", "pending", "queued", "recipients_total{outcome=\"sent\"}"] {
        watched.until_moved(&format!("supportbot_newsletter_{metric}")).await;
    }
}

/// Whether a metric needs Redis to move; tests/it/redis/figures.rs tests these.
pub(crate) fn is_of_redis(name: &str) -> bool {
    let beginnings = [
        "supportbot_redis_",
        "supportbot_replicas",
        "supportbot_partitions",
        "supportbot_clock_skew_",
    ];
    beginnings.iter().any(|beginning| name.starts_with(beginning))
}

/// Restarts the desk with a webhook; Telegram pushes to it, and strangers keep connections open.
async fn by_webhook(watched: &mut Watched) {
    let url = watched.desk.set_webhook();
    watched.kill_and_start().await;
    watched.until_moved("supportbot_task_heartbeat_timestamp_seconds{task=\"webhook\"}").await;
    watched.until_moved("supportbot_webhook_ours").await;
    watched.desk.user(1001, "Ada").writes("by webhook");
    watched.until_moved("supportbot_webhook_requests_total{outcome=\"stored\"}").await;
    watched.until_moved("supportbot_webhook_request_duration_seconds_count").await;
    let address = url.split('/').nth(2).unwrap();
    let mut strangers = Vec::new();
    for _ in 0..600 {
        strangers.push(tokio::net::TcpStream::connect(address).await.unwrap());
    }
    watched.until_moved("supportbot_webhook_connections_dismissed_total").await;
    drop(strangers);
    // Another program takes the webhook, and Telegram cannot reach the desk meanwhile.
    let telegram = &watched.desk.telegram;
    let theft =
        format!("{}/bot{}/setWebhook?url=http://127.0.0.1:1/", telegram.url(), telegram.token());
    assert_eq!(get(&theft).await.0, 200);
    telegram.fail_to_synchronize();
    watched.desk.user(1001, "Ada").writes("into the void");
    watched.until_moved("supportbot_webhook_pending_updates").await;
    watched.until_moved("supportbot_webhook_last_error_timestamp_seconds").await;
    let unsynchronized = "supportbot_webhook_last_synchronization_error_timestamp_seconds";
    watched.until_moved(unsynchronized).await;
    watched.until_moved("supportbot_webhook_put_right_total").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_queue_item_leaves_its_queue_once() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    desk.operator.writes_in(desk.topic(), "hello Ada");
    desk.settle().await;
    for queue in ["inbox", "outbox"] {
        let added = desk.metric(&format!("supportbot_queue_enqueued_total{{queue=\"{queue}\"}}"));
        let done = format!("supportbot_queue_processed_total{{queue=\"{queue}\",outcome=\"ok\"}}");
        desk.until("all queued items are done", || (desk.metric(&done) - added).abs() < 0.1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_rights_in_the_group_make_the_desk_unready_and_are_logged_once() {
    let mut desk = Desk::closed().await;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    desk.set("OPS_PORT", &port.to_string());
    let running = desk.spawn();
    let readyz = format!("http://127.0.0.1:{port}/readyz");
    while get(&readyz).await.0 != 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    desk.group.demote_bot();
    for id in 0..20 {
        desk.user(1001 + id, "Ada").writes("hello");
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    let log_line = loop {
        let (status, body) = get(&readyz).await;
        if status == 503 {
            break body;
        }
        assert!(Instant::now() < deadline, "{}", running.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(
        log_line.contains("support-bot doctor") && log_line.contains("\"group\""),
        "{log_line}"
    );
    assert_eq!(running.log().matches("ERROR").count(), 1, "{}", running.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_blocks_the_bot_is_no_error() {
    let desk = Desk::closed().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    let running = desk.spawn();
    desk.until("the topic is open", || !desk.group.topics().is_empty()).await;
    desk.until("the message is delivered", || !desk.relayed_texts(desk.topic()).is_empty()).await;
    let refusal = "Forbidden: bot was blocked by the user";
    let _refused = desk.refuses("copyMessage", refusal, Times::N(1));
    desk.operator.writes_in(desk.topic(), "hello Ada");
    desk.until("the block is logged", || running.log().contains("blocked the bot")).await;
    let log = running.log();
    let (_start, since) = log.split_once("the desk is open").unwrap();
    assert!(since.contains("update.id=") && !since.contains("WARN"), "{since}");
    assert!(!since.contains("ERROR"), "{since}");
}
