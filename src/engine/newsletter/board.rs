//! How far newsletters are, as the processes of one store show each other.

use domain::{NewsletterId, Round, Shard, Shards, Tally};
use ports::{Store, StoreError};

/// How far a newsletter is in one part of the conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// Nothing is to be done there any more.
    pub done: bool,
    pub tally: Tally,
}

/// How far a newsletter is in all parts that somebody has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine) struct Whole {
    /// The parts that are done.
    pub done: Shards,
    /// The parts that were gone through once.
    pub known: Shards,
    /// The sum of all.
    pub tally: Tally,
}

/// Shows these places to all.
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

/// What all show.
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
        // What a later release shows otherwise is not known to this one.
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
