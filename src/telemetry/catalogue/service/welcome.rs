//! Metrics of the welcome and its questions.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use metrics::Counter;
use metrics_exporter_prometheus::PrometheusRecorder;

use crate::telemetry::registry::{
    families::{Family, Registrar},
    labels::Ended,
};

const ANSWERS: &str = "supportbot_welcome_answers_total";

/// Metrics of the welcome and its questions.
#[derive(Debug)]
pub struct WelcomeMetrics {
    /// Ended welcomes, by how they ended.
    pub ended: Family<Counter, Ended>,
    /// Answers to questions.
    pub answers: Answers,
}

/// The counters of answers. The owner's file defines them, so they are registered after it was read.
#[derive(Debug, Default)]
pub struct Answers(RwLock<BTreeMap<(usize, usize), Counter>>);

impl WelcomeMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        r.open_counters(
            ANSWERS,
            "Answers to questions of the welcome, by their keys in the file.",
            &["question", "answer"],
        );
        Self {
            ended: r.counters(
                "supportbot_welcome_runs_ended_total",
                "Runs of the welcome that have ended, by outcome.",
            ),
            answers: Answers::default(),
        }
    }
}

impl Answers {
    /// Counts an answer: the position of the question, and the index of its button.
    pub fn count(&self, question: usize, answer: usize) {
        let counters = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = counters.get(&(question, answer)) {
            counter.increment(1);
        }
    }

    /// Creates every series with the value 0. `all` has the position and key of each question, with the keys of its
    /// answers.
    pub(in crate::telemetry) fn expect<'a>(
        &self,
        recorder: &PrometheusRecorder,
        all: impl Iterator<Item = (usize, &'a str, Vec<&'a str>)>,
    ) {
        let registrar = Registrar::on(recorder);
        let mut counters = BTreeMap::new();
        for (place, question, answers) in all {
            for (at, answer) in answers.into_iter().enumerate() {
                let labels = [("question", question), ("answer", answer)];
                counters.insert((place, at), registrar.open_counter(ANSWERS, labels));
            }
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = counters;
    }
}
