//! Proxy, certificates and IPv4 in the settings.

use std::fs;

use secrecy::ExposeSecret as _;
use support_bot::network::Proxy;

use super::settings::{load, mistake};

fn proxy(pairs: &[(&str, &str)]) -> Option<(&'static str, String)> {
    let proxy = load(pairs).unwrap().network.proxy;
    proxy.map(|Proxy { setting, url, .. }| (setting, url.expose_secret().to_owned()))
}

#[test]
fn a_proxy_is_named_in_upper_or_lower_case_with_or_without_a_scheme() {
    assert_eq!(proxy(&[]), None);
    for (name, value, setting, url) in [
        ("HTTPS_PROXY", "http://proxy:3128", "HTTPS_PROXY", "http://proxy:3128/"),
        ("https_proxy", "proxy.example.org:3128", "HTTPS_PROXY", "http://proxy.example.org:3128/"),
        ("ALL_PROXY", "socks5h://ada:p%40ss@proxy", "ALL_PROXY", "socks5h://ada:p%40ss@proxy:1080"),
        ("all_proxy", "socks5://[::1]:9050", "ALL_PROXY", "socks5://[::1]:9050"),
    ] {
        assert_eq!(proxy(&[(name, value)]), Some((setting, url.to_owned())), "{name}={value}");
    }
    let both = [("ALL_PROXY", "socks5://all"), ("HTTPS_PROXY", "https")];
    assert_eq!(proxy(&both), Some(("HTTPS_PROXY", "http://https/".to_owned())));
    let settings = load(&[("HTTPS_PROXY", "http://ada:pa55@proxy"), ("no_proxy", "lan")]).unwrap();
    assert!(!format!("{settings:?}").contains("pa55"));
    assert_eq!(settings.network.proxy.unwrap().except, "lan");
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
}

#[test]
fn an_unusable_proxy_is_a_mistake_that_does_not_print_its_password() {
    for (name, value, word) in [
        ("HTTPS_PROXY", "ftp://ada:pa55@proxy", "kind of proxy that is not supported"),
        ("ALL_PROXY", "socks6://ada:pa55@proxy", "socks5h://"),
        ("HTTPS_PROXY", "http://ada:pa55@", "is not the address of a proxy"),
        ("https_proxy", "http://ada:pa55@pro xy", "is not the address of a proxy"),
    ] {
        let said = mistake(&[(name, value)]);
        assert!(said.contains(&name.to_ascii_uppercase()) && said.contains(word), "{said}");
        assert!(!said.contains("pa55"), "{said}");
    }
}

#[test]
fn names_of_other_programs_are_no_misspelt_settings() {
    let settings = load(&[("HTTP_PROXY", "http://proxy"), ("http_proxy", "http://proxy")]).unwrap();
    assert!(settings.network.proxy.is_none());
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
}

#[test]
fn certificates_that_cannot_be_read_are_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, one) = (folder.path().join("empty.pem"), folder.path().join("one.pem"));
    fs::write(&empty, "no certificate").unwrap();
    fs::write(&one, "-----BEGIN CERTIFICATE-----\n").unwrap();
    let (empty, one) = (empty.display().to_string(), one.display().to_string());
    let path = folder.path().display().to_string();
    let settings = load(&[("SSL_CERT_FILE", &one), ("SSL_CERT_DIR", &format!("/nowhere:{path}"))]);
    let network = settings.unwrap().network;
    assert_eq!(network.authorities.file.unwrap().display().to_string(), one);
    assert_eq!(network.authorities.folder.unwrap(), folder.path());
    for (name, value, word) in [
        ("SSL_CERT_FILE", empty.as_str(), "which holds no certificate"),
        ("SSL_CERT_FILE", "/nowhere", "which cannot be read"),
        ("SSL_CERT_FILE", path.as_str(), "which cannot be read"),
        ("SSL_CERT_DIR", "/nowhere", "which is not a folder"),
        ("PREFER_IPV4", "maybe", "write true or false"),
    ] {
        let said = mistake(&[(name, value)]);
        assert!(said.contains(name) && said.contains(word), "{said}");
    }
}
