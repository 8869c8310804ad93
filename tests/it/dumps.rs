//! A crash leaves no copy of the process's memory, because that contains the token.

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    process::{Command, Stdio},
};

use crate::harness::{Program, program::get};

#[tokio::test(flavor = "multi_thread")]
async fn an_abort_leaves_no_core_file_and_process_metrics_stay() {
    let program = Program::new(&[]).await;
    let mut shell = program.with_settings(Command::new("/bin/sh"));
    let raised = "ulimit -c unlimited; exec \"$0\" run";
    shell.args(["-c", raised, env!("CARGO_BIN_EXE_support-bot")]);
    let mut child = shell.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    program.until("the program is ready", async |program| program.ready().await.0 == 200).await;

    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    for series in ["process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"]
    {
        // The kernel counts CPU time in hundredths of a second, and the first one may not be over yet.
        let counts = async |program: &Program| {
            let (_, page) = get(&format!("http://{}/metrics", program.ops())).await;
            let line = page.lines().find(|line| line.starts_with(&format!("{series} ")));
            let value = line.and_then(|line| line.split(' ').nth(1)).expect(series);
            value.parse::<f64>().unwrap() > 0.0
        };
        program.until(series, counts).await;
    }

    let aborted = Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap();
    assert!(aborted.success());
    let ended = child.wait().unwrap();
    assert_eq!((ended.signal(), ended.core_dumped()), (Some(6), false), "{ended}");
}
