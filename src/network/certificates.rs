//! The certificate authorities that are trusted: built-in ones, the system's, and those that the settings name.

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use rustls::{ClientConfig, RootCertStore};

/// Authorities that are trusted besides the common ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authorities {
    /// A file of their certificates.
    pub file: Option<PathBuf>,
    /// A folder of such files.
    pub folder: Option<PathBuf>,
}

/// The built-in authorities and the system's. The image has no store of its own, so the built-in ones always count.
static COMMON: LazyLock<RootCertStore> = LazyLock::new(|| {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if openssl_probe::has_ssl_cert_env_vars() {
        // What these name was read instead of the system's store. It counts besides that.
        for folder in openssl_probe::candidate_cert_dirs() {
            let found = rustls_native_certs::load_certs_from_paths(None, Some(folder));
            roots.add_parsable_certificates(found.certs);
        }
    }
    roots
});

/// TLS for clients of whatever kind. Trusts the common authorities and these; what is no certificate is passed over.
/// Reads the files, and connects to nothing.
pub fn tls(authorities: &Authorities) -> Result<ClientConfig, rustls::Error> {
    let Authorities { file, folder } = authorities;
    let found = rustls_native_certs::load_certs_from_paths(file.as_deref(), folder.as_deref());
    let mut roots = COMMON.clone();
    roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
