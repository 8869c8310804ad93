//! Metrics of the durable queues, dead letters and deliveries.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::END_TO_END,
    registry::{
        families::{Family, Registrar},
        labels::{
            Arrival, DeadReason, Delivery, Direction, LossReason, Processed, Queue, QueueState,
        },
    },
};

/// Metrics of the durable queues, dead letters and deliveries.
#[derive(Debug)]
pub struct QueueMetrics {
    /// Number of items by state.
    pub depth: Family<Gauge, (Queue, QueueState)>,
    /// When the oldest item that is due was added.
    pub oldest_timestamp: Family<Gauge, Queue>,
    /// Messages that are late while they wait.
    pub late: Gauge,
    /// Late messages that left the outbox without being delivered or failing.
    pub late_dropped: Counter,
    /// Lanes of the outbox that wait for users who write faster than the rate.
    pub held_lanes: Gauge,
    /// Sends in these lanes.
    pub held_sends: Gauge,
    /// Items added.
    pub enqueued: Family<Counter, Queue>,
    /// Attempts by outcome.
    pub processed: Family<Counter, (Queue, Processed)>,
    /// Time from the receipt of an update until an item is done.
    pub wait: Family<Histogram, Queue>,
    /// Number of dead letters.
    pub dead_letters: Family<Gauge, Queue>,
    /// Items that became dead letters; count through `events::dead_lettered`.
    pub(in crate::telemetry) dead_lettered: Family<Counter, (Queue, DeadReason)>,
    /// Delivery time of messages.
    pub delivery_duration: Family<Histogram, (Direction, Arrival)>,
    /// The desk's own part of the delivery time; recorded together with it.
    pub(in crate::telemetry) delivery_own_duration: Family<Histogram, (Direction, Arrival)>,
    /// Messages that were delivered or failed.
    pub deliveries: Family<Counter, (Direction, Delivery)>,
    /// Messages that the store lost; count through `events::messages_lost`.
    pub(in crate::telemetry) lost: Family<Counter, LossReason>,
}

impl QueueMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            depth: r.gauges(
                "supportbot_queue_depth",
                "Items in a queue: ready, delayed, or in flight.",
            ),
            oldest_timestamp: r.gauges(
                "supportbot_queue_oldest_enqueued_timestamp_seconds",
                "When the oldest item that is due was added to the queue; 0 if none is due. Names, cards and pins do not count.",
            ),
            late: r.gauge(
                "supportbot_late_messages",
                "Messages that wait in the outbox and have taken the desk more than 5 seconds so far, without the time that Telegram's rate limits held them back. Only those in memory count: at most 8,000, and 10 of a conversation that was found in the store.",
            ),
            late_dropped: r.counter(
                "supportbot_late_messages_dropped_total",
                "Messages that were late and then needed no delivery: their user blocked the bot or was banned, or operators dropped them.",
            ),
            held_lanes: r.gauge(
                "supportbot_flood_held_lanes",
                "Users whose messages are held until they pause, because they write faster than FLOOD.",
            ),
            held_sends: r.gauge(
                "supportbot_flood_held_sends",
                "Sends that are held for these users. supportbot_queue_depth counts them as delayed.",
            ),
            enqueued: r.counters("supportbot_queue_enqueued_total", "Items added to a queue."),
            processed: r.counters(
                "supportbot_queue_processed_total",
                "Attempts to process items of a queue, by outcome.",
            ),
            wait: r.histograms(
                "supportbot_queue_wait_seconds",
                END_TO_END,
                "Time from the receipt of an update until an item that it caused was finished, by queue.",
            ),
            dead_letters: r.gauges(
                "supportbot_dead_letters",
                "Dead letters that wait to be replayed or dropped.",
            ),
            dead_lettered: r.counters(
                "supportbot_dead_lettered_total",
                "Items that were given up and kept as dead letters, by reason.",
            ),
            delivery_duration: r.histograms(
                "supportbot_delivery_duration_seconds",
                END_TO_END,
                "Time until Telegram accepted the copy of a message, or until the message was given up; from its receipt, or from Telegram's date if that is more than 2 seconds earlier.",
            ),
            delivery_own_duration: r.histograms(
                "supportbot_delivery_own_duration_seconds",
                END_TO_END,
                "As supportbot_delivery_duration_seconds, without the time that Telegram's rate limits held the message back (full buckets, retry_after). Outages of Telegram are included.",
            ),
            deliveries: r.counters(
                "supportbot_deliveries_total",
                "Messages that were delivered or have failed, by direction and outcome.",
            ),
            lost: r.counters(
                "supportbot_messages_lost_total",
                "Updates and sends that the store had confirmed and has lost. Detected are items that waited in this process when Redis lost its data, and sends that a lane counts but does not hold. Other losses are not detected.",
            ),
        }
    }
}
