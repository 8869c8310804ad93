//! The program: a Bot API server on a port, with a control API to act as its users.

use std::{
    io::{self, Write},
    net::Ipv4Addr,
    process::ExitCode,
    time::Duration,
};

use clap::Parser;
use telegram_simulator::{Control, Limits, Options, Simulator, UserSpec};

/// A strict Bot API server for the tests of a bot. Point the bot's API base URL at it, and act as users and
/// group members over HTTP under /control/ (see the README). Ctrl-C stops it; nothing is stored.
#[derive(Debug, Parser)]
#[command(name = "telegram-simulator", max_term_width = 100)]
struct Arguments {
    /// The bot's token: its id, a colon, a secret
    #[arg(long, value_name = "TOKEN", value_parser = token, default_value = "123456789:AAFsimulated-token-of-thirty-five-c")]
    token: String,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST)]
    host: Ipv4Addr,
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8081)]
    port: u16,
    /// The bot's username, without @
    #[arg(long, default_value = "test_bot")]
    username: String,
    /// The bot's name
    #[arg(long, default_value = "Test bot")]
    name: String,
    /// Let the bot call as often as it likes
    #[arg(long)]
    no_limits: bool,
    /// What getMe says of privacy mode: with this flag, that it is on
    #[arg(long)]
    privacy_mode: bool,
    /// Milliseconds added to every answer of the Bot API
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// A person to begin with; may be given several times
    #[arg(long = "user", value_name = "NAME")]
    users: Vec<String>,
    /// A group without topics in which the bot is an administrator; may be given several times
    #[arg(long = "group", value_name = "TITLE")]
    groups: Vec<String>,
    /// A group with topics in which the bot is an administrator; may be given several times
    #[arg(long = "forum", value_name = "TITLE")]
    forums: Vec<String>,
    /// Let other hosts use the control API too, if they reach --host
    #[arg(long)]
    control_from_anywhere: bool,
}

fn token(text: &str) -> Result<String, String> {
    let (id, secret) = text.split_once(':').ok_or("a token has a colon")?;
    let is_id = id.parse::<i64>().is_ok_and(|id| id > 0);
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if is_id && !secret.is_empty() && secret.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("a token is a number, a colon, and letters, digits, _ and -".to_owned())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If this fails too, only the exit code can say so.
            let _unwritten = writeln!(io::stderr(), "telegram-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let options = Options {
        host: arguments.host,
        port: arguments.port,
        token: arguments.token,
        bot_name: arguments.name,
        bot_username: arguments.username,
        can_read_all_group_messages: !arguments.privacy_mode,
        limits: if arguments.no_limits { Limits::off() } else { Limits::telegram() },
        latency: Duration::from_millis(arguments.latency),
        control: if arguments.control_from_anywhere {
            Control::Anyone
        } else {
            Control::ThisMachine
        },
        ..Options::default()
    };
    let simulator = Simulator::start(options).await?;
    let mut out = io::stdout();
    writeln!(out, "api     {}", simulator.url())?;
    writeln!(out, "token   {}", simulator.token())?;
    writeln!(out, "control {}/control", simulator.url())?;
    for name in &arguments.users {
        let person = simulator.user(UserSpec::named(name));
        writeln!(out, "user    {} {name}", person.id())?;
    }
    for title in &arguments.groups {
        let group = simulator.supergroup(title);
        writeln!(out, "group   {} {title}", group.id())?;
    }
    for title in &arguments.forums {
        let group = simulator.forum(title);
        writeln!(out, "forum   {} {title}", group.id())?;
    }
    out.flush()?;
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}
