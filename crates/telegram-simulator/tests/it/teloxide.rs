//! The simulator as teloxide meets it: what it sends is understood, what it gets is parsed.

use telegram_simulator::{Content, UserSpec};
use teloxide::{
    ApiError, Bot, RequestError,
    payloads::{
        CopyMessageSetters, GetUpdatesSetters, SendMessageSetters, SetMessageReactionSetters,
        SetMyCommandsSetters,
    },
    requests::Requester,
    types::{
        AllowedUpdate, BotCommand, BotCommandScope, ChatId, FileId, InlineKeyboardButton,
        InlineKeyboardMarkup, InputFile, InputMedia, InputMediaPhoto, MessageId, ParseMode,
        ReactionType, ReplyParameters, ThreadId, UpdateKind,
    },
};

use super::{ada, start};

#[tokio::test]
async fn a_bot_in_teloxide_works() {
    let simulator = start().await;
    let bot = Bot::new(simulator.token()).set_api_url(simulator.url().parse().unwrap());
    let user = simulator.user(ada());
    let group = simulator.forum("Team");
    let (chat, forum) = (ChatId(77), ChatId(group.id()));
    assert_eq!(bot.get_me().await.unwrap().username(), "support_bot");

    let (_, album) =
        user.sends_album(vec![Content::photo("p1").caption("look"), Content::photo("p2")]);
    let asked = user.writes("help, please");
    let allowed =
        vec![AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MessageReaction];
    let updates = bot.get_updates().allowed_updates(allowed).timeout(1).await.unwrap();
    assert_eq!(updates.len(), 3);
    assert!(updates.iter().all(|update| matches!(update.kind, UpdateKind::Message(_))));

    let topic = bot.create_forum_topic(forum, "Ada").await.unwrap();
    let card = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("Close", "close")]]);
    let sent = bot
        .send_message(forum, "<b>Ada</b>")
        .message_thread_id(topic.thread_id)
        .parse_mode(ParseMode::Html)
        .reply_markup(card)
        .await
        .unwrap();
    assert_eq!(sent.thread_id, Some(topic.thread_id));
    bot.pin_chat_message(forum, sent.id).await.unwrap();
    let ids = album.iter().filter_map(|id| i32::try_from(*id).ok()).map(MessageId);
    let mut copies = bot.copy_messages(forum, chat, ids);
    copies.message_thread_id = Some(topic.thread_id);
    assert_eq!(copies.await.unwrap().len(), 2);
    let asked = MessageId(i32::try_from(asked).unwrap());
    bot.copy_message(forum, chat, asked)
        .message_thread_id(topic.thread_id)
        .reply_parameters(ReplyParameters::new(sent.id))
        .await
        .unwrap();
    let thread = i64::from(topic.thread_id.0.0);
    assert_eq!(group.messages(thread).len(), 4);

    let like = ReactionType::Emoji { emoji: "👍".to_owned() };
    bot.set_message_reaction(chat, asked).reaction([like]).await.unwrap();
    bot.send_photo(chat, InputFile::memory("jpeg").file_name("a.jpg")).await.unwrap();
    let media = |id: &str| {
        InputMedia::Photo(InputMediaPhoto::new(InputFile::file_id(FileId(id.to_owned()))))
    };
    assert_eq!(bot.send_media_group(chat, [media("p1"), media("p2")]).await.unwrap().len(), 2);
    bot.edit_message_text(forum, sent.id, "Ada L.").await.unwrap();
    let again = bot.edit_message_text(forum, sent.id, "Ada L.").await.unwrap_err();
    assert!(matches!(again, RequestError::Api(ApiError::MessageNotModified)), "{again:?}");
    let commands = [BotCommand::new("start", "Begin")];
    bot.set_my_commands(commands)
        .scope(BotCommandScope::AllPrivateChats)
        .language_code("de")
        .await
        .unwrap();
    assert_eq!(simulator.commands().len(), 1);
    assert!(bot.get_chat(forum).await.unwrap().is_supergroup());
    let admins = bot.get_chat_administrators(forum).await.unwrap();
    assert!(admins.iter().any(|member| member.user.is_bot));

    group.operator(UserSpec::named("Olga")).deletes_topic(thread);
    let gone = bot
        .send_message(forum, "x")
        .message_thread_id(ThreadId(topic.thread_id.0))
        .await
        .unwrap_err();
    assert_eq!(
        gone.to_string(),
        "A Telegram's error: Unknown error: \"Bad Request: message thread not found\""
    );
}
