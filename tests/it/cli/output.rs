//! Whoever reads the output may go before its end.

use std::process::{Command, Stdio};

use crate::setup::Newcomer;

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_ends_every_command_quietly() {
    let newcomer = Newcomer::new().await;
    newcomer.writes_file(
        ".env",
        &format!(
            "BOT_TOKEN={}\nBOT_DEV_ID=1001\nBOT_GROUP_ID=-1001000000001\n",
            newcomer.telegram.token()
        ),
    );
    for arguments in
        [&["doctor"][..], &["doctor", "--json"], &["config"], &["catalogue"], &["man"], &["setup"]]
    {
        let mut command = newcomer.command(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
        let ended = ended.await.unwrap();
        assert_eq!(ended.status.code(), Some(141), "{arguments:?}");
        assert_eq!(String::from_utf8(ended.stderr).unwrap(), "", "{arguments:?}");
    }
    // The help is clap's.
    let mut help = Command::new(env!("CARGO_BIN_EXE_support-bot"));
    let mut help =
        help.arg("--help").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(help.stdout.take());
    assert_eq!(String::from_utf8(help.wait_with_output().unwrap().stderr).unwrap(), "");
}
