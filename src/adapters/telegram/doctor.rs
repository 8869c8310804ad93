//! Checks whether the desk can work with Telegram.
//!
//! The checks only read. Their one visible effect: the owner sees the bot typing.

use std::time::Duration;

use teloxide::{
    payloads as theirs,
    types::{ChatAction, ChatId as TheirChatId, UserId as TheirUserId},
};
use url::Url;

use super::{
    api::{
        method::{Chat, Me, Member},
        payloads::ALLOWED_UPDATES,
    },
    call_error::{CallError, CallOutcome},
    client::Client,
    decode::BotProfile,
    webhook::WebhookInfo,
    webhook_doctor as webhook,
};
use crate::network::{NetworkFailure, ProxyFailure};
use domain::{ChatId, Check, Finding, Millis, ProxyTrouble, Right, UserId};
use ports::Clock;

/// The result of the inspection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspected {
    /// The findings, in the order of the checks.
    pub findings: Vec<Finding>,
    /// The bot's profile, if Telegram returned it.
    pub bot: Option<BotProfile>,
    /// The group's new id, if it has migrated.
    pub moved_to: Option<ChatId>,
}

/// Checks everything at Telegram that the desk depends on. A group or owner that is `None` is not checked. `own` is the URL that updates should be pushed to, or
/// `None` with polling. Stops early if the token is not valid.
pub async fn inspect(
    client: &Client,
    group: Option<ChatId>,
    owner: Option<UserId>,
    own: Option<&Url>,
    clock: &dyn Clock,
) -> Inspected {
    let mut inspected = Inspected::default();
    let before = clock.now();
    let (me, date) = match client.dated_call(&theirs::GetMe::new()).await {
        Ok(answer) => answer,
        Err(error) => {
            inspected.findings.push(unreachable_finding(&error));
            return inspected;
        }
    };
    let all = &mut inspected.findings;
    all.push(Finding::Answering);
    all.push(Finding::TokenKnown { bot: me.username.clone() });
    all.extend(bot_findings(&me));
    all.push(clock_finding(date, before, clock.now()));
    match client.call(&theirs::GetWebhookInfo::new()).await {
        Ok(info) => {
            all.extend([webhook::finding(&info, own, clock.now()), update_kinds_finding(&info)]);
        }
        Err(error) => all.push(unchecked(Check::Webhook, &error)),
    }
    if let Some(group) = group {
        let found = inspect_group(client, &me, group).await;
        all.extend(found.findings);
        inspected.moved_to = found.moved_to;
    }
    if let Some(owner) = owner {
        all.push(owner_finding(client, owner).await);
    }
    inspected.bot = Some(BotProfile { id: UserId(me.id), username: me.username });
    inspected
}

/// What a check of the group alone finds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InspectedGroup {
    /// The group's title, if Telegram returned it.
    pub title: Option<String>,
    /// The findings about the group and the bot's rights in it.
    pub findings: Vec<Finding>,
    /// The group's new id, if it has migrated.
    pub moved_to: Option<ChatId>,
}

/// Checks the group, and the bot's rights in it.
pub(super) async fn inspect_group(client: &Client, me: &Me, group: ChatId) -> InspectedGroup {
    let mut inspected = InspectedGroup::default();
    let chat = client.call(&theirs::GetChat::new(TheirChatId(group.0))).await;
    if let Err(CallError::Refused(api)) = &chat {
        inspected.moved_to = api.migrate_to;
    }
    inspected.title = chat.as_ref().ok().and_then(|chat| chat.title.clone());
    let all = &mut inspected.findings;
    let reachable = chat.is_ok();
    let protected = chat.as_ref().is_ok_and(|chat| chat.is_forum && chat.has_protected_content);
    all.push(group_finding(group, chat));
    all.extend(protected.then_some(Finding::GroupProtected));
    if reachable {
        let bot = TheirUserId(me.id.unsigned_abs());
        let member = client.call(&theirs::GetChatMember::new(TheirChatId(group.0), bot)).await;
        match member {
            Ok(member) => all.extend([rights_finding(&member), privacy_finding(&member, me)]),
            Err(error) => all.push(unchecked(Check::Rights, &error)),
        }
    }
    inspected
}

/// Checks whether the bot can write to its owner, who sees it typing.
pub(super) async fn owner_finding(client: &Client, owner: UserId) -> Finding {
    let typing = theirs::SendChatAction::new(TheirChatId(owner.0), ChatAction::Typing);
    match client.call(&typing).await {
        Ok(_) => Finding::OwnerReached,
        Err(CallError::Refused(_)) => Finding::OwnerUnreached,
        Err(error) => unchecked(Check::Owner, &error),
    }
}

pub(super) fn unreachable_finding(error: &CallError) -> Finding {
    if error.outcome() == CallOutcome::Unauthorized {
        return Finding::TokenUnknown;
    }
    match error {
        CallError::Network(NetworkFailure::UnknownAuthority) => Finding::AuthorityUnknown,
        CallError::Network(NetworkFailure::Proxy(setting, failure)) => Finding::ProxyFails {
            setting,
            trouble: match failure {
                ProxyFailure::Unreachable => ProxyTrouble::Unreachable,
                ProxyFailure::Password => ProxyTrouble::Password,
                ProxyFailure::Refused => ProxyTrouble::Refused,
            },
        },
        CallError::Refused(_)
        | CallError::Server(_)
        | CallError::Malformed(_)
        | CallError::NotSent(_)
        | CallError::Lost(_)
        | CallError::Timeout
        | CallError::Unwritable => Finding::Unreachable { why: error.to_string() },
    }
}

/// Findings about bot settings that the desk does not need.
fn bot_findings(me: &Me) -> impl Iterator<Item = Finding> {
    let topics = me.has_topics_enabled.then_some(Finding::PrivateTopics);
    let business = me.can_connect_to_business.then_some(Finding::BusinessUnserved);
    topics.into_iter().chain(business)
}

fn clock_finding(date: Option<Millis>, before: Millis, after: Millis) -> Finding {
    const TOLERATED: Duration = Duration::from_secs(5);
    let Some(date) = date else { return Finding::ClockUntold };
    // The server's time has whole seconds and was taken at some moment between the request and the answer.
    let told = Millis(date.0.saturating_add(500));
    let by = before.since(told).max(told.since(after));
    if by <= TOLERATED { Finding::ClockRight } else { Finding::ClockOff { by } }
}

fn update_kinds_finding(info: &WebhookInfo) -> Finding {
    let lacking: Vec<&str> = match &info.allowed_updates {
        None => Vec::new(),
        Some(asked) => {
            let asked = |kind: &&str| asked.iter().any(|asked| asked == kind);
            ALLOWED_UPDATES.into_iter().filter(|kind| !asked(kind)).collect()
        }
    };
    if lacking.is_empty() { Finding::AllKinds } else { Finding::KindsLacking(lacking) }
}

fn group_finding(group: ChatId, chat: Result<Chat, CallError>) -> Finding {
    match chat {
        Ok(chat) if chat.is_forum && chat.username.is_some() => Finding::GroupPublic,
        Ok(chat) if chat.kind == "supergroup" && chat.is_forum => Finding::GroupWell,
        Ok(chat) if matches!(chat.kind.as_str(), "group" | "supergroup") => {
            Finding::GroupWithoutTopics
        }
        Ok(chat) => Finding::NoGroup { kind: chat.kind },
        Err(CallError::Refused(api)) => match api.migrate_to {
            Some(to) => Finding::GroupMoved { to },
            None => Finding::GroupUnseen { group, why: api.description },
        },
        Err(error) => unchecked(Check::Group, &error),
    }
}

fn rights_finding(member: &Member) -> Finding {
    if !is_administrator(member) {
        return Finding::NoAdministrator;
    }
    if !member.can_manage_topics {
        return Finding::NoTopics;
    }
    let lacking = rights_that_hold([
        (!member.can_delete_messages, Right::DeleteMessages),
        (!member.can_pin_messages, Right::PinMessages),
    ]);
    if !lacking.is_empty() {
        return Finding::RightsLacking(lacking);
    }
    let needless = rights_that_hold([
        (member.can_promote_members, Right::AddAdmins),
        (member.can_restrict_members, Right::BanUsers),
        (member.can_change_info, Right::ChangeInfo),
        (member.can_invite_users, Right::InviteUsers),
        (member.can_manage_video_chats, Right::ManageVideoChats),
        (member.can_post_stories, Right::PostStories),
        (member.can_edit_stories, Right::EditStories),
        (member.can_delete_stories, Right::DeleteStories),
        (member.is_anonymous, Right::RemainAnonymous),
    ]);
    if needless.is_empty() { Finding::RightsWell } else { Finding::RightsNeedless(needless) }
}

fn rights_that_hold<const N: usize>(rights: [(bool, Right); N]) -> Vec<Right> {
    rights.into_iter().filter(|(is, _)| *is).map(|(_, right)| right).collect()
}

fn is_administrator(member: &Member) -> bool {
    matches!(member.status.as_str(), "administrator" | "creator")
}

fn privacy_finding(member: &Member, me: &Me) -> Finding {
    if is_administrator(member) || me.can_read_all_group_messages {
        Finding::OperatorsSeen
    } else {
        Finding::OnlyCommands
    }
}

fn unchecked(check: Check, error: &CallError) -> Finding {
    Finding::Unchecked { check, why: error.to_string() }
}
