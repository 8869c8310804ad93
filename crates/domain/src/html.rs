//! Escapes plain text for Telegram's HTML.

/// Escapes plain text for the content of an element. In the value of an attribute, use [`escape_html_attribute`].
pub fn escape_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            other => html.push(other),
        }
    }
    html
}

/// Escapes plain text for the value of an attribute in double quotes, or the content of an element.
pub fn escape_html_attribute(text: &str) -> String {
    escape_html(text).replace('"', "&quot;")
}
