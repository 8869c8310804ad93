//! The notebook in Redis, and the numbers of requests: facts about the desk itself. They are in partition 0, except the
//! offset, which is in all partitions.

use futures_util::future::join_all;

use domain::{ChatId, Millis, Partition, UpdateId, UserId};
use ports::{DeskState, Imported, Notebook, RequestNumbers, StoreError};

use super::{
    RedisStore,
    arguments::{Args, list, maybe_number},
    errors::corrupt,
    observer::Operation,
};

#[ports::async_trait]
impl DeskState for RedisStore {
    async fn notebook(&self) -> Result<Notebook, StoreError> {
        let _open = self.enter().await?;
        self.read_notebook().await
    }

    async fn remember_import(&self, imported: Imported) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        self.write_import(imported).await
    }
}

#[ports::async_trait]
impl RequestNumbers for RedisStore {
    async fn request(&self, user: UserId, nth: u32) -> Result<i64, StoreError> {
        let _open = self.enter().await?;
        self.ask_for_request("give", &[user.0, nth.into()]).await
    }

    async fn requests_from(&self, last: i64) -> Result<i64, StoreError> {
        let _open = self.enter().await?;
        self.ask_for_request("from", &[last]).await
    }
}

impl RedisStore {
    /// Reads the notebook in one round trip.
    pub(super) async fn read_notebook(&self) -> Result<Notebook, StoreError> {
        let notes = Partition::all().map(|partition| async move {
            let mut args = Args::default();
            args.text(self.keys.of(partition, "meta"));
            args.text("stamp").text("offset").text("group").text("from");
            args.text("imported").text("imported_at");
            let read = list(self.connection.command("HMGET", Operation::Read, args).await?)?;
            let read = read.into_iter().map(maybe_number).collect::<Result<Vec<_>, _>>()?;
            let read = <[Option<i64>; 6]>::try_from(read);
            let read = read.map_err(|_| corrupt("fields are missing in an answer from Redis"))?;
            Ok::<_, StoreError>((partition, read))
        });
        let mut notebook = Notebook { unclean: self.unclean, ..Notebook::default() };
        let mut latest = None;
        for note in join_all(notes).await {
            let (partition, [stamp, offset, group, from, imported, at]) = note?;
            let stamp = stamp.unwrap_or(0);
            if offset.is_some() && latest.is_none_or(|latest| latest < stamp) {
                (latest, notebook.offset) = (Some(stamp), offset.map(UpdateId));
            }
            if partition != Partition::DESK {
                continue;
            }
            if let Some((group, from)) = group.zip(from) {
                notebook.group = Some(ChatId(group));
                notebook.group_moved_from = Some(ChatId(from));
            }
            let imported = imported.zip(at);
            notebook.imported = imported.map(|(users, at)| Imported { users, at: Millis(at) });
        }
        Ok(notebook)
    }

    /// Records a finished import.
    pub(super) async fn write_import(&self, imported: Imported) -> Result<(), StoreError> {
        let (users, at) = (imported.users.to_string(), imported.at.0.to_string());
        self.note(Partition::DESK, "imported", users, at).await.map(drop)
    }
}
