//! What two stores must agree in: how many records there are of each kind, and a checksum over all of them.

use sha2::{Digest as _, Sha256};

use crate::adapters::codec::CodecError;
use domain::PARTS;
use ports::{Facts, Record, Snapshot, Tally};

use super::lines;

/// Counts and checksum of all records, whatever their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// How many there are.
    pub tally: Tally,
    sum: [u64; 4],
}

/// Why a store could not be summed up.
#[derive(Debug, thiserror::Error)]
pub enum SumError<E> {
    /// It cannot be read.
    #[error(transparent)]
    Read(E),
    /// A record makes no sense.
    #[error("{0}")]
    Record(CodecError),
}

impl Sum {
    /// Reads all of it. Numbers that name no part count as those that they get in a store where they do; the next to be
    /// given does not count, since a store may begin anew above it.
    pub async fn of<S: Snapshot>(from: &mut S) -> Result<Self, SumError<S::Error>> {
        let mut sum = Self::default();
        let mut facts: Option<Facts> = None;
        loop {
            let page = from.page().await.map_err(SumError::Read)?;
            if page.is_empty() {
                return Ok(sum);
            }
            for mut record in page {
                if let Record::Facts(found) = &record {
                    facts = Some(*found);
                }
                if let Some(facts) = &facts {
                    record = record.named(facts);
                }
                if let Record::Facts(facts) = &mut record {
                    facts.next = domain::Seq(PARTS);
                }
                sum.add(&record).map_err(SumError::Record)?;
            }
        }
    }

    fn add(&mut self, record: &Record) -> Result<(), CodecError> {
        self.tally.count(record);
        let line = lines::write(&lines::of(record)?)?;
        let digest = Sha256::digest(&line);
        for (sum, bytes) in self.sum.iter_mut().zip(digest.chunks_exact(8)) {
            let part = bytes.try_into().map_or(0, u64::from_be_bytes);
            *sum = sum.wrapping_add(part);
        }
        Ok(())
    }
}
