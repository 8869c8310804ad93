// The client bot in grammY: `bot.js API TOKEN [WEBHOOK_PORT]`.

import { createServer } from "node:http";
import { Bot, InlineKeyboard, InputFile, webhookCallback } from "grammy";

const SECRET = "of-the-webhook";
const [api, token, port] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot: api } });

bot.on("edited_message:text", (context) =>
  context.reply(`edited: ${context.editedMessage.text}`, {
    reply_parameters: { message_id: context.editedMessage.message_id },
  }));

bot.command("start", (context) =>
  context.reply("Hello", { reply_markup: new InlineKeyboard().text("More", "more") }));

bot.callbackQuery("more", async (context) => {
  await context.editMessageText("<b>More</b> of it", { parse_mode: "HTML" });
  await context.answerCallbackQuery("Done");
});

bot.command("album", (context) =>
  context.replyWithMediaGroup(["one.jpg", "two.jpg"].map((name) => (
    { type: "photo", media: new InputFile(Buffer.from(name), name), caption: name }))));

bot.command("topic", async (context) => {
  const chat = context.chat.id;
  const { message_thread_id } = await context.api.createForumTopic(chat, "Topic");
  const sent = await context.api.sendMessage(chat, "Draft", { message_thread_id });
  await context.api.editMessageText(chat, sent.message_id, "Final");
  await context.api.editForumTopic(chat, message_thread_id, { name: "Renamed" });
  await context.api.closeForumTopic(chat, message_thread_id);
  await context.api.reopenForumTopic(chat, message_thread_id);
  await context.api.sendMessage(chat, "Reopened", { message_thread_id });
});

bot.hears("react", (context) => context.react("👍"));

bot.on("message:photo", async (context) => {
  const { file_id } = context.message.photo.at(-1);
  const { file_path } = await context.getFile();
  const content = await (await fetch(`${api}/file/bot${token}/${file_path}`)).arrayBuffer();
  await context.replyWithPhoto(file_id, { caption: `${content.byteLength} bytes` });
});

bot.on("message_reaction", (context) =>
  context.api.sendMessage(context.chat.id, `reacted: ${context.messageReaction.new_reaction[0].emoji}`));

const allowed_updates = ["message", "edited_message", "callback_query", "message_reaction"];
if (port === undefined) {
  await bot.start({ allowed_updates });
} else {
  const handle = webhookCallback(bot, "http", { secretToken: SECRET });
  createServer(handle).listen(Number(port), "127.0.0.1");
  await bot.api.setWebhook(`http://127.0.0.1:${port}/hook`, { secret_token: SECRET, allowed_updates });
}
