//! A write request: a write and its caller. It runs in a shared transaction and is answered after it.

use tokio::sync::oneshot;

use crate::adapters::{
    cache::Entries,
    sqlite::{errors::SqlError, tables::transaction::Transaction},
};
use ports::StoreError;

/// A write that shares its transaction with others.
pub(crate) trait Write: Send + 'static {
    /// The result, before the transaction is committed.
    type Done: Send;
    /// What the caller gets.
    type Answer: Send;

    /// Writes. May run again after a rollback.
    fn run(&self, transaction: &mut Transaction<'_>) -> Result<Self::Done, SqlError>;

    /// Updates the cache from the committed write.
    fn publish(&mut self, done: &Self::Done, cache: &mut Entries);

    /// The caller's answer for the committed write.
    fn answer(self, done: Self::Done) -> Self::Answer;
}

/// A write and its caller, whatever the write's type.
pub(crate) trait WriteRequest: Send {
    /// Writes, and keeps the result. May run again after a rollback.
    fn run(&mut self, transaction: &mut Transaction<'_>) -> Result<(), SqlError>;

    /// Updates the cache from the committed write.
    fn publish(&mut self, cache: &mut Entries);

    /// Answers the caller with the result of the last run. The answer of a cancelled caller is discarded.
    fn answer(self: Box<Self>);

    /// Reports an error to the caller: the write did not happen.
    fn fail(self: Box<Self>, error: StoreError);
}

/// The channel for a caller's answer.
pub(crate) type Caller<T> = oneshot::Sender<Result<T, StoreError>>;

/// Pairs a write with its caller.
pub(crate) fn request<W: Write>(write: W, caller: Caller<W::Answer>) -> Box<dyn WriteRequest> {
    Box::new(Pending { write, result: Err(StoreError::Closed), caller })
}

struct Pending<W: Write> {
    write: W,
    /// The result of the last run. A write that never ran met a closed store.
    result: Result<W::Done, StoreError>,
    caller: Caller<W::Answer>,
}

impl<W: Write> WriteRequest for Pending<W> {
    fn run(&mut self, transaction: &mut Transaction<'_>) -> Result<(), SqlError> {
        self.result = Ok(self.write.run(transaction)?);
        Ok(())
    }

    fn publish(&mut self, cache: &mut Entries) {
        if let Ok(done) = &self.result {
            self.write.publish(done, cache);
        }
    }

    fn answer(self: Box<Self>) {
        let Self { write, result, caller } = *self;
        let _cancelled = caller.send(result.map(|done| write.answer(done)));
    }

    fn fail(self: Box<Self>, error: StoreError) {
        let _cancelled = self.caller.send(Err(error));
    }
}

/// A write that the cache does not depend on, from a function.
pub(crate) struct Uncached<F>(pub F);

impl<F, T> Write for Uncached<F>
where
    F: Fn(&mut Transaction<'_>) -> Result<T, SqlError> + Send + 'static,
    T: Send,
{
    type Done = T;
    type Answer = T;

    fn run(&self, transaction: &mut Transaction<'_>) -> Result<T, SqlError> {
        (self.0)(transaction)
    }

    fn publish(&mut self, _done: &T, _cache: &mut Entries) {}

    fn answer(self, done: T) -> T {
        done
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use rusqlite::Connection;

    use super::*;
    use crate::adapters::sqlite::{
        file::schema,
        tables::{numbers::Numbers, transaction},
    };

    /// A request whose runs count, and its caller's end.
    fn counting() -> (Box<dyn WriteRequest>, oneshot::Receiver<Result<u32, StoreError>>) {
        let runs = Cell::new(0);
        let (caller, answered) = oneshot::channel();
        let write = move |_: &mut Transaction<'_>| {
            runs.set(runs.get() + 1);
            Ok(runs.get())
        };
        (request(Uncached(write), caller), answered)
    }

    fn run(request: &mut Box<dyn WriteRequest>) {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let mut numbers = Numbers::load(&connection).unwrap();
        transaction::run(&connection, &mut numbers, |transaction| request.run(transaction))
            .unwrap();
    }

    #[test]
    fn the_caller_gets_the_result_of_the_last_run() {
        let (mut request, mut answered) = counting();
        run(&mut request);
        run(&mut request);
        request.answer();
        assert_eq!(answered.try_recv().unwrap(), Ok(2));
    }

    #[test]
    fn a_result_that_was_rolled_back_is_never_answered() {
        let (mut request, mut answered) = counting();
        run(&mut request);
        request.fail(StoreError::Busy(String::new()));
        assert_eq!(answered.try_recv().unwrap(), Err(StoreError::Busy(String::new())));
    }

    #[test]
    fn every_caller_is_answered_even_if_its_write_never_ran() {
        let (request, mut answered) = counting();
        request.answer();
        assert_eq!(answered.try_recv().unwrap(), Err(StoreError::Closed));
    }
}
