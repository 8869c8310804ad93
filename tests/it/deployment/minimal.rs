//! The smallest compose file is whole, and as hardened as the desk of the large one.

use serde_norway::Value;
use support_bot::config::VARIABLES;

use super::{
    compose::{services, strings, text, within},
    names::repository,
    release::VERSION,
};

const MINIMAL: &str = "docker-compose.minimal.yml";

#[test]
fn it_is_one_container_with_one_secret_and_needs_no_other_file() {
    let compose = within(MINIMAL);
    let [(name, desk)] = &services(&compose)[..] else { panic!("{compose:?}") };
    assert_eq!(name, "support-bot");
    assert_eq!(strings(desk.get("secrets")), ["bot_token"]);
    let secrets = compose["secrets"].as_mapping().unwrap();
    assert_eq!(secrets.len(), 1);
    assert_eq!(secrets["bot_token"]["file"].as_str(), Some("./secrets/bot_token"));
    for part in ["build", "ports", "depends_on", "extends", "configs"] {
        assert!(desk.get(part).is_none(), "{part}");
    }
    assert!(compose.get("include").is_none());
    let volumes = strings(desk.get("volumes"));
    assert_eq!(volumes, ["data:/data", "backups:/backups"]);
    let image = desk["image"].as_str().unwrap();
    let released = format!("ghcr.io/{}:{VERSION}", repository());
    assert_eq!(image, format!("${{SUPPORT_BOT_IMAGE:-{released}}}"));
}

#[test]
fn it_is_as_hardened_and_limited_as_the_desk_of_the_large_file() {
    let (small, large) = (within(MINIMAL), within("docker-compose.yml"));
    for part in [
        "container_name",
        "restart",
        "read_only",
        "cap_drop",
        "security_opt",
        "init",
        "ulimits",
        "tmpfs",
        "logging",
        "user",
        "stop_grace_period",
        "healthcheck",
        "deploy",
    ] {
        let of = |compose: &Value| compose["services"]["support-bot"][part].clone();
        assert!(!of(&large).is_null(), "{part}");
        assert_eq!(of(&small), of(&large), "{part}");
    }
    // One may begin with the small one, and take the large one later.
    assert_eq!(small["name"], large["name"]);
    for volume in small["volumes"].as_mapping().unwrap().keys() {
        assert!(large["volumes"].as_mapping().unwrap().contains_key(volume), "{volume:?}");
    }
}

#[test]
fn its_settings_are_the_programs_and_its_store_is_the_volume() {
    let compose = within(MINIMAL);
    let environment = compose["services"]["support-bot"]["environment"].as_mapping().unwrap();
    for (name, value) in environment {
        let (name, value) = (name.as_str().unwrap(), value.as_str().unwrap());
        let plain = name.strip_suffix("_FILE");
        let known = VARIABLES.iter().any(|variable| {
            variable.name == name && !variable.secret || Some(variable.name) == plain
        });
        assert!(known, "{name}");
        assert!(!name.starts_with("REDIS_") && !name.starts_with("WATCHDOG_"), "{name}");
        if name == "DATA_DIR" {
            assert_eq!(value, "/data");
        }
    }
    assert_eq!(text(MINIMAL).matches("${").count(), 1, "no variable but the image");
}
