//! `/metrics`, in Prometheus' text format, compressed for clients that accept gzip.

use std::io::Write as _;

use axum::{
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY},
    },
};
use flate2::{Compression, write::GzEncoder};

use super::state::OpsState;

/// Prometheus 3 refuses an answer whose content type it does not know.
const TEXT_FORMAT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");

pub(super) async fn metrics(State(state): State<OpsState>, asked: HeaderMap) -> (HeaderMap, Bytes) {
    let page = state.telemetry.render();
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, TEXT_FORMAT),
        (VARY, HeaderValue::from_static("accept-encoding")),
    ]);
    match takes_gzip(&asked).then(|| compressed(&page)).flatten() {
        Some(compressed) => {
            headers.insert(CONTENT_ENCODING, GZIP);
            (headers, compressed.into())
        }
        None => (headers, page.into()),
    }
}

/// Whether a client accepts gzip: it names gzip with a weight other than 0.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let values = asked.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().trim_start_matches("q=").trim_matches(['0', '.']).is_empty();
        name.trim().eq_ignore_ascii_case("gzip") && (weight.is_empty() || !refused)
    })
}

/// `None` if the page cannot be compressed; it is then sent as it is.
fn compressed(page: &str) -> Option<Vec<u8>> {
    // The page is the same text with other numbers each time: more effort hardly makes it smaller.
    let mut encoder = GzEncoder::new(Vec::with_capacity(page.len() / 8), Compression::fast());
    encoder.write_all(page.as_bytes()).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_by_whoever_names_it() {
        for (value, takes) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("br;q=1.0, gzip;q=1", true),
            ("gzip;q=0", false),
            ("gzip; q=0.00", false),
            ("identity", false),
            ("x-gzip-ish", false),
            ("", false),
        ] {
            let asked = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(takes_gzip(&asked), takes, "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
