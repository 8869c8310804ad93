//! The progress of newsletters, which the processes of one store share.

use domain::{NewsletterId, Partition, PartitionSet, Progress, SendOrRecall};
use ports::{Store, StoreError};

/// The progress of a newsletter in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PartitionProgress {
    /// Whether nothing is left to do in the partition.
    pub done: bool,
    pub tally: Progress,
}

/// The progress of a newsletter in all partitions that were published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine) struct Whole {
    /// The partitions that are done.
    pub done: PartitionSet,
    /// The partitions that were counted once.
    pub known: PartitionSet,
    /// The sum over the partitions.
    pub tally: Progress,
}

/// Publishes the progress of partitions.
pub(super) async fn write(
    store: &dyn Store,
    newsletter: NewsletterId,
    round: SendOrRecall,
    places: Vec<(Partition, PartitionProgress)>,
) -> Result<(), StoreError> {
    let text = |(partition, place): (Partition, PartitionProgress)| {
        (partition, format!("{} {}", u8::from(place.done), place.tally.written()))
    };
    store.publish(&name(newsletter, round), places.into_iter().map(text).collect()).await
}

/// Reads the progress that all processes published.
pub(in crate::engine) async fn read(
    store: &dyn Store,
    newsletter: NewsletterId,
    round: SendOrRecall,
) -> Result<Whole, StoreError> {
    let shown = store.published(&name(newsletter, round)).await?;
    Ok(shown.iter().fold(Whole::default(), |whole, (partition, text)| {
        let place = text.split_once(' ').and_then(|(done, tally)| {
            Some(PartitionProgress { done: done == "1", tally: Progress::read(tally)? })
        });
        // A format of a later release is unknown to this one.
        let Some(PartitionProgress { done, tally }) = place else { return whole };
        Whole {
            done: if done { whole.done.with(*partition) } else { whole.done },
            known: whole.known.with(*partition),
            tally: whole.tally.and(tally),
        }
    }))
}

fn name(newsletter: NewsletterId, round: SendOrRecall) -> String {
    let round = match round {
        SendOrRecall::Out => "out",
        SendOrRecall::Back => "back",
    };
    format!("newsletter:{newsletter}:{round}")
}
