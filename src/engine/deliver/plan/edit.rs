//! Plans the call that updates a copy after its original was edited.

use domain::{Change, Edit, Link, MessageId, Transfer};
use ports::{Call, Resolved};

use super::{
    Planner,
    step::{Step, Then},
};

impl Planner<'_> {
    pub(in crate::engine::deliver) fn edit(&self, edit: &Edit) -> Step {
        let Some(link) = self.link else { return Step::Nothing };
        if link.origin != edit.from {
            // The bot edited its own copy. Nothing changed on the other side.
            return Step::Nothing;
        }
        let (chat, message) = self.counterpart(&link, edit.from.other());
        let (body, links) = (edit.body.clone(), edit.links.clone());
        let change = Change::between(link.fingerprint, edit.fingerprint, &body);
        let link = Link { fingerprint: edit.fingerprint, at: self.now, ..link };
        let call = match change {
            Change::None => return Step::Nothing,
            Change::Resend => return self.resend(edit, link, message),
            // A forward cannot be edited into a copy.
            _ if self.hints.resend || edit.transfer == Transfer::Forward => {
                return self.resend(edit, link, message);
            }
            Change::Text => Call::EditText { chat, message, body, links },
            Change::Caption => Call::EditCaption { chat, message, body, links },
            Change::Media => Call::EditMedia { chat, message, body, links },
        };
        Step::Call(call, Then::Edited { link })
    }

    fn resend(&self, edit: &Edit, link: Link, old: MessageId) -> Step {
        let to = match self.address(edit.from.other()) {
            Ok(to) => to,
            Err(step) => return step,
        };
        let from = self.chat(edit.from, edit.message);
        let reply = self.hints.may_reply().then_some(Resolved { to: old, quote: None });
        let call = match self.transfer(edit.transfer) {
            Transfer::Forward => Call::Forward { to, from, message: edit.message },
            Transfer::Copy | Transfer::ForwardOf(_) | Transfer::Notice => {
                let links = self.links(&edit.links);
                Call::Copy { to, from, message: edit.message, reply, links }
            }
        };
        Step::Call(call, Then::Resent { link })
    }
}
