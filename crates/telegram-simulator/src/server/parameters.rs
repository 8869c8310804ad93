//! A call's parameters, in any of the four ways that Telegram accepts.

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, Multipart, Request},
    http::header::CONTENT_TYPE,
};
use serde_json::{Map, Value};

use crate::{
    error::ApiError,
    methods::{Upload, Uploads},
};

/// Telegram takes uploads up to 50 MB.
const LARGEST_BODY: usize = 50 * 1024 * 1024;

/// Reads the query and the body: JSON, a urlencoded form, or multipart.
///
/// An uploaded file becomes the string `attach://name`, and so does the parameter it is named by.
pub(super) async fn read(request: Request) -> Result<(Map<String, Value>, Uploads), ApiError> {
    let (mut parameters, mut uploads) = (Map::new(), Uploads::new());
    if let Some(query) = request.uri().query() {
        add_form(&mut parameters, query.as_bytes());
    }
    let kind =
        request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if kind.starts_with("multipart/form-data") {
        add_multipart(&mut parameters, &mut uploads, request).await?;
        return Ok((parameters, uploads));
    }
    let is_json = kind.starts_with("application/json");
    let is_form = kind.starts_with("application/x-www-form-urlencoded");
    let body = body(request.into_body()).await?;
    if body.is_empty() {
        return Ok((parameters, uploads));
    }
    if is_json {
        let Ok(mut object) = serde_json::from_slice::<Map<String, Value>>(&body) else {
            return Err(ApiError::bad("can't parse JSON object"));
        };
        if parameters.is_empty() {
            return Ok((object, uploads));
        }
        parameters.append(&mut object);
    } else if is_form {
        add_form(&mut parameters, &body);
    }
    Ok((parameters, uploads))
}

async fn body(body: Body) -> Result<axum::body::Bytes, ApiError> {
    to_bytes(body, LARGEST_BODY).await.map_err(|_| ApiError::new(413, "Request Entity Too Large"))
}

fn add_form(parameters: &mut Map<String, Value>, form: &[u8]) {
    for (name, value) in url::form_urlencoded::parse(form) {
        parameters.insert(name.into_owned(), value.into_owned().into());
    }
}

async fn add_multipart(
    parameters: &mut Map<String, Value>,
    uploads: &mut Uploads,
    request: Request,
) -> Result<(), ApiError> {
    let broken = || ApiError::bad("can't parse multipart request");
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    while let Some(part) = parts.next_field().await.map_err(|_| broken())? {
        let name = part.name().unwrap_or_default().to_owned();
        if let Some(file) = part.file_name().map(str::to_owned) {
            let content = part.bytes().await.map_err(|_| broken())?.into();
            uploads.insert(name, Upload { name: file, content });
        } else {
            let text = part.text().await.map_err(|_| broken())?;
            parameters.insert(name, text.into());
        }
    }
    for upload in uploads.keys() {
        let reference = format!("attach://{upload}");
        // A part that a parameter refers to is not a parameter itself.
        let referred =
            parameters.values().any(|v| v.as_str().is_some_and(|text| text.contains(&reference)));
        if !referred {
            parameters.insert(upload.clone(), reference.into());
        }
    }
    Ok(())
}
