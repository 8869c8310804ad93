//! Asks the running desk how much of the group's limit it has used lately.

use std::{net::SocketAddr, time::Duration};

use crate::http;
use domain::{LimitUse, Millis};

/// The use of the limit; `None` if no desk runs at this address, if there is no limit, or in the first minute.
pub(super) async fn limit_used(server: SocketAddr, now: Millis) -> Option<LimitUse> {
    // A second process cannot count for the one that runs: its metrics say what it has counted.
    let (status, page) = http::get(server, "/metrics").await.ok()?;
    if status == 200 { read(&page, now) } else { None }
}

fn read(page: &str, now: Millis) -> Option<LimitUse> {
    let value = |name: &str| {
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        line.trim().parse::<f64>().ok()
    };
    let started = Duration::try_from_secs_f64(value("process_start_time_seconds")?).ok()?;
    let started = Millis(i64::try_from(started.as_millis()).ok()?);
    let over = now.since(started).min(LimitUse::HOUR);
    let limited = value("supportbot_group_budget_limit_slots")? > 0.0;
    let share =
        Duration::try_from_secs_f64(value("supportbot_group_budget_used_hour_ratio")?).ok()?;
    // A share in thousandths, as a time is in milliseconds.
    let percent = u32::try_from(share.as_millis().div_ceil(10)).ok()?;
    (limited && over >= Duration::from_mins(1)).then_some(LimitUse { percent, over })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);

    fn page(started: &str, limit: &str, share: &str) -> String {
        format!(
            "# TYPE supportbot_group_budget_limit_slots gauge\n\
             supportbot_group_budget_limit_slots {limit}\n\
             supportbot_group_budget_used_hour_ratio {share}\n\
             process_start_time_seconds {started}\n"
        )
    }

    #[test]
    fn the_metrics_tell_the_share_and_since_when() {
        let minutes = |minutes| Duration::from_mins(minutes);
        let read = |page: String| read(&page, NOW);
        let used = |percent, over| Some(LimitUse { percent, over });
        assert_eq!(read(page("1789999400", "20", "0.63")), used(63, minutes(10)));
        assert_eq!(read(page("1700000000.25", "20", "1")), used(100, LimitUse::HOUR));
        assert_eq!(read(page("1789999990", "20", "0")), None, "it has just started");
        assert_eq!(read(page("1700000000", "0", "0")), None, "there is no limit");
        assert_eq!(read("supportbot_ready 1\n".to_owned()), None, "another program");
    }
}
