//! The replies of the write script, one for each operation.

use fred::types::Value;

use domain::{Seq, UserId};
use ports::{Arrival, Commit, Committed, InboxItem, OutboxItem, StoreError, Taken, Written};

use crate::adapters::redis::{
    errors::corrupt,
    script::{
        answers::{Answer, list, text},
        encoding,
    },
};

/// The result of one operation of the write script.
#[derive(Debug)]
pub(in crate::adapters::redis) enum Reply {
    Known,
    Waits(Seq),
    /// Stored undecided for the holder of the partition; or not written, because another process holds it.
    Elsewhere,
    Stale,
    /// The update was decided before: this is a repeated call.
    Repeated,
    Done(PartWritten),
}

/// The records that the script wrote, in one partition or in all.
#[derive(Debug, Default)]
pub(in crate::adapters::redis) struct PartWritten {
    /// Numbers of the queued sends, in the order of the partition's part.
    pub queued: Vec<Seq>,
    /// Sends put back from dead letters, in the order of the partition's part.
    pub put_back: Vec<OutboxItem>,
    pub reopened: Vec<InboxItem>,
    /// Another process wrote some of it before, with another decision: the stored state must be read again.
    pub partly_repeated: bool,
}

/// Reads the replies, one for each operation.
pub(super) fn read_replies(value: Value) -> Result<Vec<Reply>, StoreError> {
    list(value)?.into_iter().map(read_reply).collect()
}

fn read_reply(value: Value) -> Result<Reply, StoreError> {
    let mut fields = Answer::of(value)?;
    Ok(match fields.text()?.as_str() {
        "K" => Reply::Known,
        "W" => Reply::Waits(Seq(fields.number()?)),
        "E" => Reply::Elsewhere,
        "S" => Reply::Stale,
        "R" => Reply::Repeated,
        "D" => {
            let queued = list(fields.field()?)?.into_iter().map(seq).collect::<Result<_, _>>()?;
            let mut written = PartWritten { queued, ..PartWritten::default() };
            let mut back = list(fields.field()?)?.into_iter();
            while let (Some(kind), Some(number), Some(body)) =
                (back.next(), back.next(), back.next())
            {
                let (seq, body) = (seq(number)?, text(body)?);
                if text(kind)? == "s" {
                    written.put_back.push(encoding::read_send(seq, &body)?);
                } else {
                    let item = encoding::read_update(seq, &body)?;
                    written.reopened.push(InboxItem { attempts: 0, ..item });
                }
            }
            Reply::Done(written)
        }
        _ => return Err(corrupt("unknown answer of a script")),
    })
}

fn seq(value: Value) -> Result<Seq, StoreError> {
    encoding::number(&text(value)?).map(Seq)
}

impl PartWritten {
    /// The sends and updates that a commit within one partition has queued and put back.
    fn into_written(self, commit: &Commit) -> Written {
        let queued = self.queued.into_iter().zip(&commit.queued);
        let queued = queued.map(|(seq, queued)| OutboxItem { seq, queued: queued.clone() });
        Written { queued: queued.chain(self.put_back).collect(), reopened: self.reopened }
    }
}

impl Reply {
    /// Converts the reply to a commit.
    pub(in crate::adapters::redis) fn into_committed(
        self,
        commit: &Commit,
    ) -> Result<Committed, StoreError> {
        match self {
            Self::Stale => Ok(Committed::Stale),
            Self::Elsewhere => Ok(Committed::Elsewhere),
            Self::Repeated => Ok(Committed::Done(Written::default())),
            Self::Done(written) => Ok(Committed::Done(written.into_written(commit))),
            Self::Known | Self::Waits(_) => Err(corrupt("a script answered a commit as an update")),
        }
    }

    /// Converts the reply to an arrival.
    pub(in crate::adapters::redis) fn into_taken(self, arrival: Arrival) -> Taken {
        let Arrival { update, received, commit } = arrival;
        match self {
            Self::Known | Self::Stale | Self::Repeated => Taken::Known,
            Self::Waits(seq) => Taken::Waits(InboxItem { seq, update, received, attempts: 0 }),
            Self::Elsewhere => Taken::Elsewhere,
            Self::Done(written) => {
                Taken::Decided(written.into_written(&commit.unwrap_or_default()))
            }
        }
    }
}

/// The users of a commit, if its reply is `Stale`; otherwise none.
pub(super) fn stale_users(commit: &Commit, reply: &Reply) -> Vec<UserId> {
    if matches!(reply, Reply::Stale) { commit.users().collect() } else { Vec::new() }
}
