//! Asking the store until it works: what must be written down is never given up.

use std::{future::Future, time::Duration};

use crate::{ports::StoreError, telemetry::Metrics};

use super::record;

/// Repeats a request to the store until it succeeds. Ends only with success, or by cancellation.
pub(super) async fn until_stored<T, F>(metrics: &Metrics, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut pause = Duration::from_millis(50);
    loop {
        match ask().await {
            Ok(answer) => {
                record::store_works(metrics);
                return answer;
            }
            Err(error) => {
                record::store_failed(metrics, &error);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
        }
    }
}
