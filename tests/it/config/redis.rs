//! The address of Redis in the settings.

use secrecy::ExposeSecret as _;

use super::settings::{load, mistake};

#[test]
fn redis_is_configured_by_a_url_or_by_its_parts() {
    let url = |pairs: &[(&str, &str)]| {
        let settings = load(pairs).unwrap();
        settings.store.redis.map(|redis| redis.url.expose_secret().to_owned())
    };
    assert_eq!(url(&[]), None);
    let given = "redis://ada:pa55@redis:7000/3";
    assert_eq!(url(&[("REDIS_URL", given)]).as_deref(), Some(given));
    assert_eq!(url(&[("REDIS_HOST", "redis")]).as_deref(), Some("redis://redis:6379/0"));
    let parts = [
        ("REDIS_HOST", "::1"),
        ("REDIS_PORT", "7000"),
        ("REDIS_DB", "3"),
        ("REDIS_USERNAME", "ada"),
        ("REDIS_PASSWORD", "p@ss/word"),
        ("REDIS_TLS", "true"),
    ];
    assert_eq!(url(&parts).as_deref(), Some("rediss://ada:p%40ss%2Fword@[::1]:7000/3"));
    let printed = format!("{:?}", load(&parts).unwrap());
    assert!(!printed.contains("p@ss") && !printed.contains("p%40ss"), "{printed}");
}

#[test]
fn invalid_redis_settings_are_refused_without_printing_the_password() {
    for (pairs, word) in [
        (&[("REDIS_URL", "redis://:pa55@a"), ("REDIS_HOST", "b")][..], "REDIS_URL and REDIS_HOST"),
        (&[("REDIS_URL", "redis://:pa55@a"), ("REDIS_DB", "2")][..], "REDIS_URL and REDIS_DB"),
        (&[("REDIS_URL", "http://:pa55@a")][..], "rediss://"),
        (&[("REDIS_URL", "pa55")][..], "is not a URL"),
        (&[("REDIS_URL", "redis://:pa55@a/zero")][..], "database"),
        (&[("REDIS_URL", "redis-cluster://:pa55@a/1")][..], "database"),
        (&[("REDIS_URL", "redis-sentinel://:pa55@a:26379")][..], "sentinelServiceName"),
        (&[("REDIS_HOST", "redis://pa55@a")][..], "REDIS_HOST"),
        (&[("REDIS_HOST", "a"), ("REDIS_PORT", "0")][..], "REDIS_PORT"),
        (&[("REDIS_HOST", "a"), ("REDIS_TLS", "perhaps")][..], "REDIS_TLS"),
    ] {
        let error = mistake(pairs);
        assert!(error.contains(word) && !error.contains("pa55"), "{error}");
    }
}

#[test]
fn settings_of_a_redis_that_is_nowhere_cause_warnings() {
    let settings = load(&[
        ("REDIS_PORT", "6380"),
        ("REDIS_DB", "1"),
        ("REDIS_PASSWORD", "pa55"),
        ("REDIS_TLS", "no"),
        ("REDIS_ACCEPT_LOSS", "yes"),
        ("REDIS_IGNORE_OLD_USERS", "true"),
    ]);
    let settings = settings.unwrap();
    assert!(settings.store.redis.is_none());
    let names =
        ["REDIS_PORT", "REDIS_DB", "REDIS_PASSWORD", "REDIS_ACCEPT_LOSS", "REDIS_IGNORE_OLD_USERS"];
    let warning = |name| format!("{name} has no effect: neither REDIS_HOST nor REDIS_URL is set");
    assert_eq!(settings.warnings, names.map(warning));
    let file = load(&[("REDIS_PASSWORD_FILE", "/nowhere")]).unwrap();
    assert!(file.warnings[0].contains("REDIS_PASSWORD has no effect"), "{:?}", file.warnings);
}

#[test]
fn redis_without_tls_is_accepted_only_on_this_machine_and_private_networks() {
    const CLEAR: &str = "unencrypted over the internet";
    for private in [
        "127.0.0.1",
        "[::1]",
        "10.0.0.7",
        "[fd00::7]",
        "redis",
        "redis.internal",
        "redis.desk.svc",
        "redis.desk.svc.",
        "redis.desk.svc.cluster.local",
    ] {
        for scheme in ["redis", "redis-cluster", "rediss"] {
            let url = format!("{scheme}://:pa55@{private}:6379");
            assert!(load(&[("REDIS_URL", &url)]).is_ok(), "{url}");
        }
    }
    for public in [
        "203.0.113.9",
        "[2001:db8::9]",
        "redis.example.org",
        "127.0.0.1.nip.io",
        "3405803785",
        // What Kubernetes also resolves, but so may the public DNS: `desk` could be a top-level domain.
        "redis.desk",
        "redis.desk.svc.example.org",
    ] {
        for url in [
            format!("redis://:pa55@{public}:6379/0"),
            format!("redis-cluster://:pa55@{public}"),
            format!("redis-cluster://:pa55@127.0.0.1?node=10.0.0.7:6379&node={public}:6379"),
            format!("redis-sentinel://:pa55@{public}?sentinelServiceName=desk"),
        ] {
            let error = mistake(&[("REDIS_URL", &url)]);
            assert!(error.contains(CLEAR) && !error.contains("pa55"), "{url}: {error}");
            let secured = url.replace("redis:", "rediss:").replace("redis-", "rediss-");
            assert!(load(&[("REDIS_URL", &secured)]).is_ok(), "{secured}");
        }
    }
    let parts = [("REDIS_HOST", "203.0.113.9"), ("REDIS_PASSWORD", "pa55")];
    let error = mistake(&parts);
    assert!(error.contains(CLEAR) && error.contains("REDIS_TLS") && !error.contains("pa55"));
    assert!(load(&[parts[0], parts[1], ("REDIS_TLS", "true")]).is_ok());
}
