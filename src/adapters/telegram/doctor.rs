//! Whether the desk can work at Telegram, and what to click if it cannot.
//!
//! Only asks; the one thing that anybody could notice is that the owner sees the bot typing.

use std::time::Duration;

use teloxide::{
    payloads as theirs,
    types::{ChatAction, ChatId as TheirChatId, UserId as TheirUserId},
};
use url::Url;

use super::{
    call_error::{CallError, CallOutcome},
    client::Client,
    decode::BotProfile,
    method::{Chat, Me, Member},
    payloads::ALLOWED_UPDATES,
    webhook::WebhookInfo,
    webhook_doctor as webhook,
};
use crate::{
    domain::{ChatId, Millis, UserId},
    ports::Clock,
};

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// Telegram answers.
    Connection,
    /// It knows the token.
    Token,
    /// Its clock and ours agree.
    Clock,
    /// No webhook keeps updates from polling; or that of the desk works.
    Webhook,
    /// The kinds of updates last asked for.
    AllowedUpdates,
    /// The operators' group is there, and a forum.
    Group,
    /// The bot has the rights that it needs there, and no more.
    Rights,
    /// The bot sees what operators write.
    Privacy,
    /// The bot can write to its owner.
    Owner,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// The desk works, but not as well as it could.
    Warn,
    /// The desk cannot work.
    Fail,
}

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: Check,
    /// How bad it is.
    pub verdict: Verdict,
    /// What was found, as a sentence.
    pub what: String,
    /// What to do about it in Telegram's apps or in the settings; `None` if nothing.
    pub click: Option<String>,
}

/// All that was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspected {
    /// In the order checked.
    pub findings: Vec<Finding>,
    /// Who the bot is, if Telegram said so.
    pub bot: Option<BotProfile>,
    /// The group's id from now on, if it moved.
    pub moved_to: Option<ChatId>,
}

/// Checks everything at Telegram that the desk depends on; `own` is where updates are to be pushed to. Ends early
/// if there is no valid token.
pub async fn inspect(
    client: &Client,
    group: ChatId,
    owner: Option<UserId>,
    own: Option<&Url>,
    clock: &dyn Clock,
) -> Inspected {
    let mut inspected = Inspected::default();
    let before = clock.now();
    let (me, date) = match client.dated_call(&theirs::GetMe::new()).await {
        Ok(answer) => answer,
        Err(error) => {
            inspected.findings.push(no_bot(&error));
            return inspected;
        }
    };
    let all = &mut inspected.findings;
    all.push(ok(Check::Connection, "Telegram answers."));
    all.push(ok(Check::Token, format!("The token is valid: the bot is @{}.", me.username)));
    all.push(clock_finding(date, before, clock.now()));
    match client.call(&theirs::GetWebhookInfo::new()).await {
        Ok(info) => {
            all.extend([webhook::finding(&info, own, clock.now()), allowed_updates(&info)]);
        }
        Err(error) => all.push(unknown(Check::Webhook, &error)),
    }
    let chat = client.call(&theirs::GetChat::new(TheirChatId(group.0))).await;
    if let Err(CallError::Refused(api)) = &chat {
        inspected.moved_to = api.migrate_to;
    }
    let reachable = chat.is_ok();
    all.push(group_finding(group, chat));
    if reachable {
        let bot = TheirUserId(me.id.unsigned_abs());
        let member = client.call(&theirs::GetChatMember::new(TheirChatId(group.0), bot)).await;
        match member {
            Ok(member) => all.extend([rights(&member), privacy(&member, &me)]),
            Err(error) => all.push(unknown(Check::Rights, &error)),
        }
    }
    if let Some(owner) = owner {
        let typing = theirs::SendChatAction::new(TheirChatId(owner.0), ChatAction::Typing);
        all.push(owner_finding(client.call(&typing).await.err()));
    }
    inspected.bot = Some(BotProfile { id: UserId(me.id), username: me.username });
    inspected
}

fn no_bot(error: &CallError) -> Finding {
    if error.outcome() == CallOutcome::Unauthorized {
        return fail(
            Check::Token,
            "Telegram does not know the token.",
            "Open @BotFather, send /mybots, choose the bot, then API Token, and put it into BOT_TOKEN.",
        );
    }
    fail(
        Check::Connection,
        format!("Telegram cannot be asked: {error}."),
        "Check the network, the firewall and BOT_API_URL.",
    )
}

fn clock_finding(date: Option<Millis>, before: Millis, after: Millis) -> Finding {
    const TOLERATED: Duration = Duration::from_secs(5);
    let Some(date) = date else {
        return ok(Check::Clock, "Telegram did not tell the time.");
    };
    // The server's time has whole seconds, and was told somewhere between asking and hearing.
    let told = Millis(date.0.saturating_add(500));
    let off = before.since(told).max(told.since(after));
    if off <= TOLERATED {
        return ok(Check::Clock, "This machine's clock agrees with Telegram's.");
    }
    let what = format!("This machine's clock is {} seconds off Telegram's.", off.as_secs());
    warn(Check::Clock, what, "Turn on time synchronisation: timedatectl set-ntp true.")
}

fn allowed_updates(info: &WebhookInfo) -> Finding {
    let lacking: Vec<&str> = match &info.allowed_updates {
        None => Vec::new(),
        Some(asked) => {
            let asked = |kind: &&str| asked.iter().any(|asked| asked == kind);
            ALLOWED_UPDATES.into_iter().filter(|kind| !asked(kind)).collect()
        }
    };
    if lacking.is_empty() {
        return ok(
            Check::AllowedUpdates,
            "Updates of all kinds that the desk handles are asked for.",
        );
    }
    let what = format!("Who polled last did not ask for {}.", lacking.join(", "));
    let click = "Nothing, if the desk did not run yet: it asks for them. Otherwise stop the other program that uses the token.";
    warn(Check::AllowedUpdates, what, click)
}

fn group_finding(group: ChatId, chat: Result<Chat, CallError>) -> Finding {
    match chat {
        Ok(chat) if chat.is_forum && chat.username.is_some() => warn(
            Check::Group,
            "The operators' group is public: anybody can read what users write.",
            "Open the group, tap its name, Edit, Group type, and choose Private.",
        ),
        Ok(chat) if chat.kind == "supergroup" && chat.is_forum => {
            ok(Check::Group, "The operators' group is there and has topics.")
        }
        Ok(chat) if matches!(chat.kind.as_str(), "group" | "supergroup") => fail(
            Check::Group,
            "The operators' group has no topics.",
            "Open the group, tap its name, Edit, Topics, and turn them on. The group's id changes if it was a small group: send /id there again.",
        ),
        Ok(chat) => fail(
            Check::Group,
            format!("BOT_GROUP_ID names no group: it is of the type {}.", chat.kind),
            "Add the bot to the operators' group, send /id there and put the id into BOT_GROUP_ID.",
        ),
        Err(CallError::Refused(api)) => match api.migrate_to {
            Some(to) => fail(
                Check::Group,
                format!("The operators' group moved: its id is {to} now."),
                format!("Put {to} into BOT_GROUP_ID."),
            ),
            None => fail(
                Check::Group,
                format!("The bot does not see the group {group}: {}.", api.description),
                "Add the bot to the operators' group, send /id there and compare the id with BOT_GROUP_ID.",
            ),
        },
        Err(error) => unknown(Check::Group, &error),
    }
}

const ADMINISTRATORS: &str = "Open the group, tap its name, Edit, Administrators";

fn rights(member: &Member) -> Finding {
    if !is_administrator(member) {
        let click = format!(
            "{ADMINISTRATORS}, Add, choose the bot; leave Manage topics, Delete messages and Pin messages on, all else off."
        );
        return fail(Check::Rights, "The bot is not an administrator of the group.", click);
    }
    if !member.can_manage_topics {
        let click = format!("{ADMINISTRATORS}, the bot, and turn on Manage topics.");
        return fail(Check::Rights, "The bot may not open topics.", click);
    }
    let lacking = named([
        (!member.can_delete_messages, "Delete messages"),
        (!member.can_pin_messages, "Pin messages"),
    ]);
    if !lacking.is_empty() {
        let click = format!("{ADMINISTRATORS}, the bot, and turn on: {lacking}.");
        return warn(Check::Rights, format!("The bot lacks rights: {lacking}."), click);
    }
    let needless = named([
        (member.can_promote_members, "Add new admins"),
        (member.can_restrict_members, "Ban users"),
        (member.can_change_info, "Change group info"),
        (member.can_invite_users, "Invite users"),
        (member.can_manage_video_chats, "Manage video chats"),
        (member.can_post_stories, "Post stories"),
        (member.can_edit_stories, "Edit stories"),
        (member.can_delete_stories, "Delete stories"),
        (member.is_anonymous, "Remain anonymous"),
    ]);
    if !needless.is_empty() {
        let click = format!("{ADMINISTRATORS}, the bot, and turn off: {needless}.");
        return warn(
            Check::Rights,
            format!("The bot has rights it does not need: {needless}."),
            click,
        );
    }
    ok(Check::Rights, "The bot has the rights that it needs, and no more.")
}

fn named<const N: usize>(rights: [(bool, &str); N]) -> String {
    rights.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect::<Vec<_>>().join(", ")
}

fn is_administrator(member: &Member) -> bool {
    matches!(member.status.as_str(), "administrator" | "creator")
}

fn privacy(member: &Member, me: &Me) -> Finding {
    if is_administrator(member) || me.can_read_all_group_messages {
        return ok(Check::Privacy, "The bot sees what operators write.");
    }
    let click = "Make the bot an administrator of the group; or open @BotFather, /setprivacy, choose the bot, Disable, and add the bot to the group anew.";
    warn(Check::Privacy, "The bot sees only commands in the group.", click)
}

fn owner_finding(error: Option<CallError>) -> Finding {
    let click = "From the owner's account open the bot and press Start; compare BOT_DEV_ID with the id that @userinfobot tells.";
    match error {
        None => ok(Check::Owner, "The bot can write to its owner."),
        Some(CallError::Refused(_)) => {
            warn(Check::Owner, "The bot cannot write to its owner.", click)
        }
        Some(error) => unknown(Check::Owner, &error),
    }
}

/// Telegram could not be asked this time; a start of the desk need not fail for it.
fn unknown(check: Check, error: &CallError) -> Finding {
    warn(check, format!("This could not be checked: {error}."), "Try again in a minute.")
}

pub(super) fn ok(check: Check, what: impl Into<String>) -> Finding {
    Finding { check, verdict: Verdict::Ok, what: what.into(), click: None }
}

pub(super) fn warn(check: Check, what: impl Into<String>, click: impl Into<String>) -> Finding {
    Finding { check, verdict: Verdict::Warn, what: what.into(), click: Some(click.into()) }
}

fn fail(check: Check, what: impl Into<String>, click: impl Into<String>) -> Finding {
    Finding { check, verdict: Verdict::Fail, what: what.into(), click: Some(click.into()) }
}
