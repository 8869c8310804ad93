"""The client bot in python-telegram-bot: `bot.py API TOKEN [WEBHOOK_PORT]`."""

import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.ext import (
    Application, CallbackQueryHandler, CommandHandler, MessageHandler, MessageReactionHandler, filters)

SECRET = "of-the-webhook"


async def start(update, context):
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="more")]])
    await update.message.reply_text("Hello", reply_markup=keyboard)


async def more(update, context):
    await update.callback_query.edit_message_text("<b>More</b> of it", parse_mode="HTML")
    await update.callback_query.answer("Done")


async def album(update, context):
    pieces = [InputMediaPhoto(name.encode(), caption=name, filename=name) for name in ("one.jpg", "two.jpg")]
    await update.message.reply_media_group(pieces)


async def topic(update, context):
    bot, chat = context.bot, update.effective_chat.id
    thread = (await bot.create_forum_topic(chat, "Topic")).message_thread_id
    sent = await bot.send_message(chat, "Draft", message_thread_id=thread)
    await sent.edit_text("Final")
    await bot.edit_forum_topic(chat, thread, name="Renamed")
    await bot.close_forum_topic(chat, thread)
    await bot.reopen_forum_topic(chat, thread)
    await bot.send_message(chat, "Reopened", message_thread_id=thread)


async def react(update, context):
    await update.message.set_reaction("👍")


async def edited(update, context):
    await update.edited_message.reply_text(f"edited: {update.edited_message.text}", do_quote=True)


async def reacted(update, context):
    emoji = update.message_reaction.new_reaction[0].emoji
    await context.bot.send_message(update.effective_chat.id, f"reacted: {emoji}")


async def photo(update, context):
    largest = update.message.photo[-1]
    content = await (await largest.get_file()).download_as_bytearray()
    await update.message.reply_photo(largest.file_id, caption=f"{len(content)} bytes")


def main(api, token, port=None):
    builder = Application.builder().token(token).base_url(f"{api}/bot").base_file_url(f"{api}/file/bot")
    application = builder.build()
    application.add_handlers([
        MessageHandler(filters.UpdateType.EDITED_MESSAGE, edited),
        CommandHandler("start", start),
        CommandHandler("album", album),
        CommandHandler("topic", topic),
        MessageHandler(filters.Text(["react"]), react),
        MessageHandler(filters.PHOTO, photo),
        CallbackQueryHandler(more, "more"),
        MessageReactionHandler(reacted),
    ])
    if port is None:
        application.run_polling(allowed_updates=Update.ALL_TYPES)
    else:
        application.run_webhook(
            "127.0.0.1", int(port), "hook", webhook_url=f"http://127.0.0.1:{port}/hook", secret_token=SECRET,
            allowed_updates=Update.ALL_TYPES)


main(*sys.argv[1:])
