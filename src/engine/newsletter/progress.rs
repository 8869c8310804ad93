//! The progress of newsletters, which the processes of one store share.

use domain::{NewsletterId, Partition, PartitionSet, Progress, SendOrRecall};
use ports::{Store, StoreError};

/// The progress of a newsletter in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PartitionProgress {
    /// Whether nothing is left to do in the partition.
    pub done: bool,
    pub counts: Progress,
}

/// The progress of a newsletter in all partitions that were published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine) struct TotalProgress {
    /// The partitions that are done.
    pub done: PartitionSet,
    /// The partitions that were counted once.
    pub known: PartitionSet,
    /// The sum over the partitions.
    pub sum: Progress,
}

/// Publishes the progress of partitions.
pub(super) async fn write(
    store: &dyn Store,
    newsletter: NewsletterId,
    round: SendOrRecall,
    partitions: Vec<(Partition, PartitionProgress)>,
) -> Result<(), StoreError> {
    let text = |(partition, part): (Partition, PartitionProgress)| {
        (partition, format!("{} {}", u8::from(part.done), part.counts.written()))
    };
    store.publish(&name(newsletter, round), partitions.into_iter().map(text).collect()).await
}

/// Reads the progress that all processes published.
pub(in crate::engine) async fn read(
    store: &dyn Store,
    newsletter: NewsletterId,
    round: SendOrRecall,
) -> Result<TotalProgress, StoreError> {
    let published = store.published(&name(newsletter, round)).await?;
    Ok(published.iter().fold(TotalProgress::default(), |total, (partition, text)| {
        let part = text.split_once(' ').and_then(|(done, counts)| {
            Some(PartitionProgress { done: done == "1", counts: Progress::read(counts)? })
        });
        // A format of a later release is unknown to this one.
        let Some(PartitionProgress { done, counts }) = part else { return total };
        TotalProgress {
            done: if done { total.done.with(*partition) } else { total.done },
            known: total.known.with(*partition),
            sum: total.sum.and(counts),
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
