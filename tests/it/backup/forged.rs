//! Forged files with a correct checksum: the checksum only finds accidents, so the contents of a file are untrusted.

use std::{fs, io::Write as _, path::Path, process::Command};

use flate2::{Compression, write::ZlibEncoder};
use sha2::{Digest as _, Sha256};
use support_bot::adapters::backup::BackupError;

use super::records_of;

const FIRST: &str = r#"{"backup":{"made":1,"release":"0.1.0"}}"#;
const LAST: &str =
    r#"{"end":{"conversations":0,"links":0,"known":0,"updates":0,"sends":0,"dead":0}}"#;

/// Writes a file with these lines, with `behind` after the compressed text, and with a correct checksum.
fn forge(path: &Path, lines: &[&str], behind: &[u8]) {
    let mut text = ZlibEncoder::new(Vec::new(), Compression::fast());
    for line in lines {
        text.write_all(line.as_bytes()).unwrap();
        text.write_all(b"\n").unwrap();
    }
    let mut file = b"support-bot backup 1\n".to_vec();
    file.extend(text.finish().unwrap());
    file.extend(behind);
    let sum = Sha256::digest(&file);
    file.extend(&*sum);
    file.extend(b"\nend of backup.\n");
    fs::write(path, file).unwrap();
}

/// The error of reading a file with this line in its middle.
async fn refused(line: &str) -> BackupError {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    forge(&path, &[FIRST, r#"{"facts":{"next":16}}"#, line, LAST], b"");
    records_of(&path).await.expect_err(line)
}

#[tokio::test]
async fn impossible_numbers_are_refused_with_their_line() {
    let link = r#""user_message":1,"staff_message":2,"by_staff":false,"text":0,"media":0,"at":1"#;
    let item = r#""received":1,"attempts":0,"raw":"{}""#;
    for line in [
        r#"{"facts":{"next":-5}}"#.to_owned(),
        format!(r#"{{"facts":{{"next":{},"named":true}}}}"#, i64::MAX),
        format!(r#"{{"facts":{{"next":{}}}}}"#, 1_i64 << 50),
        format!(r#"{{"facts":{{"next":16,"offset":{}}}}}"#, i64::MAX),
        r#"{"facts":{"next":16,"offset":-1}}"#.to_owned(),
        format!(r#"{{"facts":{{"next":16,"requests":{}}}}}"#, i64::MAX),
        r#"{"facts":{"next":16,"group":7}}"#.to_owned(),
        format!(r#"{{"link":{{"user":{},{link}}}}}"#, i64::MIN),
        format!(r#"{{"link":{{"user":0,{link}}}}}"#),
        format!(r#"{{"known":{{"update":{},"at":1}}}}"#, i64::MAX),
        format!(r#"{{"update":{{"seq":{},"id":1,"lane":5,{item}}}}}"#, i64::MAX),
        format!(r#"{{"update":{{"seq":1,"id":1,"lane":{},{item}}}}}"#, i64::MIN + 1),
    ] {
        let error = refused(&line).await;
        assert!(matches!(error, BackupError::Senseless { line: 3, .. }), "{line}: {error:?}");
        let printed = error.to_string();
        assert!(
            printed.contains("in line 3") && printed.contains("take another backup"),
            "{printed}"
        );
    }
    let printed = refused(r#"{"known":{"update":"Ada"}}"#).await.to_string();
    assert!(printed.contains("in line 3") && !printed.contains("Ada"), "{printed}");
}

#[tokio::test]
async fn an_overlong_line_is_not_read_to_its_end() {
    let line = format!(r#"{{"known":"{}"}}"#, "0".repeat(64 << 20));
    let error = refused(&line).await;
    assert!(matches!(error, BackupError::Overlong { line: 3, .. }), "{error:?}");
    assert!(error.to_string().contains("line 3 is longer than 8 MB"), "{error}");
}

#[tokio::test]
async fn data_after_the_end_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    forge(&path, &[FIRST, LAST], b"");
    records_of(&path).await.unwrap();
    for (lines, behind) in [(&[FIRST, LAST, "rubbish"][..], &b""[..]), (&[FIRST, LAST], b"rubbish")]
    {
        forge(&path, lines, behind);
        let error = records_of(&path).await.unwrap_err();
        assert!(matches!(error, BackupError::GoesOn(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_pipe_is_refused_without_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert!(matches!(records_of(&path).await, Err(BackupError::Foreign(_))));
}
