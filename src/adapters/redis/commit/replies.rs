//! The answers of the write script.

use fred::types::Value;

use domain::{Seq, UserId};
use ports::{Arrival, Commit, Committed, InboxItem, OutboxItem, StoreError, Taken};

use crate::adapters::redis::{
    errors::corrupt,
    script::{
        arguments::{list, text},
        encoding,
    },
};

use super::commit_split;

/// The result of one operation of the write script.
#[derive(Debug)]
pub(in crate::adapters::redis) enum Answer {
    Known,
    Waits(Seq),
    /// Stored undecided for the holder of the partition; or not written, because another process holds it.
    Elsewhere,
    Stale,
    /// The update was decided before: this is a repeated call.
    Repeated,
    Done(Done),
}

/// The records that the script wrote.
#[derive(Debug, Default)]
pub(in crate::adapters::redis) struct Done {
    /// Numbers of the queued sends, in the order of the partition's part.
    pub queued: Vec<Seq>,
    /// Sends put back from dead letters, in the order of the partition's part.
    pub put_back: Vec<OutboxItem>,
    pub reopened: Vec<InboxItem>,
    /// Another process wrote some of it before, with another decision: the stored state must be read again.
    pub partly: bool,
}

/// Reads the answers, one for each operation.
pub(in crate::adapters::redis) fn answers(value: Value) -> Result<Vec<Answer>, StoreError> {
    list(value)?.into_iter().map(answer).collect()
}

fn answer(value: Value) -> Result<Answer, StoreError> {
    let mut fields = list(value)?.into_iter();
    let mut field = || fields.next().ok_or_else(|| corrupt("an answer of a script is cut off"));
    Ok(match text(field()?)?.as_str() {
        "K" => Answer::Known,
        "W" => Answer::Waits(seq(field()?)?),
        "E" => Answer::Elsewhere,
        "S" => Answer::Stale,
        "R" => Answer::Repeated,
        "D" => {
            let queued = list(field()?)?.into_iter().map(seq).collect::<Result<_, _>>()?;
            let mut done = Done { queued, ..Done::default() };
            let mut back = list(field()?)?.into_iter();
            while let (Some(kind), Some(number), Some(body)) =
                (back.next(), back.next(), back.next())
            {
                let (seq, body) = (seq(number)?, text(body)?);
                if text(kind)? == "s" {
                    done.put_back.push(encoding::read_send(seq, &body)?);
                } else {
                    let item = encoding::read_update(seq, &body)?;
                    done.reopened.push(InboxItem { attempts: 0, ..item });
                }
            }
            Answer::Done(done)
        }
        _ => return Err(corrupt("unknown answer of a script")),
    })
}

fn seq(value: Value) -> Result<Seq, StoreError> {
    encoding::number(&text(value)?).map(Seq)
}

impl Done {
    /// The sends and updates that a commit within one partition has queued and put back.
    fn outcome(self, commit: &Commit) -> (Vec<OutboxItem>, Vec<InboxItem>) {
        let queued = self.queued.into_iter().zip(&commit.queued);
        let queued = queued.map(|(seq, queued)| OutboxItem { seq, queued: queued.clone() });
        (queued.chain(self.put_back).collect(), self.reopened)
    }
}

impl Answer {
    /// Converts the answer to a commit.
    pub(in crate::adapters::redis) fn committed(
        self,
        commit: &Commit,
    ) -> Result<Committed, StoreError> {
        let (queued, reopened) = match self {
            Self::Stale => return Ok(Committed::Stale),
            Self::Elsewhere => return Ok(Committed::Elsewhere),
            Self::Repeated => (Vec::new(), Vec::new()),
            Self::Done(done) => done.outcome(commit),
            Self::Known | Self::Waits(_) => {
                return Err(corrupt("a script answered a commit as an update"));
            }
        };
        Ok(Committed::Done { queued, reopened })
    }

    /// Converts the answer to an arrival.
    pub(in crate::adapters::redis) fn taken(self, arrival: Arrival) -> Taken {
        let Arrival { update, received, commit } = arrival;
        match self {
            Self::Known | Self::Stale | Self::Repeated => Taken::Known,
            Self::Waits(seq) => Taken::Waits(InboxItem { seq, update, received, attempts: 0 }),
            Self::Elsewhere => Taken::Elsewhere,
            Self::Done(done) => {
                let (queued, reopened) = done.outcome(&commit.unwrap_or_default());
                Taken::Decided { queued, reopened }
            }
        }
    }
}

/// The users of a commit, if its answer is `Stale`; otherwise none.
pub(in crate::adapters::redis) fn stale_users(commit: &Commit, answer: &Answer) -> Vec<UserId> {
    if matches!(answer, Answer::Stale) { commit_split::users(commit).collect() } else { Vec::new() }
}
