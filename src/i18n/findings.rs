//! Renders the findings of checks.

use std::cmp::Reverse;

use super::{
    html,
    phrase::{Argument, Phrase},
    sanitize,
    texts::Texts,
};
use domain::{Check, Finding, Grade, Language, LimitUse, ProxyTrouble, PushTrouble, Right, Way};

impl Texts {
    /// The finding and, if there is one, the remedy; one line each.
    pub fn finding(&self, finding: &Finding, language: Language) -> (String, Option<String>) {
        let said = self.fill(&Phrase::finding(finding), language, str::to_owned);
        match said.split_once('\n') {
            Some((what, remedy)) => (what.to_owned(), Some(remedy.to_owned())),
            None => (said, None),
        }
    }

    /// All findings as Telegram's HTML, worst first. Findings that do not fit into a message are left out.
    pub fn findings(&self, findings: &[Finding], language: Language) -> String {
        let mut sorted: Vec<&Finding> = findings.iter().collect();
        sorted.sort_by_key(|finding| Reverse(finding.grade()));
        let head = heading(sorted.first().map_or(Grade::Ok, |worst| worst.grade()));
        let mut lines = vec![self.fill(&head, language, html::escape)];
        let mut length = 0;
        for finding in sorted {
            let (what, remedy) = self.finding(finding, language);
            length += sanitize::length(&what) + remedy.as_deref().map_or(0, sanitize::length);
            if length > LONGEST_FINDINGS {
                break;
            }
            let line = line(finding.grade(), what);
            let remedy = remedy.map(|remedy| with("desk-finding-remedy", "what", remedy));
            let phrases = [line].into_iter().chain(remedy);
            lines.extend(phrases.map(|phrase| self.fill(&phrase, language, html::escape)));
        }
        lines.join("\n")
    }
}

/// Maximum length of all findings, which leaves room for the heading and the signs in Telegram's limit of 4096.
const LONGEST_FINDINGS: usize = 3_500;

/// The heading of findings whose worst grade is this.
pub(super) fn heading(worst: Grade) -> Phrase {
    plain(match worst {
        Grade::Ok => "desk-found-ok",
        Grade::Warn => "desk-found-warn",
        Grade::Fail => "desk-found-fail",
    })
}

fn line(grade: Grade, what: String) -> Phrase {
    let id = match grade {
        Grade::Ok => "desk-finding-ok",
        Grade::Warn => "desk-finding-warn",
        Grade::Fail => "desk-finding-fail",
    };
    with(id, "what", what)
}

impl Phrase {
    /// The phrase of a finding.
    pub(super) fn finding(finding: &Finding) -> Self {
        plain(match finding {
            Finding::Unreachable { why } => return because("found-unreachable", why),
            Finding::ProxyFails { setting, trouble } => {
                let id = match trouble {
                    ProxyTrouble::Unreachable => "found-proxy-unreachable",
                    ProxyTrouble::Password => "found-proxy-password",
                    ProxyTrouble::Refused => "found-proxy-refused",
                };
                return with(id, "setting", (*setting).to_owned());
            }
            Finding::StoreFails { why } => return because("found-store-fails", why),
            Finding::TokenKnown { bot } => return with("found-token-known", "bot", name(bot)),
            Finding::NoGroup { kind } => return with("found-no-group", "kind", name(kind)),
            Finding::GroupMoved { to } => {
                return with("found-group-moved", "chat", to.to_string());
            }
            Finding::KindsLacking(kinds) => {
                return with("found-kinds-lacking", "kinds", kinds.join(", "));
            }
            Finding::ClockOff { by } => {
                let arguments = vec![("age", Argument::Age(*by))];
                return Self { id: "found-clock-off", arguments };
            }
            Finding::GroupUnseen { group, why } => {
                let mut phrase = with("found-group-unseen", "chat", group.to_string());
                phrase.arguments.extend(because("found-group-unseen", why).arguments);
                return phrase;
            }
            Finding::RightsLacking(rights) => return these("found-rights-lacking", rights),
            Finding::RightsNeedless(rights) => return these("found-rights-needless", rights),
            Finding::Unchecked { check, why } => {
                let mut arguments = vec![("check", Argument::Ours(vec![check_id(*check)]))];
                arguments.extend(because("found-unchecked", why).arguments);
                return Self { id: "found-unchecked", arguments };
            }
            Finding::Updates { way, waiting } => return waiting_updates(*way, *waiting),
            Finding::LimitUsed(used) => {
                let id = if used.is_full() { "found-limit-full" } else { "found-limit-used" };
                return Self { id, arguments: limit_used(*used) };
            }
            Finding::Answering => "found-answering",
            Finding::AuthorityUnknown => "found-authority-unknown",
            Finding::Slow => "found-slow",
            Finding::TokenUnknown => "found-token-unknown",
            Finding::PrivateTopics => "found-private-topics",
            Finding::BusinessUnserved => "found-business-unserved",
            Finding::ClockUntold => "found-clock-untold",
            Finding::ClockRight => "found-clock-right",
            Finding::AllKinds => "found-all-kinds",
            Finding::GroupWell => "found-group-well",
            Finding::GroupPublic => "found-group-public",
            Finding::GroupProtected => "found-group-protected",
            Finding::GroupWithoutTopics => "found-group-without-topics",
            Finding::RightsWell => "found-rights-well",
            Finding::NoAdministrator => "found-no-administrator",
            Finding::NoTopics => "found-no-topics",
            Finding::OperatorsSeen => "found-operators-seen",
            Finding::OnlyCommands => "found-only-commands",
            Finding::OwnerReached => "found-owner-reached",
            Finding::OwnerUnreached => "found-owner-unreached",
            Finding::StoreWell => "found-store-well",
            Finding::StoreSilent => "found-store-silent",
        })
    }
}

/// What the texts about the use of the group's limit show.
pub(super) fn limit_used(used: LimitUse) -> Vec<(&'static str, Argument)> {
    let LimitUse { percent, over } = used;
    vec![("percent", Argument::Foreign(percent.to_string())), ("age", Argument::Age(over))]
}

fn waiting_updates(way: Way, waiting: u64) -> Phrase {
    let count = ("count", Argument::Count(u32::try_from(waiting).unwrap_or(u32::MAX)));
    let id = match way {
        Way::Failing { ago, trouble } => {
            let mut phrase = push_trouble(trouble);
            phrase.arguments.insert(0, ("age", Argument::Age(ago)));
            phrase.arguments.push(count);
            return phrase;
        }
        Way::Polled => "found-updates-polled",
        Way::Blocked => "found-updates-blocked",
        Way::NotSet => "found-updates-not-set",
        Way::Foreign => "found-updates-foreign",
        Way::Unsynchronized => "found-updates-unsynchronized",
        Way::Behind => "found-updates-behind",
        Way::Pushed => "found-updates-pushed",
    };
    Phrase { id, arguments: vec![count] }
}

/// The phrase of a failed push. The caller adds the time and the number of waiting updates.
fn push_trouble(trouble: PushTrouble) -> Phrase {
    plain(match trouble {
        PushTrouble::Unreachable => "found-push-unreachable",
        PushTrouble::Name => "found-push-name",
        PushTrouble::Certificate => "found-push-certificate",
        PushTrouble::Timeout => "found-push-timeout",
        PushTrouble::Answered(401) => "found-push-unauthorized",
        PushTrouble::Answered(403) => "found-push-forbidden",
        PushTrouble::Answered(404) => "found-push-path",
        PushTrouble::Answered(502 | 504) => "found-push-absent",
        PushTrouble::Answered(503) => "found-push-busy",
        PushTrouble::Answered(status) => {
            return with("found-push-answered", "code", status.to_string());
        }
        PushTrouble::Other => "found-push-other",
    })
}

fn check_id(check: Check) -> &'static str {
    match check {
        Check::Connection => "check-connection",
        Check::Token => "check-token",
        Check::Bot => "check-bot",
        Check::Clock => "check-clock",
        Check::Webhook => "check-webhook",
        Check::AllowedUpdates => "check-allowed-updates",
        Check::Group => "check-group",
        Check::Rights => "check-rights",
        Check::Privacy => "check-privacy",
        Check::Owner => "check-owner",
        Check::Store => "check-store",
    }
}

fn these(id: &'static str, rights: &[Right]) -> Phrase {
    let named = rights.iter().map(|right| match right {
        Right::DeleteMessages => "right-delete-messages",
        Right::PinMessages => "right-pin-messages",
        Right::AddAdmins => "right-add-admins",
        Right::BanUsers => "right-ban-users",
        Right::ChangeInfo => "right-change-info",
        Right::InviteUsers => "right-invite-users",
        Right::ManageVideoChats => "right-manage-video-chats",
        Right::PostStories => "right-post-stories",
        Right::EditStories => "right-edit-stories",
        Right::DeleteStories => "right-delete-stories",
        Right::RemainAnonymous => "right-remain-anonymous",
    });
    Phrase { id, arguments: vec![("rights", Argument::Ours(named.collect()))] }
}

fn plain(id: &'static str) -> Phrase {
    Phrase { id, arguments: Vec::new() }
}

fn with(id: &'static str, placeholder: &'static str, foreign: String) -> Phrase {
    Phrase { id, arguments: vec![(placeholder, Argument::Foreign(foreign))] }
}

fn because(id: &'static str, why: &str) -> Phrase {
    with(id, "why", sanitize::reason(why))
}

fn name(raw: &str) -> String {
    sanitize::name(raw).unwrap_or_else(|| "?".to_owned())
}
