//! The Dockerfile and the compose files agree with the program and keep their promises.

use std::collections::BTreeSet;

use serde_norway::Value;
use support_bot::config::{Requirement, VARIABLES};

use super::compose::{
    INCLUDED, all_strings, compose, megabytes, networks, root, service, services, strings, text,
};

/// The page of the installation.
const INSTALLATION: &str = "docs/setup/docker.md";

/// Files that the owner creates during installation, as that page says.
const MADE_BY_THE_OWNER: &[&str] = &[
    ".env",
    "./secrets/bot_token",
    "./secrets/redis_password",
    "./secrets/alerts_bot_token",
    "./secrets/alerts_chat_id",
    "./secrets/alerts_second",
    "./secrets/watchdog_token",
    "./secrets/grafana_password",
];

/// Variables of the compose file itself, with their defaults.
const OF_COMPOSE: &[&str] = &[
    "CADDY_ALLOW_FROM",
    "GRAFANA_URL",
    "RUNBOOKS_URL",
    "SUPPORT_BOT_IMAGE",
    "SUPPORT_BOT_VERSION",
    "SUPPORT_BOT_REVISION",
];

/// The services that the internet reaches; only one of them runs at a time.
const WEB_SERVERS: &[&str] = &["support-caddy", "support-caddy-2"];

/// Whether a service's environment may have this setting of the program.
fn is_setting(name: &str) -> bool {
    let plain = name.strip_suffix("_FILE");
    let known = |variable: &support_bot::config::Variable| {
        variable.name == name || (variable.secret && Some(variable.name) == plain)
    };
    VARIABLES.iter().any(known)
}

#[test]
fn every_service_is_hardened() {
    for (name, service) in services(&compose()) {
        let says = |key: &str| service.get(key).unwrap_or_else(|| panic!("{name} has no {key}"));
        assert_eq!(says("restart").as_str(), Some("always"), "{name}");
        assert_eq!(says("read_only").as_bool(), Some(true), "{name}");
        assert_eq!(strings(service.get("cap_drop")), ["ALL"], "{name}");
        assert!(
            strings(service.get("security_opt")).contains(&"no-new-privileges:true".to_owned()),
            "{name}"
        );
        let user = says("user").as_str().unwrap();
        assert!(
            user.split(':').all(|part| part.parse::<u32>().is_ok_and(|id| id > 0)),
            "{name}: {user}"
        );
        assert_eq!(
            says("ulimits")["core"].as_i64(),
            Some(0),
            "{name}: a core file would contain secrets"
        );
        assert!(says("logging")["options"]["max-size"].is_string(), "{name}");
        let limits = &says("deploy")["resources"]["limits"];
        for limit in ["cpus", "memory", "pids"] {
            assert!(!limits[limit].is_null(), "{name} has no limit for {limit}");
        }
        assert!(!networks(&service).is_empty(), "{name}");
        assert!(says("healthcheck")["test"].is_sequence(), "{name}");
        let container = says("container_name").as_str().unwrap();
        assert!(
            [name.clone(), format!("support-{name}")].contains(&container.to_owned()),
            "{name}"
        );
        for more in ["privileged", "network_mode", "cap_add", "devices", "pid", "ipc"] {
            assert!(service.get(more).is_none(), "{name}: {more}");
        }
    }
}

#[test]
fn only_the_web_server_publishes_ports() {
    for (name, service) in services(&compose()) {
        for port in strings(service.get("ports")) {
            let web = WEB_SERVERS.contains(&name.as_str());
            let public = web && ["80:80", "443:443"].contains(&port.as_str());
            assert!(public || port.starts_with("127.0.0.1:"), "{name} publishes {port}");
        }
    }
}

/// Anyone who reaches Alertmanager can silence it, without a password and from any page in a browser.
#[test]
fn alertmanager_is_not_published_and_prometheus_answers_only_its_own_pages() {
    assert!(service("alertmanager").get("ports").is_none());
    let command = strings(service("prometheus").get("command")).join(" ");
    let may_change = ["--web.enable-lifecycle", "--web.enable-admin-api"];
    assert!(may_change.iter().all(|flag| !command.contains(flag)));
    assert!(command.contains(r"--web.cors.origin=http://127\.0\.0\.1:9090"), "{command}");
}

#[test]
fn redis_is_reached_only_through_internal_networks() {
    let compose = compose();
    let internal = |network: &String| {
        compose["networks"][network.as_str()]["internal"].as_bool() == Some(true)
    };
    assert!(service("support-redis").get("ports").is_none());
    for closed in ["support-redis", "support-bot-backup", "redis-exporter"] {
        assert!(networks(&service(closed)).iter().all(internal), "{closed}");
    }
    for web in WEB_SERVERS {
        let networks = networks(&service(web));
        assert!(!networks.contains(&"redis".to_owned()), "{web}");
    }
}

#[test]
fn redis_loses_nothing_and_fits_into_its_memory() {
    let redis = service("support-redis");
    let command = strings(redis.get("command")).join(" ");
    for setting in ["--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction"] {
        assert!(command.contains(setting), "{setting}");
    }
    let most = command.split("--maxmemory ").nth(1).unwrap().split(' ').next().unwrap();
    let limit = redis["deploy"]["resources"]["limits"]["memory"].as_str().unwrap();
    assert!(megabytes(limit) >= 2 * megabytes(most), "{most} must be below {limit}");
}

#[test]
fn secrets_are_files_for_the_services_that_need_them() {
    let compose = compose();
    for (name, service) in services(&compose) {
        let mut given = strings(service.get("secrets"));
        for secret in &given {
            assert!(compose["secrets"][secret.as_str()]["file"].is_string(), "{name}: {secret}");
        }
        // A folder of secrets that may be absent.
        for volume in strings(service.get("volumes")) {
            if let Some(secret) =
                volume.strip_suffix(":ro").and_then(|volume| volume.rsplit_once(":/run/secrets/"))
            {
                assert_eq!(secret.0, format!("./secrets/{}", secret.1), "{name}");
                given.push(secret.1.to_owned());
            }
        }
        let mut used = Vec::new();
        all_strings(&Value::Mapping(service.clone()), &mut used);
        for reference in used.iter().flat_map(|string| string.split("/run/secrets/").skip(1)) {
            let end = reference.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
            let secret = reference[..end.unwrap_or(reference.len())].to_owned();
            assert!(given.contains(&secret), "{name} does not receive {secret}");
        }
        let environment = service.get("environment").and_then(Value::as_mapping);
        for (variable, value) in environment.into_iter().flatten() {
            let variable = variable.as_str().unwrap();
            let secret = VARIABLES.iter().any(|known| known.name == variable && known.secret);
            assert!(!secret, "{name}: {variable} = {value:?} must not be in the environment");
        }
    }
}

#[test]
fn a_service_waits_until_its_dependency_is_healthy() {
    let compose = compose();
    let names: Vec<String> = services(&compose).into_iter().map(|(name, _)| name).collect();
    for (name, service) in services(&compose) {
        let waits = service.get("depends_on").and_then(Value::as_mapping);
        for (other, how) in waits.into_iter().flatten() {
            assert!(names.contains(&other.as_str().unwrap().to_owned()), "{name}: {other:?}");
            assert_eq!(how["condition"].as_str(), Some("service_healthy"), "{name}: {other:?}");
        }
    }
}

#[test]
fn caddy_forwards_to_the_port_where_desks_listen() {
    let caddyfile = text("caddy/Caddyfile");
    for web in WEB_SERVERS {
        let environment = service(web)["environment"].as_mapping().unwrap().clone();
        for inside in caddyfile.split("{$").skip(1) {
            let variable = inside.split('}').next().unwrap();
            assert!(environment.contains_key(variable), "{web} does not know {variable}");
        }
        for desk in environment["DESKS"].as_str().unwrap().split(' ') {
            let (name, port) = desk.split_once(':').unwrap();
            let desk = service(name);
            assert_eq!(desk["environment"]["WEBAPP_PORT"].as_str(), Some(port), "{name}");
            let ways = networks(&service(web));
            assert!(networks(&desk).iter().any(|way| ways.contains(way)), "{name}");
        }
    }
    let image = service("support-caddy")["image"].as_str().unwrap().to_owned();
    let version = image.split(':').nth(1).unwrap();
    let from = format!("FROM caddy:{version}-");
    assert!(text("caddy/Dockerfile").contains(&from), "{image} must be built from {from}");
}

/// The networks from which Telegram pushes updates: <https://core.telegram.org/bots/webhooks>.
const TELEGRAMS: [&str; 2] = ["149.154.160.0/20", "91.108.4.0/22"];

#[test]
fn only_telegrams_networks_reach_the_webhook_and_requests_have_a_time_limit() {
    let caddyfile = text("caddy/Caddyfile");
    let path = caddyfile.split("handle {$WEBHOOK_PATH} {").nth(1).unwrap();
    let (before, _) = path.split_once("reverse_proxy").unwrap();
    assert!(before.contains("@elsewhere not remote_ip {$CADDY_ALLOW_FROM}"), "{before}");
    assert!(before.contains("respond @elsewhere 403"), "{before}");
    for bound in ["max_header_size", "read_header", "read_body", "max_size"] {
        assert!(caddyfile.contains(bound), "{bound}");
    }
    for web in WEB_SERVERS {
        let from = service(web)["environment"]["CADDY_ALLOW_FROM"].as_str().unwrap().to_owned();
        assert!(from.ends_with(&format!(":-{}}}", TELEGRAMS.join(" "))), "{web}: {from}");
    }
    let page = text("docs/setup/webhook.md");
    let site = page.split("```nginx\n").nth(1).unwrap().split("```").next().unwrap();
    let path = site.split("location = /webhook {").nth(1).unwrap().split('}').next().unwrap();
    let allowed = TELEGRAMS.map(|network| format!("allow {network};"));
    assert!(allowed.iter().all(|line| path.contains(line)) && path.contains("deny all;"), "{path}");
    assert_eq!(path.matches("allow ").count(), TELEGRAMS.len(), "{path}");
    for bound in ["client_header_timeout", "client_body_timeout", "large_client_header_buffers"] {
        assert!(site.contains(bound), "{bound}");
    }
}

#[test]
fn every_image_has_an_exact_tag() {
    for (name, service) in services(&compose()) {
        let image = service.get("image").and_then(Value::as_str).unwrap();
        // bin/pin-images writes a digest after the tag.
        let image = image.split('@').next().unwrap();
        let tag =
            image.rsplit_once(':').map(|(_, tag)| tag.trim_end_matches('}')).unwrap_or_default();
        let numbered =
            tag.trim_start_matches(['-', 'v']).chars().next().is_some_and(|c| c.is_ascii_digit());
        assert!(numbered && tag.matches('.').count() >= 2, "{name}: {image}");
    }
}

#[test]
fn every_path_exists_or_is_made_by_the_owner() {
    let compose = compose();
    let mut strings = Vec::new();
    all_strings(&compose, &mut strings);
    let mut seen = BTreeSet::new();
    for string in &strings {
        let path = string.split(':').next().unwrap_or_default();
        if !path.starts_with("./") && path != ".env" {
            continue;
        }
        seen.insert(path.to_owned());
        let there = MADE_BY_THE_OWNER.contains(&path) || root().join(path).exists();
        assert!(there, "a compose file names {path}, which does not exist");
    }
    for path in MADE_BY_THE_OWNER {
        assert!(seen.contains(*path), "nothing requires {path}");
        assert!(
            text(INSTALLATION).contains(path.trim_start_matches("./")),
            "{INSTALLATION} does not mention {path}"
        );
    }
}

/// Where the `umask` is 077, a checkout is its owner's alone.
#[test]
fn containers_can_read_every_folder_that_is_mounted() {
    let page = text(INSTALLATION);
    let opened = page.split("chmod -R go+rX ").nth(1).unwrap().lines().next().unwrap();
    let opened: BTreeSet<&str> = opened.split(" #").next().unwrap().split_whitespace().collect();
    let services = services(&compose());
    let volumes = services.iter().flat_map(|(_, service)| strings(service.get("volumes")));
    let mounted: BTreeSet<String> = volumes
        .filter_map(|volume| {
            let path = volume.strip_prefix("./")?.split([':', '/']).next()?.to_owned();
            (path != "secrets").then_some(path)
        })
        .collect();
    assert_eq!(opened, mounted.iter().map(String::as_str).collect());
}

#[test]
fn every_variable_is_a_setting_or_has_a_default() {
    let source = text("docker-compose.yml") + &text(INCLUDED);
    for (at, _) in source.match_indices("${") {
        let inside = source[at + 2..].split('}').next().unwrap();
        let (name, default) =
            inside.split_once(":-").unwrap_or_else(|| panic!("{inside} has no default"));
        assert!(!default.is_empty(), "{inside}");
        let setting = VARIABLES.iter().find(|setting| setting.name == name);
        assert!(OF_COMPOSE.contains(&name) || setting.is_some(), "{inside}");
        if let Some(Requirement::Default(of_the_program)) =
            setting.map(|setting| setting.requirement)
        {
            assert_eq!(default, of_the_program, "{inside}");
        }
    }
    for desk in ["support-bot", "support-bot-2", "support-bot-backup"] {
        let desk = service(desk);
        for name in desk["environment"].as_mapping().unwrap().keys() {
            assert!(is_setting(name.as_str().unwrap()), "{name:?} is not a setting");
        }
    }
}

#[test]
fn the_image_contains_only_the_program_and_runs_it_unprivileged() {
    let dockerfile = text("Dockerfile");
    assert!(!dockerfile.contains("# syntax="), "a build would pull another image for the syntax");
    let lines = |word: &'static str| {
        dockerfile.lines().filter_map(move |line| line.strip_prefix(word)).collect::<Vec<_>>()
    };
    assert_eq!(lines("USER "), ["65532:65532"]);
    assert!(lines("HEALTHCHECK ")[0].contains(r#"CMD ["support-bot", "healthcheck"]"#));
    assert_eq!(lines("ENTRYPOINT "), [r#"["support-bot"]"#]);
    assert!(lines("COPY ").iter().all(|copied| copied.starts_with("--from=build")));
    let rust = format!("rust:{}.0-bookworm", env!("CARGO_PKG_RUST_VERSION"));
    let base = lines("FROM ")[0].strip_suffix(" AS build").unwrap();
    assert_eq!(base.split('@').next().unwrap(), rust);
    let included = text(".dockerignore");
    let included: Vec<&str> = included.lines().filter_map(|line| line.strip_prefix('!')).collect();
    // Which files of git's own there are depends on the checkout.
    for path in included.iter().filter(|path| !path.starts_with(".git/")) {
        assert!(root().join(path).exists(), ".dockerignore keeps {path}, which does not exist");
    }
    for needed in ["Cargo.toml", "Cargo.lock", "build.rs", "crates", "locales", "src"] {
        assert!(
            included.contains(&needed),
            ".dockerignore excludes {needed}, which the program needs"
        );
    }
}

/// Without line tables, a stack trace in Sentry shows only functions. `tests/process/sentry.rs` tests that the
/// compressed tables can be read.
#[test]
fn the_release_build_has_compressed_line_tables() {
    let manifest = text("Cargo.toml");
    let profile = |name: &str| {
        let (_, rest) = manifest.split_once(&format!("[profile.{name}]")).unwrap();
        rest.split("\n[").next().unwrap().to_owned()
    };
    assert!(profile("release").contains("debug = \"line-tables-only\""));
    let prod = profile("prod");
    assert!(prod.contains("inherits = \"release\""), "{prod}");
    assert!(!prod.contains("debug") && !prod.contains("strip"), "{prod}");
    for builds in ["Dockerfile", ".github/workflows/release.yml"] {
        let recipe = text(builds);
        assert!(recipe.contains("--profile prod "), "{builds}");
        assert!(recipe.contains("objcopy --compress-debug-sections=zlib"), "{builds}");
    }
}
