//! Metric families: handles for every combination of labels, created once.
//!
//! Invariant: every series exists from the start, and a lookup does not hash: a family is an array
//! indexed by its labels.

use std::{fmt, marker::PhantomData};

use metrics::{Counter, Gauge, Histogram, Key, Label as KeyLabel, Level, Metadata, Recorder};
use metrics_exporter_prometheus::PrometheusRecorder;

use crate::telemetry::registry::label::Label;

/// The type of a metric, with the buckets of a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A whole number that only grows.
    Counter,
    /// A fractional number that only grows. It is recorded as a gauge, because the exporter's counters are
    /// whole numbers, and exposed as a counter.
    FractionalCounter,
    /// A number that goes up and down.
    Gauge,
    /// Counts observations up to each bound.
    Histogram(&'static [f64]),
}

/// One metric of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// The full name, with unit and suffix.
    pub name: &'static str,
    /// The type of the metric.
    pub kind: Kind,
    /// Its meaning, in one sentence.
    pub help: &'static str,
    /// The labels and all their values. The values are empty if the welcome file defines them.
    pub labels: Vec<(&'static str, Vec<&'static str>)>,
}

/// A combination of closed labels.
pub trait Labels: Copy + 'static {
    /// The number of combinations.
    const COUNT: usize;

    /// The position of this combination among all.
    fn index(self) -> usize;

    /// The names and all values of the labels.
    fn describe() -> Vec<(&'static str, Vec<&'static str>)>;

    /// Every combination as pairs of name and value, in the order of [`Labels::index`].
    fn all() -> Vec<Vec<(&'static str, &'static str)>>;
}

fn described<A: Label>() -> (&'static str, Vec<&'static str>) {
    (A::NAME, A::ALL.iter().map(|value| value.as_str()).collect())
}

impl<A: Label> Labels for A {
    const COUNT: usize = A::ALL.len();

    fn index(self) -> usize {
        Label::index(self)
    }

    fn describe() -> Vec<(&'static str, Vec<&'static str>)> {
        vec![described::<A>()]
    }

    fn all() -> Vec<Vec<(&'static str, &'static str)>> {
        A::ALL.iter().map(|a| vec![(A::NAME, a.as_str())]).collect()
    }
}

impl<A: Label, B: Label> Labels for (A, B) {
    const COUNT: usize = A::ALL.len() * B::ALL.len();

    fn index(self) -> usize {
        self.0.index() * B::ALL.len() + self.1.index()
    }

    fn describe() -> Vec<(&'static str, Vec<&'static str>)> {
        vec![described::<A>(), described::<B>()]
    }

    fn all() -> Vec<Vec<(&'static str, &'static str)>> {
        let pair = |a: A, b: B| vec![(A::NAME, a.as_str()), (B::NAME, b.as_str())];
        A::ALL.iter().flat_map(|a| B::ALL.iter().map(move |b| pair(*a, *b))).collect()
    }
}

/// The handles of one metric: one per combination of its labels.
pub struct Family<H, L> {
    handles: Box<[H]>,
    labels: PhantomData<fn(L)>,
}

impl<H, L: Labels> Family<H, L> {
    /// A default handle for every combination.
    pub(in crate::telemetry) fn defaults() -> Self
    where
        H: Default,
    {
        family(|_pairs| H::default())
    }

    /// The handle for these labels.
    pub fn of(&self, labels: L) -> &H {
        &self.handles[labels.index()]
    }
}

impl<H, L> fmt::Debug for Family<H, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family").field("series", &self.handles.len()).finish_non_exhaustive()
    }
}

const METADATA: Metadata<'static> = Metadata::new("support_bot", Level::INFO, None);

/// Creates handles on a recorder, and records what it created: the catalogue.
///
/// Without a recorder the handles do nothing: that pass collects the buckets before a recorder exists.
#[derive(Debug, Default)]
pub(in crate::telemetry) struct Registrar<'a> {
    recorder: Option<&'a PrometheusRecorder>,
    pub(in crate::telemetry) metrics: Vec<Metric>,
}

type Pairs = Vec<(&'static str, &'static str)>;

impl<'a> Registrar<'a> {
    pub(in crate::telemetry) fn on(recorder: &'a PrometheusRecorder) -> Self {
        Self { recorder: Some(recorder), metrics: Vec::new() }
    }

    pub(in crate::telemetry) fn counter(
        &mut self,
        name: &'static str,
        help: &'static str,
    ) -> Counter {
        self.insert(Metric { name, kind: Kind::Counter, help, labels: Vec::new() });
        self.new_counter(name, Pairs::new())
    }

    pub(in crate::telemetry) fn counters<L: Labels>(
        &mut self,
        name: &'static str,
        help: &'static str,
    ) -> Family<Counter, L> {
        self.insert(Metric { name, kind: Kind::Counter, help, labels: L::describe() });
        family(|pairs| self.new_counter(name, pairs))
    }

    /// Registers a counter whose label values are read from a file at startup. The file bounds their number.
    pub(in crate::telemetry) fn open_counters(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[&'static str],
    ) {
        let labels = labels.iter().map(|label| (*label, Vec::new())).collect();
        self.insert(Metric { name, kind: Kind::Counter, help, labels });
    }

    /// Creates one series of a counter whose label values are read from a file.
    pub(in crate::telemetry) fn open_counter<const N: usize>(
        &self,
        name: &'static str,
        labels: [(&'static str, &str); N],
    ) -> Counter {
        let labels = labels.map(|(label, value)| KeyLabel::new(label, value.to_owned()));
        let key = Key::from_parts(name, labels.to_vec());
        let register = |recorder: &PrometheusRecorder| recorder.register_counter(&key, &METADATA);
        self.recorder.map_or_else(Counter::noop, register)
    }

    pub(in crate::telemetry) fn gauge(&mut self, name: &'static str, help: &'static str) -> Gauge {
        self.insert(Metric { name, kind: Kind::Gauge, help, labels: Vec::new() });
        self.new_gauge(name, Pairs::new())
    }

    pub(in crate::telemetry) fn fractional_counter(
        &mut self,
        name: &'static str,
        help: &'static str,
    ) -> Gauge {
        self.insert(Metric { name, kind: Kind::FractionalCounter, help, labels: Vec::new() });
        self.new_gauge(name, Pairs::new())
    }

    pub(in crate::telemetry) fn gauges<L: Labels>(
        &mut self,
        name: &'static str,
        help: &'static str,
    ) -> Family<Gauge, L> {
        self.insert(Metric { name, kind: Kind::Gauge, help, labels: L::describe() });
        family(|pairs| self.new_gauge(name, pairs))
    }

    /// Creates a gauge that is always 1 and carries information in its labels.
    pub(in crate::telemetry) fn info(
        &mut self,
        name: &'static str,
        help: &'static str,
        pairs: &[(&'static str, &'static str)],
    ) -> Gauge {
        let labels = pairs.iter().map(|(label, value)| (*label, vec![*value])).collect();
        self.insert(Metric { name, kind: Kind::Gauge, help, labels });
        let gauge = self.new_gauge(name, pairs.to_vec());
        gauge.set(1.0);
        gauge
    }

    pub(in crate::telemetry) fn histogram(
        &mut self,
        name: &'static str,
        buckets: &'static [f64],
        help: &'static str,
    ) -> Histogram {
        self.insert(Metric { name, kind: Kind::Histogram(buckets), help, labels: Vec::new() });
        self.new_histogram(name, Pairs::new())
    }

    pub(in crate::telemetry) fn histograms<L: Labels>(
        &mut self,
        name: &'static str,
        buckets: &'static [f64],
        help: &'static str,
    ) -> Family<Histogram, L> {
        self.insert(Metric { name, kind: Kind::Histogram(buckets), help, labels: L::describe() });
        family(|pairs| self.new_histogram(name, pairs))
    }

    fn insert(&mut self, metric: Metric) {
        if let Some(recorder) = self.recorder {
            let (name, help) = (metric.name.into(), metric.help.into());
            match metric.kind {
                Kind::Counter => recorder.describe_counter(name, None, help),
                Kind::Gauge | Kind::FractionalCounter => recorder.describe_gauge(name, None, help),
                Kind::Histogram(_) => recorder.describe_histogram(name, None, help),
            }
        }
        self.metrics.push(metric);
    }

    fn new_counter(&self, name: &'static str, pairs: Pairs) -> Counter {
        let register =
            |recorder: &PrometheusRecorder| recorder.register_counter(&key(name, pairs), &METADATA);
        self.recorder.map_or_else(Counter::noop, register)
    }

    fn new_gauge(&self, name: &'static str, pairs: Pairs) -> Gauge {
        let register =
            |recorder: &PrometheusRecorder| recorder.register_gauge(&key(name, pairs), &METADATA);
        self.recorder.map_or_else(Gauge::noop, register)
    }

    fn new_histogram(&self, name: &'static str, pairs: Pairs) -> Histogram {
        let register = |recorder: &PrometheusRecorder| {
            recorder.register_histogram(&key(name, pairs), &METADATA)
        };
        self.recorder.map_or_else(Histogram::noop, register)
    }
}

fn family<H, L: Labels>(create: impl FnMut(Pairs) -> H) -> Family<H, L> {
    Family { handles: L::all().into_iter().map(create).collect(), labels: PhantomData }
}

fn key(name: &'static str, pairs: Pairs) -> Key {
    let labels = pairs.into_iter().map(|(label, value)| KeyLabel::from_static_parts(label, value));
    Key::from_parts(name, labels.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::registry::labels::{Queue, QueueState};

    #[test]
    fn a_pair_of_labels_is_found_where_it_was_registered() {
        let all = <(Queue, QueueState) as Labels>::all();
        assert_eq!(all.len(), <(Queue, QueueState)>::COUNT);
        for queue in Queue::ALL {
            for state in QueueState::ALL {
                let expected = vec![("queue", queue.as_str()), ("state", state.as_str())];
                assert_eq!(all[(*queue, *state).index()], expected);
            }
        }
    }
}
