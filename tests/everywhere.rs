//! What the command does alike on every system; the rest of its tests need a Unix.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

const TEXT: &[u8] = b"All work and no play makes Jack a dull boy.\r\n\x1a\xff\n";

/// An empty directory.
fn directory(name: &str) -> PathBuf {
    let path =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("everywhere-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("a directory");
    path
}

fn run(dir: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rigz"));
    command.args(args).current_dir(dir);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command");
    child.stdin.take().expect("a pipe").write_all(input).expect("a reader");
    child.wait_with_output().expect("an end")
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_both_ways_with_its_time() {
    let dir = directory("replaced");
    let data: Vec<u8> = TEXT.iter().copied().cycle().take(3 << 20).collect();
    for name in ["a", "sub/b"] {
        fs::create_dir_all(dir.join("sub")).expect("a directory");
        let file = dir.join(name);
        fs::write(&file, &data).expect("a file");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        fs::File::options().write(true).open(&file).and_then(|file| file.set_modified(time)).expect("a time");
        let packed = format!("{name}.gz");
        let output = run(&dir, &["-9", name], b"");
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        assert!(!file.exists() && dir.join(&packed).exists());
        assert!(run(&dir, &["-t", &packed], b"").status.success());
        let output = run(&dir, &["-d", &packed], b"");
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        assert!(fs::read(&file).expect("a file") == data && !dir.join(&packed).exists());
        assert_eq!(fs::metadata(&file).and_then(|data| data.modified()).expect("a time"), time);
    }
    assert_eq!(
        (names(&dir), names(&dir.join("sub"))),
        (vec!["a".into(), "sub".into()], vec!["b".to_owned()])
    );
}

#[test]
fn pipes_carry_every_byte_as_it_is() {
    let dir = directory("pipes");
    let data: Vec<u8> = TEXT.iter().copied().cycle().take(3 << 20).collect();
    for option in ["-1", "-z", "-K", "-p1"] {
        let packed = run(&dir, &[option], &data);
        assert!(packed.status.success() && packed.stderr.is_empty(), "{option}: {packed:?}");
        let back = run(&dir, &["-dc"], &packed.stdout);
        assert!(back.status.success() && back.stdout == data, "{option}");
    }
}

#[test]
fn nothing_is_overwritten_unasked_and_nothing_partial_is_left() {
    let dir = directory("kept");
    fs::write(dir.join("a"), TEXT).expect("a file");
    fs::write(dir.join("a.gz"), b"mine").expect("a file");
    assert_eq!(run(&dir, &["a"], b"").status.code(), Some(2));
    assert_eq!(fs::read(dir.join("a.gz")).expect("a file"), b"mine");
    assert_eq!(run(&dir, &["-d", "a.gz"], b"").status.code(), Some(2));
    assert_eq!(run(&dir, &["-df", "a.gz"], b"").status.code(), Some(1), "not in gzip format");
    assert_eq!(names(&dir), ["a", "a.gz"]);
    assert!(run(&dir, &["-kf", "a"], b"").status.success());
    assert_eq!(run(&dir, &["-dc", "a.gz"], b"").stdout, TEXT);
    assert_eq!(run(&dir, &["absent"], b"").status.code(), Some(1));
    assert_eq!(names(&dir), ["a", "a.gz"]);
}

#[test]
fn directories_are_taken_whole_with_r() {
    let dir = directory("recursive");
    fs::create_dir_all(dir.join("d/e")).expect("directories");
    fs::write(dir.join("d/e/a"), TEXT).expect("a file");
    fs::write(dir.join("d/b"), TEXT).expect("a file");
    assert!(run(&dir, &["-r", "d"], b"").status.success());
    assert_eq!(
        (names(&dir.join("d")), names(&dir.join("d/e"))),
        (vec!["b.gz".into(), "e".into()], vec!["a.gz".to_owned()])
    );
    let listed = run(&dir, &["-lv", "d/b.gz"], b"");
    assert!(
        listed.status.success() && String::from_utf8_lossy(&listed.stdout).contains("defla"),
        "{listed:?}"
    );
}
