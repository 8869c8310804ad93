//! Metrics of the desk's work: updates, queues, calls, conversations.

mod budget;
mod desk;
mod newsletters;
mod queues;
mod telegram;
mod tracker;
mod updates;
mod webhook;
mod welcome;

pub use budget::BudgetMetrics;
pub use desk::DeskMetrics;
pub use newsletters::NewsletterMetrics;
pub use queues::QueueMetrics;
pub use telegram::TelegramMetrics;
pub use tracker::TrackerMetrics;
pub use updates::UpdateMetrics;
pub use webhook::WebhookMetrics;
pub use welcome::WelcomeMetrics;
