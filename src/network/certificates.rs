//! The certificate authorities that are trusted: built-in ones, the system's, and those that the settings name.

use std::{path::Path, sync::LazyLock};

use rustls::RootCertStore;

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

/// The trusted authorities: the common ones, and all in this file and in the files of this folder. What is no
/// certificate is passed over.
pub(super) fn trusted(file: Option<&Path>, folder: Option<&Path>) -> RootCertStore {
    let mut roots = COMMON.clone();
    roots.add_parsable_certificates(rustls_native_certs::load_certs_from_paths(file, folder).certs);
    roots
}
