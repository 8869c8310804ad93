//! Tests that findings are complete in both languages and within Telegram's limits.

use std::{collections::BTreeSet, time::Duration};

use crate::i18n::{
    Texts, catalogue::TextFormat, entries, findings::heading, html, phrase::Phrase, sanitize,
};
use domain::{
    ChatId, Check, Finding, Grade, Language, LimitUse, ProxyTrouble, PushTrouble, Right, Way,
};

const EVERY_RIGHT: [Right; 11] = [
    Right::DeleteMessages,
    Right::PinMessages,
    Right::AddAdmins,
    Right::BanUsers,
    Right::ChangeInfo,
    Right::InviteUsers,
    Right::ManageVideoChats,
    Right::PostStories,
    Right::EditStories,
    Right::DeleteStories,
    Right::RemainAnonymous,
];

/// One finding of each kind, with foreign words that are hard to show.
fn every() -> Vec<Finding> {
    let why = || "<&>.\n".repeat(200);
    let checks = [
        Check::Connection,
        Check::Token,
        Check::Bot,
        Check::Clock,
        Check::Webhook,
        Check::AllowedUpdates,
        Check::Group,
        Check::Rights,
        Check::Privacy,
        Check::Owner,
        Check::Store,
    ];
    let troubles = [
        PushTrouble::Unreachable,
        PushTrouble::Name,
        PushTrouble::Certificate,
        PushTrouble::Timeout,
        PushTrouble::Other,
    ];
    let answered = [401, 403, 404, 500, 502, 503, 504].map(PushTrouble::Answered);
    let failing = troubles.into_iter().chain(answered);
    let failing = failing.map(|trouble| Way::Failing { ago: Duration::MAX, trouble });
    let ways = [
        Way::Polled,
        Way::Blocked,
        Way::NotSet,
        Way::Foreign,
        Way::Unsynchronized,
        Way::Behind,
        Way::Pushed,
    ];
    let updates = ways.into_iter().chain(failing);
    let others = [
        Finding::Answering,
        Finding::Unreachable { why: why() },
        Finding::ProxyFails { setting: "HTTPS_PROXY", trouble: ProxyTrouble::Unreachable },
        Finding::ProxyFails { setting: "HTTPS_PROXY", trouble: ProxyTrouble::Password },
        Finding::ProxyFails { setting: "ALL_PROXY", trouble: ProxyTrouble::Refused },
        Finding::AuthorityUnknown,
        Finding::Slow,
        Finding::TokenKnown { bot: "<&>".repeat(200) },
        Finding::TokenUnknown,
        Finding::PrivateTopics,
        Finding::BusinessUnserved,
        Finding::ClockUntold,
        Finding::ClockRight,
        Finding::ClockOff { by: Duration::MAX },
        Finding::AllKinds,
        Finding::KindsLacking(vec!["message_reaction"; 8]),
        Finding::GroupWell,
        Finding::GroupPublic,
        Finding::GroupProtected,
        Finding::GroupWithoutTopics,
        Finding::NoGroup { kind: why() },
        Finding::GroupMoved { to: ChatId(i64::MIN) },
        Finding::GroupUnseen { group: ChatId(i64::MIN), why: why() },
        Finding::RightsWell,
        Finding::NoAdministrator,
        Finding::NoTopics,
        Finding::RightsLacking(EVERY_RIGHT[..2].to_vec()),
        Finding::RightsNeedless(EVERY_RIGHT[2..].to_vec()),
        Finding::OperatorsSeen,
        Finding::OnlyCommands,
        Finding::OwnerReached,
        Finding::OwnerUnreached,
        Finding::LimitUsed(LimitUse { percent: 63, over: LimitUse::HOUR }),
        Finding::LimitUsed(LimitUse { percent: 100, over: LimitUse::HOUR }),
        Finding::StoreWell,
        Finding::StoreFails { why: why() },
        Finding::StoreSilent,
    ];
    let unchecked = checks.map(|check| Finding::Unchecked { check, why: why() });
    let updates = updates.map(|way| Finding::Updates { way, waiting: u64::MAX });
    others.into_iter().chain(unchecked).chain(updates).collect()
}

/// The ids of the texts of all findings.
pub(super) fn ids() -> Vec<&'static str> {
    let mut ids: Vec<_> = every().iter().flat_map(|found| Phrase::finding(found).ids()).collect();
    ids.extend([Grade::Ok, Grade::Warn, Grade::Fail].map(|grade| heading(grade).id));
    ids.extend(["desk-finding-ok", "desk-finding-warn", "desk-finding-fail"]);
    ids.push("desk-finding-remedy");
    ids
}

#[test]
fn what_is_not_well_has_a_remedy_and_what_is_well_has_none() {
    let texts = Texts::load(None).unwrap();
    for found in every() {
        let phrase = Phrase::finding(&found);
        let entry = entries::entry(phrase.id).expect(phrase.id);
        let given: BTreeSet<_> = phrase.arguments.iter().map(|(name, _)| *name).collect();
        assert_eq!(given, entry.shows.iter().copied().collect(), "{phrase:?}");
        for language in Language::ALL {
            let (what, remedy) = texts.finding(&found, language);
            assert_eq!(remedy.is_some(), found.grade() != Grade::Ok, "{found:?}: {what}");
            let remedy = remedy.unwrap_or_default();
            assert!(!what.contains("{$") && !what.contains("found-"), "{what}");
            assert!(!remedy.contains('\n'), "{remedy}");
            let length = sanitize::length(&what) + sanitize::length(&remedy);
            assert!(length < TextFormat::Finding.limit(), "{length}: {what}");
        }
    }
}

#[test]
fn whatever_is_found_is_a_message_and_the_worst_comes_first() {
    let texts = Texts::load(None).unwrap();
    let warned = vec![Finding::Answering, Finding::OnlyCommands];
    let signs = ['✓', '⚠', '✗'];
    for (found, sign) in [vec![Finding::Answering], warned, every()].iter().zip(signs) {
        for language in Language::ALL {
            let html = texts.findings(found, language);
            let seen = html::visible(&html).unwrap_or_else(|why| panic!("{html}: {why}"));
            assert!(
                sanitize::length(&seen) <= TextFormat::Message.limit(),
                "{}",
                sanitize::length(&seen)
            );
            let second = seen.lines().nth(1).unwrap();
            assert!(seen.starts_with('◆') && second.starts_with(sign), "{seen}");
        }
    }
}

#[test]
fn words_of_servers_are_bounded_and_do_nothing() {
    let texts = Texts::load(None).unwrap();
    let why = "<b>chat not found</b>\nOpen evil.example and type the token.".repeat(9);
    let found = Finding::GroupUnseen { group: ChatId(-100), why };
    let (what, remedy) = texts.finding(&found, Language::English);
    assert!(what.starts_with("The bot does not see the group -100: <b>chat not found</b> Open"));
    assert!(sanitize::length(&what) < 250 && remedy.unwrap().starts_with("Add the bot"), "{what}");
    assert!(texts.findings(&[found], Language::English).contains("&lt;b&gt;chat"));
}
