//! Clients for servers on the internet.

use std::{path::PathBuf, sync::Arc};

use reqwest::{ClientBuilder, NoProxy, Url};
use rustls::ClientConfig;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    certificates::{Authorities, tls},
    failure::{self, NetworkFailure},
    resolver::{Ipv4First, System},
};

/// How servers on the internet are reached. The default: directly.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The proxy, if there is one.
    pub proxy: Option<Proxy>,
    /// A file of certificate authorities to trust too.
    pub certificate_file: Option<PathBuf>,
    /// A folder of such files.
    pub certificate_folder: Option<PathBuf>,
    /// Use IPv6 only for names without an IPv4 address.
    pub prefer_ipv4: bool,
}

/// A proxy.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// The setting that names it.
    pub setting: &'static str,
    /// Its URL, perhaps with a user name and a password.
    pub url: SecretString,
    /// Hosts that are reached without it, in the form of `NO_PROXY`.
    pub except: String,
}

/// The options cannot be used. The text names no address: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    /// The proxy's URL is not valid.
    #[error("the proxy in {0} is not a usable address")]
    Proxy(&'static str),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls,
}

/// A proxy in use.
#[derive(Debug, Clone)]
struct InUse {
    setting: &'static str,
    proxy: reqwest::Proxy,
    /// No host is reached without it.
    always: bool,
}

/// Makes HTTP clients. Clones are cheap, and share the trusted certificates.
#[derive(Debug, Clone)]
pub struct Network {
    proxy: Option<InUse>,
    tls: ClientConfig,
    prefer_ipv4: bool,
}

impl Network {
    /// Servers are reached directly, with the built-in certificates and the system's.
    pub fn direct() -> Result<Self, InvalidNetwork> {
        Self::new(&Options::default())
    }

    /// Reads the certificates. Connects to nothing.
    pub fn new(options: &Options) -> Result<Self, InvalidNetwork> {
        let Options { proxy, certificate_file, certificate_folder, prefer_ipv4 } = options;
        let proxy = proxy.as_ref().map(|Proxy { setting, url, except }| {
            let proxy = reqwest::Proxy::https(url.expose_secret())
                .map_err(|_quotes_the_url| InvalidNetwork::Proxy(setting))?;
            let always = except.is_empty();
            let proxy = proxy.no_proxy(NoProxy::from_string(except));
            Ok(InUse { setting, proxy, always })
        });
        let authorities =
            Authorities { file: certificate_file.clone(), folder: certificate_folder.clone() };
        let tls = tls(&authorities).map_err(|_unsupported| InvalidNetwork::Tls)?;
        Ok(Self { proxy: proxy.transpose()?, tls, prefer_ipv4: *prefer_ipv4 })
    }

    /// A client for this server. It takes no setting from the process's environment.
    pub fn client(&self, server: &Url) -> ClientBuilder {
        let builder = reqwest::Client::builder().use_preconfigured_tls(self.tls.clone());
        let builder = match &self.proxy {
            Some(InUse { proxy, .. }) if server.scheme() == "https" => builder.proxy(proxy.clone()),
            // An unencrypted server is local. A proxy could not reach it, and must not see a secret that is sent there.
            Some(_) | None => builder.no_proxy(),
        };
        if self.prefer_ipv4 { builder.dns_resolver(Arc::new(Ipv4First(System))) } else { builder }
    }

    /// The failure that a setting causes or mends, if this error is one.
    pub fn failure(&self, error: &reqwest::Error) -> Option<NetworkFailure> {
        let (setting, always) = match &self.proxy {
            Some(InUse { setting, always, .. }) => (Some(*setting), *always),
            None => (None, false),
        };
        failure::of(error, setting, always)
    }
}
