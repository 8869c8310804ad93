//! The progress of newsletters, which the processes of one store share.

use domain::{NewsletterId, Round, Shard, Shards, Tally};
use ports::{Store, StoreError};

/// The progress of a newsletter in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// Whether nothing is left to do in the partition.
    pub done: bool,
    pub tally: Tally,
}

/// The progress of a newsletter in all partitions that were published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine) struct Whole {
    /// The partitions that are done.
    pub done: Shards,
    /// The partitions that were counted once.
    pub known: Shards,
    /// The sum over the partitions.
    pub tally: Tally,
}

/// Publishes the progress of partitions.
pub(super) async fn write<S: Store>(
    store: &S,
    newsletter: NewsletterId,
    round: Round,
    places: Vec<(Shard, Place)>,
) -> Result<(), StoreError> {
    let text = |(shard, place): (Shard, Place)| {
        (shard, format!("{} {}", u8::from(place.done), place.tally.written()))
    };
    store.show(&name(newsletter, round), places.into_iter().map(text).collect()).await
}

/// Reads the progress that all processes published.
pub(in crate::engine) async fn read<S: Store>(
    store: &S,
    newsletter: NewsletterId,
    round: Round,
) -> Result<Whole, StoreError> {
    let shown = store.shown(&name(newsletter, round)).await?;
    Ok(shown.iter().fold(Whole::default(), |whole, (shard, text)| {
        let place = text.split_once(' ').and_then(|(done, tally)| {
            Some(Place { done: done == "1", tally: Tally::read(tally)? })
        });
        // A format of a later release is unknown to this one.
        let Some(Place { done, tally }) = place else { return whole };
        Whole {
            done: if done { whole.done.with(*shard) } else { whole.done },
            known: whole.known.with(*shard),
            tally: whole.tally.and(tally),
        }
    }))
}

fn name(newsletter: NewsletterId, round: Round) -> String {
    let round = match round {
        Round::Out => "out",
        Round::Back => "back",
    };
    format!("newsletter:{newsletter}:{round}")
}
