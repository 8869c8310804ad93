"""The client bot in aiogram: `bot.py API TOKEN [WEBHOOK_PORT]`."""

import asyncio
import sys

from aiohttp import web
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BufferedInputFile, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Message,
    MessageReactionUpdated, ReactionTypeEmoji)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application

SECRET = "of-the-webhook"
dispatcher = Dispatcher()


@dispatcher.message(CommandStart())
async def start(message: Message):
    button = InlineKeyboardButton(text="More", callback_data="more")
    await message.answer("Hello", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]))


@dispatcher.callback_query(F.data == "more")
async def more(query: CallbackQuery):
    await query.message.edit_text("<b>More</b> of it", parse_mode="HTML")
    await query.answer("Done")


@dispatcher.message(Command("album"))
async def album(message: Message):
    pieces = [InputMediaPhoto(media=BufferedInputFile(name.encode(), name), caption=name) for name in ("one.jpg", "two.jpg")]
    await message.answer_media_group(pieces)


@dispatcher.message(Command("topic"))
async def topic(message: Message, bot: Bot):
    chat = message.chat.id
    thread = (await bot.create_forum_topic(chat, "Topic")).message_thread_id
    sent = await bot.send_message(chat, "Draft", message_thread_id=thread)
    await bot.edit_message_text("Final", chat_id=chat, message_id=sent.message_id)
    await bot.edit_forum_topic(chat, thread, name="Renamed")
    await bot.close_forum_topic(chat, thread)
    await bot.reopen_forum_topic(chat, thread)
    await bot.send_message(chat, "Reopened", message_thread_id=thread)


@dispatcher.message(F.text == "react")
async def react(message: Message):
    await message.react([ReactionTypeEmoji(emoji="👍")])


@dispatcher.edited_message()
async def edited(message: Message):
    await message.reply(f"edited: {message.text}")


@dispatcher.message_reaction()
async def reacted(update: MessageReactionUpdated, bot: Bot):
    await bot.send_message(update.chat.id, f"reacted: {update.new_reaction[0].emoji}")


@dispatcher.message(F.photo)
async def photo(message: Message, bot: Bot):
    file = await bot.get_file(message.photo[-1].file_id)
    content = await bot.download_file(file.file_path)
    await message.answer_photo(message.photo[-1].file_id, caption=f"{len(content.read())} bytes")


async def main(api, token, port=None):
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    kinds = dispatcher.resolve_used_update_types()
    if port is None:
        await dispatcher.start_polling(bot, allowed_updates=kinds)
        return
    application = web.Application()
    SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=SECRET).register(application, path="/hook")
    setup_application(application, dispatcher, bot=bot)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(port)).start()
    await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token=SECRET, allowed_updates=kinds)
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
