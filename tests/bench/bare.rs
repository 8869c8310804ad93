//! The baseline that the program is measured against: teloxide's own dispatcher, which copies every private message to
//! the group and stores nothing.

use teloxide::{
    dispatching::UpdateFilterExt as _,
    prelude::*,
    types::{ChatId, Recipient},
};

/// Copies messages until the process is killed.
pub(crate) fn run(api: &str, group: &str) {
    let group = ChatId(group.parse().unwrap());
    // The token comes from the environment, as in any teloxide program.
    let bot = Bot::from_env().set_api_url(api.parse().unwrap());
    let copy = move |bot: Bot, message: Message| async move {
        if message.chat.is_private() {
            bot.copy_message(Recipient::Id(group), message.chat.id, message.id).await?;
        }
        Ok::<_, teloxide::RequestError>(())
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        Dispatcher::builder(bot, Update::filter_message().endpoint(copy)).build().dispatch().await;
    });
}
