//! Counts calls to Telegram in the metrics.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::{
    adapters::telegram::{CallObserver, CallOutcome, Client},
    app::clock::SharedClock,
    telemetry::{self, Label as _, Method, Metrics, events, timestamp},
};
use domain::Millis;

/// Counts every call, and compares Telegram's clock with the desk's.
#[derive(Debug)]
pub(in crate::app) struct CallMetrics {
    metrics: Metrics,
    clock: Arc<SharedClock>,
    methods: HashMap<&'static str, Method>,
}

impl CallMetrics {
    pub(in crate::app) fn new(metrics: Metrics, clock: Arc<SharedClock>) -> Self {
        let methods = Client::methods().iter().map(|name| (*name, method_label(name))).collect();
        Self { metrics, clock, methods }
    }
}

impl CallObserver for CallMetrics {
    fn begun(&self) {
        self.metrics.telegram.in_flight.increment(1.0);
    }

    fn over(&self) {
        self.metrics.telegram.in_flight.decrement(1.0);
    }

    fn dated(&self, date: Millis, took: Duration) {
        let ahead = self.clock.dated(date, took);
        self.metrics.telegram.clock_skew.set(timestamp(ahead));
    }

    fn called(&self, method: &'static str, outcome: CallOutcome, took: Duration) {
        let method = self.methods.get(method).copied().unwrap_or(Method::Other);
        let at = timestamp(self.clock.own.now().0);
        events::telegram_called(&self.metrics, method, outcome_label(outcome), took, at);
    }
}

/// The metrics' label of a method: its name in snake case.
fn method_label(name: &str) -> Method {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    Method::ALL.iter().copied().find(|method| method.as_str() == snake).unwrap_or(Method::Other)
}

fn outcome_label(outcome: CallOutcome) -> telemetry::CallOutcome {
    match outcome {
        CallOutcome::Ok => telemetry::CallOutcome::Ok,
        CallOutcome::BadRequest => telemetry::CallOutcome::BadRequest,
        CallOutcome::Forbidden => telemetry::CallOutcome::Forbidden,
        CallOutcome::Conflict => telemetry::CallOutcome::Conflict,
        CallOutcome::Unauthorized => telemetry::CallOutcome::Unauthorized,
        CallOutcome::Flood => telemetry::CallOutcome::Flood,
        CallOutcome::ServerError => telemetry::CallOutcome::ServerError,
        CallOutcome::Timeout => telemetry::CallOutcome::Timeout,
        CallOutcome::Network => telemetry::CallOutcome::Network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_of_the_catalogue_has_its_label() {
        assert_eq!(method_label("copyMessage"), Method::CopyMessage);
        assert_eq!(method_label("getUpdates"), Method::GetUpdates);
        assert_eq!(method_label("getFile"), Method::Other);
    }
}
