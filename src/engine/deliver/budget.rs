//! Shows what the group's limit is used for, and who waits for it.

use tokio::time::Instant;

use crate::{
    engine::{Desk, lanes::ThrottledTimes, limits::Permit},
    telemetry::{BudgetClass, LimitedClass, figure},
};
use domain::{Channel, Class};

use super::{OutcomeEvent, Sender, dispatch::DispatchResult};

impl Sender {
    /// Records the slots used in the last period, over all groups that were used, and the lanes that wait for slots.
    pub(super) fn record_budget(&mut self, now: Instant) {
        let metrics = &self.desk.metrics.budget;
        let (mut limit, mut used, mut most) = (0, [0; Class::ALL.len()], 0);
        for window in self.pacer.windows() {
            let by_class = window.by_class(now);
            limit += window.limit().unwrap_or(0);
            most = most.max(by_class.iter().sum());
            used.iter_mut().zip(by_class).for_each(|(sum, more)| *sum += more);
        }
        metrics.limit_slots.set(figure(limit as u64));
        // The group whose limit is the fullest tells how much room there is.
        self.desk.overview.set_slots_used(most);
        for (class, used) in Class::ALL.into_iter().zip(used) {
            let Some(label) = label(class) else { continue };
            let (lanes, longest) = self.lanes.waiting_for_slots(class, now);
            metrics.slots.of(label).set(figure(used as u64));
            metrics.lanes_waiting.of(label).set(figure(lanes as u64));
            metrics.longest_wait.of(label).set(longest.as_secs_f64());
        }
    }
}

/// Records the slots that a dispatch has used, and for how long limits held back what it has sent.
pub(super) fn dispatched(
    desk: &Desk,
    permit: &Permit,
    throttled: &ThrottledTimes,
    result: &DispatchResult,
) {
    let metrics = &desk.metrics.budget;
    let budget = permit.class().and_then(label);
    if let Some(class) = budget {
        metrics.used.of(class).increment(result.used as u64);
    }
    // Calls that cost nothing have a family, or are answers to buttons, which no limit holds back.
    let called = result.used > 0 || result.family.is_some();
    let limited = match result.lane.channel {
        Channel::User => Some(LimitedClass::ToUser),
        Channel::Newsletter | Channel::Track | Channel::Button => None,
        Channel::Topic | Channel::Cosmetic | Channel::Desk | Channel::Stuck => budget.map(limited),
    };
    let sent = if called && result.outcome.settles() {
        result.batch.len()
    } else {
        // The message that needs the topic goes on waiting, now as a message of a user who has one.
        usize::from(result.outcome.counts.contains(&OutcomeEvent::TopicOpened))
    };
    if let Some(class) = limited {
        for delay in throttled.each().take(sent) {
            metrics.limit_delay.of(class).record(delay);
        }
    }
}

/// The label of a class that the group's limit counts.
fn label(class: Class) -> Option<BudgetClass> {
    Some(match class {
        Class::Urgent => BudgetClass::Urgent,
        Class::Known => BudgetClass::Known,
        Class::Opening => BudgetClass::Opening,
        Class::Stranger => BudgetClass::Stranger,
        Class::Notice => BudgetClass::Notice,
        Class::Cosmetic => BudgetClass::Cosmetic,
        Class::Button | Class::ToUser | Class::Track | Class::Newsletter => return None,
    })
}

fn limited(class: BudgetClass) -> LimitedClass {
    match class {
        BudgetClass::Urgent => LimitedClass::Urgent,
        BudgetClass::Known => LimitedClass::Known,
        BudgetClass::Opening => LimitedClass::Opening,
        BudgetClass::Stranger => LimitedClass::Stranger,
        BudgetClass::Notice => LimitedClass::Notice,
        BudgetClass::Cosmetic => LimitedClass::Cosmetic,
    }
}
