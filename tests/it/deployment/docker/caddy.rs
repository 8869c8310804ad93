//! Caddy in front of the desk on a real Docker engine: it gets its certificate from an authority that checks the name,
//! as public authorities do, and Telegram pushes over TLS.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use reqwest::{Certificate, Client};
use telegram_simulator::{Group, Options, Simulator};

use super::desk::{Deployed, UNWATCHED, docker, kill, restarts, telegram, until, until_delivered};
use crate::{
    harness::spec,
    webhook::proxy::{Identity, NAME},
};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Configuration of the authority: it signs a certificate for a client that proves to own the name.
const AUTHORITY: &str = "{
	skip_install_trust
	pki {
		ca local {
			intermediate_lifetime 1d
			root {
				cert /authority/authority.pem
				key /authority/authority.key
			}
		}
	}
}
https://authority.test {
	tls internal
	acme_server
}
";

/// Global options in front of Caddy's own configuration: where it gets certificates.
const ASKS: &str = "{
	acme_ca https://authority.test/acme/local/directory
	acme_ca_root /authority/authority.pem
";

/// A desk with a webhook, and the authority at work; Caddy listens only on this machine.
async fn deployed() -> (Simulator, Group, Deployed, Client) {
    let folder = tempfile::tempdir().unwrap();
    let authority = Identity::authority(folder.path());
    let options = Options {
        authorities: vec![authority.pem()],
        names: vec![(NAME.to_owned(), HERE)],
        webhook_pace: 0.2,
        ..Options::default()
    };
    let (telegram, group) = telegram(options).await;
    let files = UNWATCHED.trim_end();
    let settings = format!(
        "{files}:docker-compose.override.yml\nWEBHOOK_ENABLED=true\nWEBHOOK_URL=https://{NAME}\nCADDY_ALLOW_FROM=private_ranges\n"
    );
    let desk = Deployed::install(&telegram, &group, &settings);
    let ours = fs::read_to_string(desk.path("caddy/Caddyfile")).unwrap();
    let globals = ours.find("{\n").unwrap();
    let asking = format!("{}{ASKS}{}", &ours[..globals], &ours[globals + 2..]);
    desk.write("caddy/Caddyfile", &asking);
    desk.write("authority/Caddyfile", AUTHORITY);
    let key = fs::read_to_string(&authority.key).unwrap();
    desk.write("authority/authority.pem", &String::from_utf8(authority.pem()).unwrap());
    desk.write("authority/authority.key", &key);
    let caddy = format!(
        "
    ports: !override [\"127.0.0.1:443:443\"]
    volumes: [\"./authority:/authority:ro\"]
    networks: {{ public: {{ aliases: [\"{NAME}\"] }} }}
    depends_on: {{ authority: {{ condition: service_started }} }}"
    );
    let beside = format!(
        "services:
  support-caddy:{caddy}
  support-caddy-2:{caddy}
  authority:
    image: support-caddy:2.10.2
    build: ./caddy
    command: [caddy, run, --config, /authority/Caddyfile, --adapter, caddyfile]
    volumes: [\"./authority:/authority:ro\"]
    networks: {{ public: {{ aliases: [authority.test] }} }}
  probe:
    extends: {{ file: monitoring/compose.yml, service: blackbox-exporter }}
    environment: {{ SSL_CERT_FILE: /authority/authority.pem }}
    volumes: [\"./monitoring/blackbox.yml:/etc/blackbox_exporter/blackbox.yml:ro\", \"./authority:/authority:ro\"]
"
    );
    desk.write("docker-compose.override.yml", &beside);
    let trusting = Certificate::from_pem(&authority.pem()).unwrap();
    let client = Client::builder().no_proxy().add_root_certificate(trusting);
    let client = client.resolve(NAME, SocketAddr::new(HERE, 0)).build().unwrap();
    (telegram, group, desk, client)
}

/// Waits until Caddy has its certificate, and checks that it forwards only the webhook's path.
async fn until_served(client: &Client) {
    let asks = async |path: &str| {
        let request = client.post(format!("https://{NAME}{path}")).body("{}");
        request.send().await.map_or(0, |answer| answer.status().as_u16())
    };
    for _ in 0..600 {
        if asks("/webhook").await == 401 {
            assert_eq!(asks("/metrics").await, 404);
            assert_eq!(asks("/").await, 404);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("Caddy does not serve the webhook");
}

/// Checks that the probe gets through Caddy to the desk, by the certificate, and that Caddy shows its figures.
fn assert_monitoring_sees(desk: &Deployed) {
    let asks = |address: &str| {
        let wget = ["exec", "--no-TTY", "probe", "wget", "-q", "-O", "-", address];
        desk.run(&[&["--profile", "webhook"], &wget[..]].concat())
    };
    let target = "https://support-proxy:2443/";
    let probed = asks(&format!("http://127.0.0.1:9115/probe?module=webhook&target={target}"));
    for line in ["probe_success 1", "probe_http_status_code 401", "probe_ssl_earliest_cert_expiry "]
    {
        assert!(probed.lines().any(|found| found.starts_with(line)), "{line}: {probed}");
    }
    let figures = asks("http://support-proxy:2021/metrics");
    assert!(figures.contains("caddy_http_request_duration_seconds_bucket"), "{figures}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn caddy_gets_a_certificate_and_forwards_what_telegram_pushes() {
    let (telegram, group, desk, client) = deployed().await;
    let up = ["--profile", "webhook", "up", "--detach", "--wait"];
    desk.run(&[&up[..], &["support-caddy", "probe"]].concat());
    desk.up(&["support-bot"]);
    until_served(&client).await;
    let ada = telegram.user(spec(1001, "Ada", "en"));
    ada.writes("over TLS");
    until_delivered(&group, "over TLS").await;
    println!("doctor: {}", desk.doctor());
    assert_monitoring_sees(&desk);

    kill("support-bot");
    ada.writes("after the desk's kill");
    until_delivered(&group, "after the desk's kill").await;
    kill("support-caddy");
    ada.writes("after Caddy's kill");
    until_delivered(&group, "after Caddy's kill").await;
    assert_eq!((restarts("support-bot"), restarts("support-caddy")), ("1".into(), "1".into()));

    desk.run(&["stop", "support-bot"]);
    ada.writes("while it is stopped");
    let noted = || telegram.webhook().is_some_and(|state| state.last_error.is_some());
    until("Telegram hears that nobody is there", noted).await;
    let secret = telegram.webhook().unwrap().secret.unwrap();
    desk.up(&["support-bot"]);
    until_delivered(&group, "while it is stopped").await;
    let logs = desk.run(&["logs", "--no-color"]);
    assert!(!logs.contains(&secret) && !logs.contains(&telegram.token()), "a secret is in the log");
    let polled = telegram.calls().counts.get("getUpdates").copied().unwrap_or_default();
    assert_eq!(polled, 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn two_replicas_behind_caddy_survive_a_stop_or_kill_of_one() {
    let (telegram, group, desk, client) = deployed().await;
    desk.run(&["--profile", "replicas", "up", "--detach", "--wait", "--wait-timeout", "90"]);
    until_served(&client).await;
    let people: Vec<_> =
        (1001..1009).map(|id| telegram.user(spec(id, &format!("User {id}"), "en"))).collect();
    let all_arrive = async |when: &str| {
        for (person, number) in people.iter().zip(1..) {
            person.writes(&format!("{number} {when}"));
        }
        for number in 1..=people.len() {
            until_delivered(&group, &format!("{number} {when}")).await;
        }
    };
    all_arrive("with both").await;
    let taken = |container: &str| {
        let url = if container == "support-bot" { 9464 } else { 9465 };
        format!("http://127.0.0.1:{url}/metrics")
    };
    for container in ["support-bot", "support-bot-2"] {
        let page = client.get(taken(container)).send().await.unwrap().text().await.unwrap();
        let series = "supportbot_webhook_requests_total{outcome=\"stored\"} ";
        let stored = page.lines().find_map(|line| line.strip_prefix(series)).unwrap();
        assert_ne!(stored, "0", "Telegram pushed to {container}");
    }
    for container in ["support-bot", "support-bot-2"] {
        desk.run(&["--profile", "replicas", "stop", container]);
        all_arrive(&format!("without {container}")).await;
        desk.run(&["--profile", "replicas", "up", "--detach", "--wait", container]);
        kill(container);
        all_arrive(&format!("after the kill of {container}")).await;
        until("it is back", || docker(&["ps"]).matches("(healthy)").count() >= 4).await;
    }
    assert_eq!(group.topics().len(), people.len(), "each user has one topic");
}
