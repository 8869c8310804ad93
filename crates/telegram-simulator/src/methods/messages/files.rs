//! Where a file can be downloaded.

use serde_json::{Value, json};

use crate::{error::ApiError, methods::call::Invocation};

pub(crate) fn get(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    let id = call.str("file_id").unwrap_or_default();
    let Some(file) = call.world.files.get(id) else {
        return Err(ApiError::bad("invalid file_id"));
    };
    let value = file.value.as_array().and_then(|sizes| sizes.last()).unwrap_or(&file.value);
    if value["file_size"].as_i64().is_some_and(|size| size > 20 * 1024 * 1024) {
        return Err(ApiError::bad("file is too big"));
    }
    Ok(json!({
        "file_id": id, "file_unique_id": value["file_unique_id"], "file_size": value["file_size"],
        "file_path": format!("{}s/{id}", file.kind),
    }))
}
