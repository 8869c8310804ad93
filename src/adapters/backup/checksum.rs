//! Compares two stores: the number of records of each kind, and a checksum over all of them.

use sha2::{Digest as _, Sha256};

use crate::adapters::codec::CodecError;
use domain::PARTITIONS;
use ports::{Facts, Record, RecordCounts, Snapshot};

use super::records;

/// Counts and checksum of all records, independent of their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checksum {
    /// The number of records of each kind.
    pub tally: RecordCounts,
    sum: [u64; 4],
}

/// The error of summing up a store.
#[derive(Debug, thiserror::Error)]
pub enum ChecksumError<E> {
    /// The store cannot be read.
    #[error(transparent)]
    Read(E),
    /// A record makes no sense.
    #[error("{0}")]
    Record(CodecError),
}

impl Checksum {
    /// Reads a whole snapshot. Numbers without a partition count as the numbers that they get when they are restored.
    /// The next number does not count: a restored store may begin above it.
    pub async fn of<S: Snapshot + ?Sized>(from: &mut S) -> Result<Self, ChecksumError<S::Error>> {
        let mut sum = Self::default();
        let mut facts: Option<Facts> = None;
        loop {
            let page = from.page().await.map_err(ChecksumError::Read)?;
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
                    facts.next = domain::Seq(PARTITIONS);
                }
                sum.add(&record).map_err(ChecksumError::Record)?;
            }
        }
    }

    fn add(&mut self, record: &Record) -> Result<(), CodecError> {
        self.tally.count(record);
        let line = records::write(&records::of(record)?)?;
        let digest = Sha256::digest(&line);
        for (sum, bytes) in self.sum.iter_mut().zip(digest.chunks_exact(8)) {
            let part = bytes.try_into().map_or(0, u64::from_be_bytes);
            *sum = sum.wrapping_add(part);
        }
        Ok(())
    }
}
