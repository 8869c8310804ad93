//! Direct calls belong to no lane and are not stored. The caller gets the answer.
//!
//! Invariant: they obey Telegram's limits like every other call, and need no store: while the store that grants
//! slots of shared limits does not answer, a few of them go out without one.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::Instant,
};

use crate::engine::limits::{Bucket, Full, Pacer, Permit};
use domain::UserId;
use ports::{Call, Receipt, SendError};

use super::{Sending, TaskResult, dispatch::caught};

/// A call to a user's private chat.
#[derive(Debug)]
pub(super) struct DirectCall {
    user: UserId,
    call: Call,
    answer: oneshot::Sender<Result<Receipt, SendError>>,
}

/// A handle to request direct calls; cheap to clone.
#[derive(Debug, Clone)]
pub struct DirectCalls(mpsc::UnboundedSender<DirectCall>);

impl DirectCalls {
    /// Makes one call to this user's private chat as soon as the limits allow it. `None` if the sender has ended: the
    /// call may or may not have been made.
    pub async fn call(&self, user: UserId, call: Call) -> Option<Result<Receipt, SendError>> {
        let (answer, answered) = oneshot::channel();
        self.0.send(DirectCall { user, call, answer }).ok()?;
        answered.await.ok()
    }
}

/// The sender's queue of direct calls.
#[derive(Debug)]
pub(super) struct DirectCallQueue {
    handle: DirectCalls,
    pub(super) next: mpsc::UnboundedReceiver<DirectCall>,
    waiting: VecDeque<DirectCall>,
}

/// How a direct call has ended.
#[derive(Debug)]
pub(super) struct DirectCallResult {
    permit: Permit,
    user: UserId,
    at: Instant,
    /// Time for which Telegram throttles the chat.
    freeze: Option<Duration>,
}

impl Default for DirectCallQueue {
    fn default() -> Self {
        let (handle, next) = mpsc::unbounded_channel();
        Self { handle: DirectCalls(handle), next, waiting: VecDeque::new() }
    }
}

impl DirectCallQueue {
    pub(super) fn handle(&self) -> DirectCalls {
        self.handle.clone()
    }

    pub(super) fn add(&mut self, direct_call: DirectCall) {
        self.waiting.push_back(direct_call);
    }

    /// Starts the calls for which there are free slots. Returns when to look again.
    pub(super) fn start(
        &mut self,
        context: &Arc<Sending>,
        pacer: &mut Pacer,
        tasks: &mut JoinSet<TaskResult>,
        now: Instant,
    ) -> Option<Instant> {
        while let Some(direct_call) = self.waiting.front() {
            let permit = match pacer.take_direct(direct_call.user, now) {
                Ok(permit) => permit,
                Err(Full::OneUser(at)) => return Some(at),
                Err(Full::Shared(at)) => return at,
            };
            let Some(DirectCall { user, call, answer }) = self.waiting.pop_front() else { break };
            let context = Arc::clone(context);
            tasks.spawn(async move {
                let made = caught(context.messenger.perform(&call)).await;
                let at = Instant::now();
                let freeze = if let Some(Err(SendError::Throttled(wait))) = &made {
                    Some(*wait)
                } else {
                    None
                };
                if let Some(result) = made {
                    let _nobody_waits = answer.send(result);
                }
                TaskResult::DirectCall(DirectCallResult { permit, user, at, freeze })
            });
        }
        None
    }
}

impl DirectCallResult {
    /// Gives the slot back, and freezes the chat if Telegram throttles it.
    pub(super) fn release(self, pacer: &mut Pacer, now: Instant) {
        pacer.ended(&self.permit, 1, self.at);
        if let Some(wait) = self.freeze {
            pacer.freeze(Bucket::Private(self.user), wait, now);
        }
    }
}
