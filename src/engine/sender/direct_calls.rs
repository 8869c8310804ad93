//! Calls that stand in no lane: nothing of them is stored, and whoever asks for one hears what became of it.
//!
//! Invariant: they obey Telegram's limits as every other call does.

use std::{collections::VecDeque, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::Instant,
};

use crate::engine::{
    Desk,
    pacing::{Bucket, Full, Pacer, Permit},
};
use domain::UserId;
use ports::{Call, Messenger, Receipt, SendError};

use super::Event;

/// A call for a user's private chat.
#[derive(Debug)]
pub(super) struct DirectCall {
    user: UserId,
    call: Call,
    answer: oneshot::Sender<Result<Receipt, SendError>>,
}

/// The way to ask for calls; cheap to clone.
#[derive(Debug, Clone)]
pub struct DirectCalls(mpsc::UnboundedSender<DirectCall>);

impl DirectCalls {
    /// Makes a call for this user's private chat, once and when there is room for it. `None` if the sender has ended:
    /// then it may or may not have been made.
    pub async fn call(&self, user: UserId, call: Call) -> Option<Result<Receipt, SendError>> {
        let (answer, answered) = oneshot::channel();
        self.0.send(DirectCall { user, call, answer }).ok()?;
        answered.await.ok()
    }
}

/// The sender's side.
#[derive(Debug)]
pub(super) struct DirectCallQueue {
    handle: DirectCalls,
    pub(super) next: mpsc::UnboundedReceiver<DirectCall>,
    waiting: VecDeque<DirectCall>,
}

/// How such a call has ended.
#[derive(Debug)]
pub(super) struct Done {
    permit: Permit,
    user: UserId,
    at: Instant,
    /// How long Telegram asked not to call the chat.
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

    /// Starts the calls that there is room for. Returns when to look again.
    pub(super) fn start<S: Send + Sync + 'static, M: Messenger>(
        &mut self,
        desk: &Arc<Desk<S, M>>,
        pacer: &mut Pacer,
        calls: &mut JoinSet<Event>,
        now: Instant,
    ) -> Option<Instant> {
        while let Some(direct_call) = self.waiting.front() {
            let bucket = Bucket::Private(direct_call.user);
            match pacer.free(bucket, 1, now) {
                Ok(_) => {}
                Err(Full::OneUser(at)) => return Some(at),
                Err(Full::Shared(at)) => return at,
            }
            let Some(DirectCall { user, call, answer }) = self.waiting.pop_front() else { break };
            let permit = pacer.take(bucket, 1, now);
            let desk = Arc::clone(desk);
            calls.spawn(async move {
                let made = AssertUnwindSafe(desk.messenger.perform(&call)).catch_unwind().await;
                let at = Instant::now();
                let freeze = if let Ok(Err(SendError::Throttled(wait))) = &made {
                    Some(*wait)
                } else {
                    None
                };
                if let Ok(result) = made {
                    let _nobody_waits = answer.send(result);
                }
                Event::DirectCall(Done { permit, user, at, freeze })
            });
        }
        None
    }
}

impl Done {
    pub(super) fn settle(self, pacer: &mut Pacer, now: Instant) {
        pacer.ended(&self.permit, 1, self.at);
        if let Some(wait) = self.freeze {
            pacer.freeze(Bucket::Private(self.user), wait, now);
        }
    }
}
