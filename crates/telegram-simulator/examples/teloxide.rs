//! The client bot in teloxide: `teloxide API TOKEN [WEBHOOK_PORT]`.

use std::{convert::Infallible, error::Error, net::Ipv4Addr};

use axum::{Router, body::to_bytes, extract::Request, http::StatusCode, routing::post};
use futures_util::stream;
use teloxide::{
    dispatching::UpdateFilterExt,
    net::Download,
    prelude::*,
    stop::{StopToken, mk_stop_token},
    types::{
        AllowedUpdate, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, InputMedia,
        InputMediaPhoto, MessageReactionUpdated, ParseMode, ReactionType, ReplyParameters,
    },
    update_listeners::StatefulListener,
};
use tokio::{net::TcpListener, sync::mpsc};

type Done = Result<(), Box<dyn Error + Send + Sync>>;

const SECRET: &str = "of-the-webhook";

async fn on_message(bot: Bot, message: Message) -> Done {
    let chat = message.chat.id;
    if let Some(largest) = message.photo().and_then(|sizes| sizes.last()) {
        let file = bot.get_file(largest.file.id.clone()).await?;
        let mut content = Vec::new();
        bot.download_file(&file.path, &mut content).await?;
        let same = InputFile::file_id(largest.file.id.clone());
        bot.send_photo(chat, same).caption(format!("{} bytes", content.len())).await?;
        return Ok(());
    }
    match message.text() {
        Some("/start") => {
            let more = InlineKeyboardButton::callback("More", "more");
            let keyboard = InlineKeyboardMarkup::new([[more]]);
            bot.send_message(chat, "Hello").reply_markup(keyboard).await?;
        }
        Some("react") => {
            let like = ReactionType::Emoji { emoji: "👍".to_owned() };
            bot.set_message_reaction(chat, message.id).reaction([like]).await?;
        }
        Some("/album") => {
            let piece = |name: &'static str| {
                let file = InputFile::memory(name).file_name(name);
                InputMedia::Photo(InputMediaPhoto::new(file).caption(name))
            };
            bot.send_media_group(chat, [piece("one.jpg"), piece("two.jpg")]).await?;
        }
        Some("/topic") => {
            let thread = bot.create_forum_topic(chat, "Topic").await?.thread_id;
            let sent = bot.send_message(chat, "Draft").message_thread_id(thread).await?;
            bot.edit_message_text(chat, sent.id, "Final").await?;
            bot.edit_forum_topic(chat, thread).name("Renamed").await?;
            bot.close_forum_topic(chat, thread).await?;
            bot.reopen_forum_topic(chat, thread).await?;
            bot.send_message(chat, "Reopened").message_thread_id(thread).await?;
        }
        Some(_) | None => {}
    }
    Ok(())
}

async fn on_edit(bot: Bot, message: Message) -> Done {
    let text = format!("edited: {}", message.text().unwrap_or_default());
    let reply = ReplyParameters::new(message.id);
    bot.send_message(message.chat.id, text).reply_parameters(reply).await?;
    Ok(())
}

async fn on_press(bot: Bot, query: CallbackQuery) -> Done {
    if let Some(message) = &query.message {
        let edit = bot.edit_message_text(message.chat().id, message.id(), "<b>More</b> of it");
        edit.parse_mode(ParseMode::Html).await?;
    }
    bot.answer_callback_query(query.id).text("Done").await?;
    Ok(())
}

async fn on_reaction(bot: Bot, reacted: MessageReactionUpdated) -> Done {
    if let Some(emoji) = reacted.new_reaction.first().and_then(ReactionType::emoji) {
        bot.send_message(reacted.chat.id, format!("reacted: {emoji}")).await?;
    }
    Ok(())
}

/// The updates that come by webhook, as a stream for the dispatcher.
async fn pushed(bot: &Bot, port: u16) -> Result<mpsc::UnboundedReceiver<Update>, Box<dyn Error>> {
    let (updates, received) = mpsc::unbounded_channel();
    let hook = async move |request: Request| {
        let secret = request.headers().get("X-Telegram-Bot-Api-Secret-Token");
        if secret.is_none_or(|secret| secret != SECRET) {
            return StatusCode::UNAUTHORIZED;
        }
        let Ok(body) = to_bytes(request.into_body(), 1 << 20).await else {
            return StatusCode::BAD_REQUEST;
        };
        match serde_json::from_slice(&body) {
            Ok(update) => {
                updates.send(update).map_or(StatusCode::SERVICE_UNAVAILABLE, |()| StatusCode::OK)
            }
            Err(_) => StatusCode::BAD_REQUEST,
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let server = axum::serve(listener, Router::new().route("/hook", post(hook)));
    #[expect(clippy::disallowed_methods, reason = "it serves for as long as the example runs")]
    drop(tokio::spawn(server.into_future()));
    let kinds = [
        AllowedUpdate::Message,
        AllowedUpdate::EditedMessage,
        AllowedUpdate::CallbackQuery,
        AllowedUpdate::MessageReaction,
    ];
    let url = format!("http://127.0.0.1:{port}/hook").parse()?;
    bot.set_webhook(url).secret_token(SECRET.to_owned()).allowed_updates(kinds).await?;
    Ok(received)
}

/// What the listener streams from: the first half of its state.
fn stream_of<S, T>(state: &mut (S, T)) -> &mut S {
    &mut state.0
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(api), Some(token)) = (arguments.next(), arguments.next()) else {
        return Err("usage: teloxide API TOKEN [WEBHOOK_PORT]".into());
    };
    let bot = Bot::new(token).set_api_url(api.parse()?);
    let rules = dptree::entry()
        .branch(Update::filter_message().endpoint(on_message))
        .branch(Update::filter_edited_message().endpoint(on_edit))
        .branch(Update::filter_callback_query().endpoint(on_press))
        .branch(Update::filter_message_reaction_updated().endpoint(on_reaction));
    let mut dispatcher = Dispatcher::builder(bot.clone(), rules).build();
    let Some(port) = arguments.next() else {
        dispatcher.dispatch().await;
        return Ok(());
    };
    let received = pushed(&bot, port.parse()?).await?;
    let (token, _flag) = mk_stop_token();
    let updates = stream::unfold(received, async |mut received| {
        let update = received.recv().await?;
        Some((Ok::<_, Infallible>(update), received))
    });
    let token_of = |state: &mut (_, StopToken)| state.1.clone();
    let listener = StatefulListener::new((Box::pin(updates), token), stream_of, token_of);
    dispatcher.dispatch_with_listener(listener, LoggingErrorHandler::new()).await;
    Ok(())
}
