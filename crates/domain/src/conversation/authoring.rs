//! The newsletters that the owner or an administrator writes.

use crate::{Draft, MessageId, Newsletter, NewsletterId, Panel};

/// The newsletters of one author. Empty for everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Authoring {
    /// The newsletter that is being written.
    pub draft: Option<Draft>,
    /// Newsletters that were started, oldest first.
    pub newsletters: Vec<Newsletter>,
}

impl Authoring {
    /// Returns a newsletter that was started.
    pub fn newsletter(&self, id: NewsletterId) -> Option<&Newsletter> {
        self.newsletters.iter().find(|newsletter| newsletter.id == id)
    }

    /// Returns a newsletter that was started, for changes.
    pub fn newsletter_mut(&mut self, id: NewsletterId) -> Option<&mut Newsletter> {
        self.newsletters.iter_mut().find(|newsletter| newsletter.id == id)
    }

    /// Records the message that shows a control panel.
    pub(super) fn set_panel(&mut self, panel: Panel, message: MessageId) {
        let shown = match panel {
            Panel::Draft => self.draft.as_mut().map(|draft| &mut draft.panel),
            Panel::Newsletter(id) => {
                self.newsletter_mut(id).map(|newsletter| &mut newsletter.panel)
            }
        };
        if let Some(shown) = shown {
            *shown = Some(message);
        }
    }
}
