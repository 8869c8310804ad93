//! What users and operators see, told as stories: through HTTP, both directions.

mod conversation;
