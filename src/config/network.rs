//! How servers on the internet are reached: proxy, certificate authorities, IPv4.

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;
use url::Url;

use crate::{
    config::reader::Reader,
    files,
    network::{Authorities, Options, Proxy},
};

/// Schemes of proxies, and the port of each that does not have one.
const SCHEMES: [(&str, u16); 6] = [
    ("http", 80),
    ("https", 443),
    ("socks5", 1080),
    ("socks5h", 1080),
    ("socks4", 1080),
    ("socks4a", 1080),
];
/// Size limit of a file of certificates, in bytes: far more than all public authorities need.
const LONGEST_BUNDLE: usize = 16 << 20;

pub(in crate::config) fn network(r: &mut Reader<'_>) -> Option<Options> {
    let except = r.text("NO_PROXY").unwrap_or_default();
    let [https, all] = ["HTTPS_PROXY", "ALL_PROXY"].map(|name| proxy(r, name, &except));
    let authorities = Authorities { file: certificate_file(r), folder: certificate_folder(r) };
    let prefer_ipv4 = r.switch("PREFER_IPV4");
    Some(Options { proxy: https.or(all), authorities, prefer_ipv4: prefer_ipv4? })
}

/// The proxy in a setting. No mistake quotes the value: it may hold a password.
fn proxy(r: &mut Reader<'_>, setting: &'static str, except: &str) -> Option<Proxy> {
    let given = r.secret(setting)?;
    let given = given.expose_secret();
    let with_scheme =
        if given.contains("://") { given.to_owned() } else { format!("http://{given}") };
    let url = Url::parse(&with_scheme).ok().filter(Url::has_host);
    let port =
        url.as_ref().and_then(|url| SCHEMES.iter().find(|(scheme, _)| *scheme == url.scheme()));
    match (url, port) {
        (Some(mut url), Some((_, port))) => {
            if url.port().is_none() {
                let _never_without_host = url.set_port(Some(*port));
            }
            Some(Proxy { setting, url: url.as_str().into(), except: except.to_owned() })
        }
        (Some(_), None) => {
            r.mistake(
                setting,
                "names a kind of proxy that is not supported",
                "begin it with http://, https://, socks5:// or socks5h:// (which leaves the lookup of names to the proxy)",
            );
            None
        }
        (None, _) => {
            r.mistake(
                setting,
                "is not the address of a proxy",
                "write it as http://proxy.example.org:3128 or socks5h://user:password@proxy.example.org:1080, with special characters of the password as %40 and so on",
            );
            None
        }
    }
}

fn certificate_file(r: &mut Reader<'_>) -> Option<PathBuf> {
    const NAME: &str = "SSL_CERT_FILE";
    let file = r.text(NAME)?;
    let remedy = "name a text file with the certificates of authorities (-----BEGIN CERTIFICATE-----) that the program's user can read, or remove the setting";
    match files::read_text(Path::new(&file), LONGEST_BUNDLE) {
        Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => return Some(file.into()),
        Ok(_) => r.mistake(NAME, &format!("is {file:?}, which holds no certificate"), remedy),
        Err(error) => {
            r.mistake(NAME, &format!("is {file:?}, which cannot be read ({error})"), remedy);
        }
    }
    None
}

/// `SSL_CERT_DIR`. Other programs allow several folders there; the first that exists is used.
fn certificate_folder(r: &mut Reader<'_>) -> Option<PathBuf> {
    const NAME: &str = "SSL_CERT_DIR";
    let folders = r.text(NAME)?;
    let found = std::env::split_paths(&folders).find(|folder| folder.is_dir());
    if found.is_none() {
        let wrong = format!("is {folders:?}, which is not a folder");
        r.mistake(NAME, &wrong, "name a folder of files with certificates, or remove the setting");
    }
    found
}
