//! The picture of a conversation is drawn from what the demo plays.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use super::page::assert_current;

/// The output of a program that must succeed.
fn output(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The script ends its reading with the chapters that it draws.
    let _it_may_have_read_enough = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn the_reference_picture_is_drawn_from_the_demos_transcript() {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_support-bot"));
    let transcript = output(demo.args(["demo", "--once", "--transcript", "json"]), &[]);
    for line in String::from_utf8_lossy(&transcript).lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "not JSON: {line}");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images/draw");
    let picture = output(Command::new("python3").arg(script), &transcript);
    assert_current("docs/images/desk.svg", &String::from_utf8(picture).unwrap());
}
