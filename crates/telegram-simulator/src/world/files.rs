//! Files: what a `file_id` stands for. A bot may send again whatever it was shown.

use serde_json::{Value, json};

use super::{
    Fields, World,
    file_kind::{FILES, File, file_id},
};

impl World {
    /// Remembers the files of a message, so that they can be sent by id.
    pub(crate) fn learn_files(&mut self, content: &Fields) {
        for (kind, _) in FILES {
            if let Some(value) = content.get(*kind)
                && let Some(id) = file_id(value)
                && !self.files.contains_key(id)
            {
                self.files.insert(id.to_owned(), File { kind, value: value.clone() });
            }
        }
    }

    /// A new file, as an upload makes it.
    pub(crate) fn make_file(&mut self, kind: &str, name: &str) -> Value {
        let number = self.unique();
        let value = file_value(kind, &format!("{kind}-file-{number}"), name);
        self.learn_files(&Fields::from_iter([(kind.to_owned(), value.clone())]));
        value
    }
}

/// A plausible file of a kind.
pub(crate) fn file_value(kind: &str, id: &str, name: &str) -> Value {
    let unique = format!("u-{id}");
    let mut file = json!({ "file_id": id, "file_unique_id": unique, "file_size": 1000 });
    let extra = match kind {
        "photo" => {
            let small = format!("{id}-s");
            return json!([
                { "file_id": small, "file_unique_id": format!("u-{small}"), "width": 90, "height": 60, "file_size": 100 },
                { "file_id": id, "file_unique_id": unique, "width": 900, "height": 600, "file_size": 1000 },
            ]);
        }
        "animation" | "video" => {
            json!({ "width": 320, "height": 200, "duration": 3, "file_name": name, "mime_type": "video/mp4" })
        }
        "live_photo" => {
            json!({ "width": 320, "height": 200, "duration": 3, "mime_type": "video/mp4" })
        }
        "audio" => json!({ "duration": 60, "file_name": name, "mime_type": "audio/mpeg" }),
        "voice" => json!({ "duration": 4, "mime_type": "audio/ogg" }),
        "video_note" => json!({ "length": 240, "duration": 5 }),
        "sticker" => json!({
            "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false, "emoji": "👍",
        }),
        _ => json!({ "file_name": name, "mime_type": "application/octet-stream" }),
    };
    if let (Some(file), Value::Object(mut extra)) = (file.as_object_mut(), extra) {
        file.append(&mut extra);
    }
    file
}
