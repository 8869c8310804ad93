//! A call that goes to another group than the one whose slot was taken for it.

use crate::engine::{deliver::plan::Step, lanes::Hints};
use domain::{Channel, GroupKey};
use ports::Call;

use super::{Attempt, Outcome, retry};

impl Attempt<'_> {
    /// The step, if the slot that was taken counts its call, or needs none. `counted`: the group that gave the slot.
    pub(in crate::engine::deliver) fn in_its_group(
        &self,
        step: Step,
        counted: Option<GroupKey>,
    ) -> Step {
        let Step::Call(call, _) = &step else { return step };
        match self.counts(call) {
            Some(group) if counted.is_some_and(|counted| counted != group) => Step::InGroup(group),
            Some(group) if counted.is_none() && self.is_text_to_a_group() => Step::InGroup(group),
            Some(_) | None => step,
        }
    }

    /// Gives the slot back, and waits for one of this group.
    pub(in crate::engine::deliver) fn regroup(&self, group: GroupKey) -> Outcome {
        retry(Hints { group: Some(group), ..self.hints })
    }

    /// The group whose limit counts a call; `None` for another chat.
    fn counts(&self, call: &Call) -> Option<GroupKey> {
        let place = call.place().filter(|_| !self.is_private(call))?;
        if let Some(group) = self.groups.group(place.chat) {
            return Some(group);
        }
        if self.lane.channel == Channel::Desk {
            return None;
        }
        // The settings do not know the group. It must not cost the others anything.
        let home = || self.conversation.map(|conversation| conversation.topic.group);
        place.topic.map(domain::TopicId::group).or_else(home)
    }

    /// Whether a text for General waits among those to other chats. With one group, it takes no slot.
    fn is_text_to_a_group(&self) -> bool {
        self.lane.channel == Channel::Desk && self.groups.iter().nth(1).is_some()
    }
}
