//! Critical alerts also go a second way, of another kind than Telegram, and an Alertmanager that cannot deliver is
//! reported by the desk's own bot.
//!
//! Bot, Prometheus and Alertmanager are real, and Alertmanager is started by `alertmanager/start`; Telegram, the mail
//! server and the services outside are stand-ins on this machine.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use telegram_simulator::{Fault, Group, Matcher, Options, Simulator, What};
use tempfile::TempDir;

use super::{
    receivers::{JsonServer, MailServer},
    servers::{NEWER, Prometheus, RUNBOOKS, Server, Targets, composed_alertmanager},
};
use crate::harness::{OWNER, Program, spec};

const ALERTS: &str = "987654321:AAFsecond-bot-for-alerts-of-the-desk";
const WATCHDOG: &str = "a-watchdog-token-of-this-test";
const KEY: &str = "0123456789abcdef0123456789ABCDEF";
/// Time limit of every wait.
const TIMEOUT: Duration = Duration::from_mins(4);

/// An Alertmanager with its secrets, and all that it sends to.
struct Ways {
    alertmanager: Server,
    telegram: Simulator,
    on_call: Group,
    mail: MailServer,
    json: JsonServer,
    secrets: TempDir,
}

impl Ways {
    /// Starts all; `second` names the secrets that are there. `None` if this machine has no recent Alertmanager.
    async fn start(desk: &str, second: &[&str]) -> Option<Self> {
        let options = Options { token: ALERTS.to_owned(), ..Options::default() };
        let telegram = Simulator::start(options).await.unwrap();
        let on_call = telegram.supergroup("On call");
        let (mail, json) = (MailServer::start().await, JsonServer::start().await);
        let secrets = tempfile::tempdir().unwrap();
        let write = |name: &str, value: &str| {
            fs::write(secrets.path().join(name), format!("{value}\n")).unwrap();
        };
        write("alerts_bot_token", ALERTS);
        write("alerts_chat_id", &on_call.id().to_string());
        write("watchdog_token", WATCHDOG);
        fs::create_dir(secrets.path().join("alerts_second")).unwrap();
        for name in second {
            put(secrets.path(), name, &mail, &json);
        }
        let (here, outside) = (secrets.path().display().to_string(), json.address);
        let global = format!("telegram_api_url: {}", telegram.url());
        let pagerduty = format!("{global}\n  pagerduty_url: http://{outside}/pagerduty");
        let templates = super::files::root().join("alertmanager/templates").display().to_string();
        let alertmanager = composed_alertmanager(
            secrets.path(),
            &[
                ("telegram_api_url: https://api.telegram.org", &pagerduty),
                ("/etc/alertmanager/templates", &templates),
                ("http://support-bot:9464", &format!("http://{desk}")),
                ("_file: /run/secrets/alerts_bot", &format!("_file: {here}/alerts_bot")),
                ("_file: /run/secrets/alerts_chat", &format!("_file: {here}/alerts_chat")),
                ("_file: /run/secrets/watchdog", &format!("_file: {here}/watchdog")),
                // The stand-in has no certificate.
                ("require_tls: true", "require_tls: false"),
            ],
        )
        .await?;
        Some(Self { alertmanager, telegram, on_call, mail, json, secrets })
    }

    fn put(&self, name: &str) {
        put(self.secrets.path(), name, &self.mail, &self.json);
    }

    /// Makes an alert fire, or end, as Prometheus does.
    async fn alert(&self, name: &str, fires: bool) {
        let ends = if fires { "2099-01-01T00:00:00Z" } else { "2026-01-01T00:00:01Z" };
        let alert = json!([{
            "labels": {"alertname": name, "severity": "critical", "service": "supportbot"},
            "annotations": {
                "summary": "The desk does not answer.",
                "description": "It has not answered for <10> seconds & more.",
                "impact": "Users wait.",
                "action": "docker compose ps",
                "dashboard": "supportbot-overview",
            },
            "startsAt": "2026-01-01T00:00:00Z",
            "endsAt": ends,
        }]);
        self.alertmanager.post("/api/v2/alerts", &alert).await;
    }

    /// Waits until this is so.
    async fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            let waited = begun.elapsed();
            assert!(waited < TIMEOUT, "{what}, after {waited:?}:\n{}", self.alertmanager.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn mails_with(&self, words: &str) -> usize {
        self.mail.mails().iter().filter(|mail| mail.contains(words)).count()
    }

    fn messages_with(&self, words: &str) -> usize {
        let messages = self.on_call.everything().into_iter().filter_map(|message| message.text);
        messages.filter(|text| text.contains(words)).count()
    }
}

/// Writes a secret of a second way.
fn put(secrets: &Path, name: &str, mail: &MailServer, json: &JsonServer) {
    let value = match name {
        "email" => format!(
            "smarthost={}\nfrom=desk@example.org\nto=ada@example.org,bob@example.org\nusername=desk",
            mail.address
        ),
        "email_password" => "mail-secret".to_owned(),
        "pagerduty_key" => KEY.to_owned(),
        name if name.ends_with("_url") => format!("http://{}/{name}", json.address),
        token => format!("the-{token}"),
    };
    fs::write(secrets.join("alerts_second").join(name), format!("{value}\n")).unwrap();
}

/// Stands for Docker's Compose with nothing but this Alertmanager.
const DOCKER: &str = r#"#!/bin/sh
# docker compose …
case "$*" in
"compose config --services") echo alertmanager ;;
"compose exec -T alertmanager wget "*)
    for address in "$@"; do :; done
    exec curl -sSf --max-time 5 "http://$ALERTMANAGER_AT${address#*:9093}"
    ;;
"compose exec -T alertmanager amtool "*)
    shift 5
    shift
    exec "$AMTOOL" "--alertmanager.url=http://$ALERTMANAGER_AT" "$@"
    ;;
*) exit 1 ;;
esac
"#;

/// What `monitoring/smoke` says of the delivery of alerts.
async fn smoke(ways: &Ways) -> String {
    let folder = tempfile::tempdir().unwrap();
    let docker = folder.path().join("docker");
    fs::write(&docker, DOCKER).unwrap();
    fs::set_permissions(&docker, fs::Permissions::from_mode(0o755)).unwrap();
    let mut smoke = Command::new("sh");
    smoke.args(["-c", "PATH=\"$DOCKER:$PATH\" exec \"$SMOKE\""]).env("DOCKER", folder.path());
    smoke.env("SMOKE", super::files::root().join("monitoring/smoke")).env("PATIENCE", "12");
    smoke.env("ALERTMANAGER_AT", format!("127.0.0.1:{}", ways.alertmanager.port));
    smoke.env("AMTOOL", super::files::root().join(NEWER).with_file_name("amtool"));
    let output = tokio::task::spawn_blocking(move || smoke.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(1), "no Prometheus, no secrets in this folder");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn smoke_tries_every_way_and_says_which_are_on() {
    let Some(ways) = Ways::start("127.0.0.1:9", &[]).await else { return };
    let said = smoke(&ways).await;
    for part in [
        "ok      a test alert was taken by telegram-page: it rings",
        "without a second way: if Telegram does not take an alert",
        "without a service outside: ",
    ] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
    ways.put("email");
    ways.put("webhook_url");
    ways.alertmanager.signal("HUP");
    ways.until("both are on", |ways| {
        ways.alertmanager.log().contains("Completed loading of configuration file")
    })
    .await;
    let away = Fault::always(Matcher::any(), What::Status(502, String::new()));
    ways.telegram.inject(away);
    let said = smoke(&ways).await;
    for part in [
        "FAILED  the test alert was not taken by telegram-page",
        "ok      a test alert was taken by second-email: it rings",
        "ok      a test alert was taken by second-webhook: it rings",
    ] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
    assert!(ways.mails_with("A test: nothing is wrong.") > 0);
}

/// All parts of a message.
fn says_all(text: &str, name: &str) {
    for part in [
        "The desk does not answer.",
        "It has not answered for <10> seconds & more.",
        "Impact: Users wait.",
        "First: docker compose ps",
        &format!("Take it: bin/quiet 30m {name} your name"),
        &format!("Runbook: {RUNBOOKS}/{name}.md"),
        "Dashboard: http://127.0.0.1:3000/d/supportbot-overview?from=1767222000000&to=now",
    ] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_critical_alert_goes_every_way_whose_secret_is_there() {
    const ALL: [&str; 8] = [
        "email",
        "email_password",
        "ntfy_url",
        "ntfy_token",
        "webhook_url",
        "webhook_token",
        "pagerduty_key",
        "outside_ping_url",
    ];
    let Some(ways) = Ways::start("127.0.0.1:9", &ALL).await else { return };
    ways.alert("SupportbotDown", true).await;
    ways.until("an alert arrives every way", |ways| {
        let json = ["/ntfy_url", "/webhook_url", "/pagerduty"];
        ways.messages_with("SupportbotDown") == 1
            && ways.mails_with("Subject: Critical - SupportbotDown") == 1
            && json.iter().all(|path| ways.json.posted_to(path).len() == 1)
    })
    .await;

    let mail = ways.mail.mails().remove(0);
    says_all(&mail, "SupportbotDown");
    assert!(!mail.contains("text/html"), "{mail}");
    // desk and mail-secret, as SMTP writes them.
    assert!(mail.contains("AUTH PLAIN AGRlc2sAbWFpbC1zZWNyZXQ"), "{mail}");
    assert!(mail.contains("<ada@example.org>") && mail.contains("<bob@example.org>"), "{mail}");

    let ntfy = ways.json.posted_to("/ntfy_url").remove(0);
    assert_eq!(ntfy.body["title"], "Critical - SupportbotDown");
    says_all(ntfy.body["message"].as_str().unwrap(), "SupportbotDown");
    for (header, value) in [
        ("authorization", "Bearer the-ntfy_token"),
        ("x-template", "yes"),
        ("x-title", "{{.title}}"),
        ("x-message", "{{.message}}"),
        ("x-priority", "urgent"),
    ] {
        assert_eq!(ntfy.headers[header], value, "{header}");
    }

    let webhook = ways.json.posted_to("/webhook_url").remove(0);
    assert_eq!(webhook.headers["authorization"], "Bearer the-webhook_token");
    assert_eq!(webhook.body["alerts"][0]["annotations"]["impact"], "Users wait.");

    let pagerduty = ways.json.posted_to("/pagerduty").remove(0).body;
    assert_eq!(
        (&pagerduty["routing_key"], &pagerduty["event_action"]),
        (&KEY.into(), &"trigger".into())
    );
    assert_eq!(pagerduty["payload"]["summary"], "Critical - SupportbotDown");
    says_all(pagerduty["payload"]["custom_details"]["text"].as_str().unwrap(), "SupportbotDown");
    assert_eq!(pagerduty["links"][0]["href"], format!("{RUNBOOKS}/SupportbotDown.md"));

    // The ping is of the Watchdog alone.
    assert!(ways.json.posted_to("/outside_ping_url").is_empty());
    let watchdog = json!([{"labels": {"alertname": "Watchdog", "severity": "none"}}]);
    ways.alertmanager.post("/api/v2/alerts", &watchdog).await;
    ways.until("the service outside is asked", |ways| {
        !ways.json.posted_to("/outside_ping_url").is_empty()
    })
    .await;
    assert_eq!(ways.messages_with("Watchdog") + ways.mails_with("Watchdog"), 0);

    ways.alert("SupportbotDown", false).await;
    ways.until("the end arrives every way", |ways| {
        let ended = |posted: &Value| posted["event_action"] == "resolve";
        ways.messages_with("over") == 1
            && ways.mails_with("Subject: Over - SupportbotDown") == 1
            && ways.json.posted_to("/pagerduty").iter().any(|posted| ended(&posted.body))
    })
    .await;
    let log = ways.alertmanager.log();
    for secret in [ALERTS, WATCHDOG, KEY, "mail-secret", "the-ntfy_token", "the-webhook_token"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_comes_later_is_taken_into_use_by_hup_unless_it_is_malformed() {
    let Some(ways) = Ways::start("127.0.0.1:9", &[]).await else { return };
    let file = ways.secrets.path().join("alerts_second/pagerduty_key");
    fs::write(&file, "no key\n").unwrap();
    ways.alertmanager.signal("HUP");
    let complaint = "secrets/alerts_second/pagerduty_key is not what it must be";
    ways.until("a malformed secret is named", |ways| ways.alertmanager.log().contains(complaint))
        .await;
    ways.alert("SupportbotDown", true).await;
    ways.until("what was in use stays in use", |ways| ways.messages_with("SupportbotDown") == 1)
        .await;
    fs::remove_file(&file).unwrap();
    ways.put("email");
    ways.alertmanager.signal("HUP");
    ways.until("the mail arrives", |ways| ways.mails_with("SupportbotDown") == 1).await;
    assert!(!ways.mail.mails()[0].contains("AUTH"), "without a password nobody logs in");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_telegram_away_mail_still_arrives_and_the_desk_tells_that_alerts_are_not_delivered() {
    let mut desk = Program::new(&[("WATCHDOG_TOKEN", WATCHDOG)]).await;
    desk.start().await;
    let second = ["email", "email_password"];
    let Some(ways) = Ways::start(&desk.ops(), &second).await else { return };
    let targets = Targets {
        desks: vec![desk.ops()],
        alertmanager: ways.alertmanager.port,
        hurried: true,
        ..Targets::default()
    };
    let prometheus = Prometheus::start(&targets).await;
    prometheus.until("alertmanager_notifications_total", TIMEOUT).await;
    let away = Fault::always(Matcher::any(), What::Status(502, String::new()));
    let away = ways.telegram.inject(away);
    let begun = Instant::now();
    ways.alert("SupportbotRedisDown", true).await;
    ways.until("the mail arrives", |ways| ways.mails_with("SupportbotRedisDown") == 1).await;
    println!("mail after {:.1?}", begun.elapsed());
    assert_eq!(ways.messages_with("SupportbotRedisDown"), 0);

    let owner = desk.telegram.user(spec(OWNER, "Owner", "en"));
    let reads = |beginning: &str| owner.reads().iter().any(|text| text.starts_with(beginning));
    let told = "◆ Alerts have not been delivered since ";
    ways.until("the owner is told", |_| reads(told)).await;
    println!("owner told after {:.1?}", begun.elapsed());
    let fault = "Subject: Critical - SupportbotMonitoringFaulty";
    ways.until("the fault is mailed", |ways| ways.mails_with(fault) == 1).await;
    println!("fault mailed after {:.1?}", begun.elapsed());
    let counted = ways.alertmanager.page("/metrics").await;
    let requests = |name: &str, labels: &str| {
        let series = format!("alertmanager_{name}{{{labels}}} ");
        let line = counted.lines().find(|line| line.starts_with(&series));
        line.unwrap().rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    // What `monitoring/smoke` compares.
    let telegram = r#"integration="telegram",receiver_name="telegram-page""#;
    let tried = requests("notification_requests_total", telegram);
    assert!(tried > 0.0 && tried - requests("notification_requests_failed_total", telegram) < 0.1);
    away.remove();
    ways.until("on-call hears of it", |ways| ways.messages_with("SupportbotRedisDown") > 0).await;
    assert!(ways.secrets.path().exists());
}
