//! The command, run as a user runs it: one table of what is typed and what comes of it, and tests of what a table
//! cannot hold.

#![cfg(unix)]
#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rigz::{Level, gzip};

mod callers;
mod options;

const TEXT: &[u8] = b"All work and no play makes Jack a dull boy.\n\xc8\xff\x80";

/// An empty directory of its own for each test; gone when the test has passed.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).expect("a file");
    }

    fn get(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a readable file")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("a directory");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rigz"));
        command.args(args).current_dir(&self.0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str], input: &[u8]) -> Output {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().expect("the command");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        let feeder = thread::Builder::new()
            .spawn(move || {
                let _ = stdin.write_all(&input);
            })
            .expect("a thread");
        let output = child.wait_with_output().expect("an end");
        feeder.join().expect("no panic");
        output
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

fn packed(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    gzip::compress(data, Level::DEFAULT, &mut out);
    out
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    zune_inflate::DeflateDecoder::new(bytes).decode_gzip().expect("a valid member")
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Megabytes that take a while to compress and do not shrink to nothing.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 59) as u8 * 3 + 32
    };
    (0..bytes).map(|_| next()).collect()
}

/// What a file of a case holds.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    Packed,
    /// Two members.
    Twice,
    Truncated,
    BadCrc,
    Garbage,
    ZeroPadded,
    Nothing,
    Directory,
    LinkToA,
    HardLinkToA,
    SetUserId,
    Fifo,
}
use Holds::*;

fn prepare(dir: &Dir, name: &str, holds: Holds) {
    let mut bytes = packed(TEXT);
    let last = bytes.len() - 1;
    match holds {
        Text | SetUserId => bytes = TEXT.to_vec(),
        Packed => {}
        Twice => bytes.extend_from_within(..),
        Truncated => bytes.truncate(last),
        BadCrc => bytes[last - 7] ^= 1,
        Garbage => bytes.extend_from_slice(b"junk"),
        ZeroPadded => bytes.resize(2048, 0),
        Nothing => bytes.clear(),
        Directory => return fs::create_dir(dir.path(name)).expect("a directory"),
        LinkToA => return symlink("a", dir.path(name)).expect("a link"),
        HardLinkToA => return fs::hard_link(dir.path("a"), dir.path(name)).expect("a link"),
        Fifo => {
            let made = Command::new("mkfifo").arg(dir.path(name)).status().expect("mkfifo");
            return assert!(made.success());
        }
    }
    dir.put(name, &bytes);
    if matches!(holds, SetUserId) {
        fs::set_permissions(dir.path(name), Permissions::from_mode(0o4755)).expect("a mode");
    }
}

/// What is there, what is typed; the status, what is said (a part of it, or nothing), what is there afterwards.
type Case = (&'static [(&'static str, Holds)], &'static str, i32, &'static str, &'static str);

const CASES: &[Case] = &[
    // Names.
    (&[("a", Text)], "a", 0, "", "a.gz"),
    (&[("a", Text)], "-k a", 0, "", "a a.gz"),
    (&[("a", Text)], "a -9nk", 0, "", "a a.gz"),
    (&[("a", Text)], "-S .x a", 0, "", "a.x"),
    (&[("a.x", Packed)], "-dS .x a.x", 0, "", "a"),
    (&[("a.x", Packed)], "-dS.x a", 0, "", "a"),
    (&[("a.gz", Packed)], "-d a.gz", 0, "", "a"),
    (&[("a.gz", Packed)], "--decomp --keep a.gz", 0, "", "a a.gz"),
    (&[("a.GZ", Packed)], "-d a.GZ", 0, "", "a"),
    (&[("a.tgz", Packed)], "-d a.tgz", 0, "", "a.tar"),
    (&[("a.gz", Packed)], "-d a", 0, "", "a"),
    (&[("a.gz", Packed)], "-d -- a", 0, "", "a"),
    (&[("a", Packed)], "-d a", 2, "rigz: a: unknown suffix -- ignored\n", "a"),
    (&[("a.gz", Text)], "a.gz", 0, "rigz: a.gz already has .gz suffix -- unchanged\n", "a.gz"),
    (&[("-k", Text)], "-- -k", 0, "", "-k.gz"),
    (&[("a", Text), ("b", Text)], "a nope b", 1, "rigz: nope: No such file or directory\n", "a.gz b.gz"),
    // Outputs that exist.
    (&[("a", Text), ("a.gz", Text)], "a", 2, "rigz: a.gz already exists;\tnot overwritten\n", "a a.gz"),
    (&[("a", Text), ("a.gz", Text)], "-f a", 0, "", "a.gz"),
    (&[("a", Text), ("a.gz", LinkToA)], "a", 2, "already exists", "a a.gz"),
    (&[("a", Text), ("a.gz", Directory)], "-f a", 1, "rigz: a.gz: Is a directory\n", "a a.gz"),
    // Inputs that are refused.
    (&[("d", Directory)], "d", 2, "rigz: d is a directory -- ignored\n", "d"),
    // Then come words of the C library.
    (&[("a", Text), ("l", LinkToA)], "l", 1, "rigz: l: ", "a l"),
    (&[("a", Text), ("l", LinkToA)], "-f l", 0, "", "a l.gz"),
    (&[("a", Text), ("h", HardLinkToA)], "a", 2, "rigz: a has 1 other link -- file ignored\n", "a h"),
    (&[("a", Text), ("h", HardLinkToA)], "-f a", 0, "", "a.gz h"),
    (&[("s", SetUserId)], "-f s", 2, "rigz: s is set-user-ID on execution - ignored\n", "s"),
    (&[("f", Fifo)], "f", 2, "rigz: f is not a directory or a regular file - ignored\n", "f"),
    (&[("d", Directory), ("d/a", Text), ("d/b.gz", Packed)], "-r d", 0, "", "d"),
    // Compressed data that is wrong. Nothing is left behind, the input stays.
    (&[("a.gz", Truncated)], "-d a.gz", 1, "rigz: a.gz: unexpected end of file at byte ", "a.gz"),
    (
        &[("a.gz", BadCrc)],
        "-d a.gz",
        1,
        "rigz: a.gz: invalid compressed data--crc error (crc-32 mismatch at byte ",
        "a.gz",
    ),
    (&[("a.gz", Text)], "-d a.gz", 1, "rigz: a.gz: not in gzip format\n", "a.gz"),
    (&[("a", Text)], "-lf a", 1, "rigz: a: not in gzip format\n", "a"),
    (&[("a.gz", Nothing)], "-d a.gz", 1, "rigz: a.gz: unexpected end of file at byte 0\n", "a.gz"),
    (&[("a.gz", Truncated)], "-t a.gz", 1, "unexpected end of file", "a.gz"),
    (&[("a.gz", BadCrc)], "-t a.gz", 1, "crc error", "a.gz"),
    (&[("a.gz", BadCrc), ("b.gz", Packed)], "-d a b", 1, "crc error", "a.gz b"),
    // Bytes after the last member.
    (
        &[("a.gz", Garbage)],
        "-d a.gz",
        2,
        "rigz: a.gz: decompression OK, trailing garbage ignored from byte ",
        "a",
    ),
    (&[("a.gz", Garbage)], "-qt a.gz", 2, "", "a.gz"),
    (&[("a.gz", ZeroPadded)], "-d a.gz", 0, "", "a"),
    (&[("a.gz", Twice)], "-t a.gz", 0, "", "a.gz"),
    // What is told.
    (&[("a.gz", Packed)], "-tv a.gz", 0, "a.gz:\t OK\n", "a.gz"),
    (&[("a", Text)], "-v a", 0, "% -- replaced with a.gz\n", "a.gz"),
    (&[("a", Text)], "-kv a", 0, "% -- created a.gz\n", "a a.gz"),
    (&[("a", Text)], "-cv a", 0, "% -- replaced with stdout\n", "a"),
    (&[("a", Text), ("a.gz", Text)], "-q a", 2, "", "a a.gz"),
    // Command lines that make no sense.
    (&[], "-y", 1, "rigz: invalid option -- 'y'\nTry `rigz --help' for more information.\n", ""),
    (&[], "--foo", 1, "rigz: unrecognized option '--foo'\n", ""),
    (&[], "-S", 1, "rigz: option requires an argument -- 'S'\n", ""),
    (&[("a", Text)], "-S a/b a", 1, "rigz: invalid suffix 'a/b'\n", "a"),
    (&[("a", Text)], "-p many a", 1, "rigz: invalid number of threads 'many'\n", "a"),
];

#[test]
fn what_is_typed_and_what_comes_of_it() {
    for (at, &(files, line, status, said, left)) in CASES.iter().enumerate() {
        let dir = Dir::new(&format!("case{at}"));
        files.iter().for_each(|&(name, holds)| prepare(&dir, name, holds));
        let args: Vec<&str> = line.split(' ').collect();
        let output = dir.run(&args, b"");
        let err = text_of(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "rigz {line}: {err}");
        assert!(if said.is_empty() { err.is_empty() } else { err.contains(said) }, "rigz {line} said: {err}");
        assert_eq!(dir.names().join(" "), left, "rigz {line}");
        for name in dir.names() {
            let is_ours = !files.iter().any(|&(before, _)| before == name);
            if is_ours && !name.ends_with("gz") && !name.ends_with('x') {
                assert!(dir.get(&name) == TEXT, "rigz {line} wrote {name}");
            } else if is_ours {
                assert!(unpacked(&dir.get(&name)) == TEXT, "rigz {line} wrote {name}");
            }
        }
    }
}

#[test]
fn without_operands_standard_input_goes_to_standard_output() {
    let dir = Dir::new("stdin");
    for args in [&[][..], &["-"], &["-c"], &["-9n", "-p1", "-"]] {
        let output = dir.run(args, TEXT);
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(unpacked(&output.stdout) == TEXT);
        assert_eq!(output.stdout[3..8], [0; 5], "no name and no time");
        let back = dir.run(&["-dc"], &output.stdout);
        assert!(back.status.success() && back.stdout == TEXT);
    }
    assert!(dir.run(&["-dcf"], TEXT).stdout == TEXT, "-dcf passes on what is not compressed");
    let empty = dir.run(&["-d"], b"");
    assert_eq!(text_of(&empty.stderr), "rigz: stdin: unexpected end of file at byte 0\n");
    assert!(dir.names().is_empty());
}

#[test]
fn the_header_holds_name_and_time_unless_told_otherwise() {
    let dir = Dir::new("header");
    dir.put("a", TEXT);
    let file = File::options().write(true).open(dir.path("a")).expect("a file");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789)).expect("a time");
    let member = dir.run(&["-c9", "a"], b"").stdout;
    assert_eq!(member[..10], [0x1f, 0x8b, 8, 8, 0x00, 0xca, 0x9a, 0x3b, 2, 3]);
    assert_eq!(member[10..12], *b"a\0");
    let member = dir.run(&["-c1n", "a"], b"").stdout;
    assert_eq!(member[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]);

    // With -N the stored name comes back, without its directories, and the time.
    let header = gzip::HeaderBuilder::new().mtime(5).name(b"../../evil").expect("storable");
    let mut evil = Vec::new();
    header.write(Level::DEFAULT, &mut evil);
    evil.extend_from_slice(&packed(TEXT)[10..]);
    dir.put("b.gz", &evil);
    assert!(dir.run(&["-dN", "b.gz"], b"").status.success());
    assert_eq!(dir.names(), ["a", "evil"]);
    assert_eq!(fs::metadata(dir.path("evil")).expect("there").mtime(), 5);
}

#[test]
fn times_that_the_header_cannot_hold_are_a_warning() {
    let dir = Dir::new("time");
    dir.put("a", TEXT);
    let file = File::options().write(true).open(dir.path("a")).expect("a file");
    file.set_modified(SystemTime::UNIX_EPOCH - Duration::from_secs(5)).expect("a time");
    let output = dir.run(&["-c", "a"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text_of(&output.stderr), "rigz: a: warning: file timestamp out of range for gzip format\n");
    assert_eq!(output.stdout[4..8], [0; 4]);
}

#[test]
fn mode_and_times_to_the_nanosecond_go_with_the_file_both_ways() {
    let dir = Dir::new("attributes");
    dir.put("a", TEXT);
    let file = File::options().write(true).open(dir.path("a")).expect("a file");
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_234_567_890, 987_654_321);
    file.set_modified(time).expect("a time");
    fs::set_permissions(dir.path("a"), Permissions::from_mode(0o640)).expect("a mode");
    for (args, name) in [(["-q", "a"], "a.gz"), (["-d", "a.gz"], "a")] {
        assert!(dir.run(&args, b"").status.success());
        let data = fs::metadata(dir.path(name)).expect("there");
        assert_eq!(data.mode() & 0o7777, 0o640);
        assert_eq!(data.modified().expect("a time"), time);
    }
}

#[test]
fn any_number_of_threads_from_file_or_pipe_makes_the_same_file() {
    let dir = Dir::new("threads");
    let data = noise(3 << 20);
    dir.put("a", &data);
    let expected = dir.run(&["-nc1", "-p1", "a"], b"").stdout;
    assert!(unpacked(&expected) == data);
    for threads in ["-p0", "-p2", "-p3", "-p64"] {
        assert!(dir.run(&["-nc1", threads, "a"], b"").stdout == expected, "file, {threads}");
        assert!(dir.run(&["-1", threads], &data).stdout == expected, "pipe, {threads}");
        assert!(dir.run(&["-d", threads], &expected).stdout == data, "{threads} back");
    }
}

#[test]
fn a_table_in_the_layout_of_gzip() {
    let dir = Dir::new("list");
    let data = [b'x'; 100_000];
    dir.put("long.gz", &packed(&data));
    let twice = packed(&data).repeat(2);
    dir.put("b.gz", &twice);
    let output = dir.run(&["-l", "long.gz", "b.gz"], b"");
    let text = text_of(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "         compressed        uncompressed  ratio uncompressed_name");
    assert_eq!(lines[1].len(), 19 + 1 + 19 + 1 + 6 + 1 + "long".len());
    assert!(lines[1].ends_with(" 100000  99.9% long"), "{text}");
    assert!(lines[2].ends_with(" 200000  99.9% b"), "{text}");
    assert!(lines[3].ends_with(" 300000  99.9% (totals)"), "{text}");
    assert_eq!(
        dir.run(&["-lq", "b.gz"], b"").stdout.split(|&b| b == b'\n').count(),
        2,
        "one row and no title"
    );
}

#[test]
fn names_are_escaped_when_printed() {
    let dir = Dir::new("escape");
    let output = dir.run(&["no\x1b[31m\nsuch"], b"");
    assert_eq!(text_of(&output.stderr), "rigz: no\\x1b[31m\\x0asuch: No such file or directory\n");
}

#[test]
fn answers_go_to_standard_output() {
    let dir = Dir::new("answers");
    let help = dir.run(&["-h"], b"");
    assert!(help.status.success() && text_of(&help.stdout).contains("Usage: rigz [OPTION]... [FILE]..."));
    let version = dir.run(&["--version"], b"");
    assert_eq!(text_of(&version.stdout), format!("rigz {}\n", env!("CARGO_PKG_VERSION")));
    assert!(dir.run(&["-L"], b"").status.success());
}

#[test]
fn the_name_it_is_called_by_decides() {
    let dir = Dir::new("names");
    dir.put("a.gz", &packed(TEXT));
    for (name, args, expected) in [("zcat", "a.gz", TEXT), ("gunzip", "-c", TEXT), ("unpigz", "-kc", TEXT)] {
        symlink(env!("CARGO_BIN_EXE_rigz"), dir.path(name)).expect("a link");
        let output = Command::new(dir.path(name))
            .args([args, "a.gz"].iter().take(if args == "a.gz" { 1 } else { 2 }))
            .current_dir(&dir.0)
            .output()
            .expect("the command");
        assert!(output.status.success() && output.stdout == expected, "{name}");
    }
    let output = Command::new(dir.path("gunzip")).arg("--foo").output().expect("the command");
    assert!(text_of(&output.stderr).starts_with("gunzip: unrecognized option"));
}

#[test]
fn an_output_that_takes_no_more_is_one_message_and_status_1() {
    let dir = Dir::new("full");
    dir.put("a", &noise(3 << 20));
    for threads in ["-p1", "-p4"] {
        let full = File::options().write(true).open("/dev/full").expect("/dev/full");
        let output = dir.command(&["-c", threads, "a", "a"]).stdout(full).output().expect("the command");
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(text_of(&output.stderr), "rigz: stdout: No space left on device\n");
    }
}

#[test]
fn a_closed_pipe_ends_the_command_by_its_signal() {
    const SIGPIPE: i32 = 13;
    let dir = Dir::new("pipe");
    dir.put("a", &noise(4 << 20));
    for threads in ["-p1", "-p4"] {
        let mut child = dir.command(&["-c1", threads, "a"]).spawn().expect("the command");
        drop(child.stdout.take());
        let status = wait(&mut child);
        assert_eq!(status.signal(), Some(SIGPIPE), "{status}");
    }
}

#[test]
fn a_closed_pipe_is_a_warning_when_its_signal_is_ignored() {
    let dir = Dir::new("ignored");
    dir.put("a", &noise(4 << 20));
    let script = format!("trap '' PIPE; exec {} -1c a", env!("CARGO_BIN_EXE_rigz"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(&dir.0).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = shell.spawn().expect("a shell");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    assert_eq!((output.status.code(), &*text_of(&output.stderr)), (Some(2), "rigz: stdout: Broken pipe\n"));
}

/// Waits for `child`, but not for ever.
fn wait(child: &mut Child) -> std::process::ExitStatus {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("a child");
    child.wait().expect("a child")
}

#[test]
fn a_failing_output_is_not_held_up_by_an_input_that_says_nothing() {
    let dir = Dir::new("silent");
    let full = File::options().write(true).open("/dev/full").expect("/dev/full");
    let mut child =
        dir.command(&["-1", "-p3"]).stdin(Stdio::piped()).stdout(full).spawn().expect("the command");
    let mut stdin = child.stdin.take().expect("a pipe");
    let _ = stdin.write_all(&noise(3 << 20));
    let start = Instant::now();
    let status = wait(&mut child);
    assert_eq!(status.code(), Some(1), "{status}");
    assert!(start.elapsed() < Duration::from_secs(5), "the input is still open");
    drop(stdin);
}

#[test]
fn killed_at_any_moment_nothing_partial_is_left_and_the_input_stays() {
    let dir = Dir::new("kill");
    let data = noise(6 << 20);
    dir.put("a", &data);
    for attempt in 0..12 {
        let mut child = dir.command(&["-6", "a"]).spawn().expect("the command");
        thread::sleep(Duration::from_millis(attempt * 7));
        let _ = child.kill();
        let status = child.wait().expect("a child");
        // The signal may also come between the removal of the input and the end of the process.
        assert!(status.signal().is_some() || dir.path("a.gz").exists(), "{status}");
        if dir.path("a.gz").exists() {
            assert!(unpacked(&dir.get("a.gz")) == data, "what is there is complete");
            fs::rename(dir.path("a.gz"), dir.path("a")).expect("a renaming");
        } else {
            assert!(dir.get("a") == data, "the input is there");
        }
        dir.put("a", &data);
        assert_eq!(dir.names(), ["a"], "and nothing else is");
    }
}

#[test]
fn beyond_a_file_size_limit_there_is_a_message_and_the_old_output() {
    let dir = Dir::new("limit");
    dir.put("a", &noise(2 << 20));
    dir.put("a.gz", b"old");
    let script = format!("ulimit -f 100; exec {} -1f a", env!("CARGO_BIN_EXE_rigz"));
    let output = Command::new("sh").args(["-c", &script]).current_dir(&dir.0).output().expect("a shell");
    assert_eq!(text_of(&output.stderr), "rigz: a.gz: File too large\n");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(dir.names(), ["a", "a.gz"]);
    assert_eq!(dir.get("a.gz"), b"old");
}

#[cfg(target_os = "linux")]
#[test]
fn threads_do_not_use_up_the_addresses_that_the_process_may_have() {
    let dir = Dir::new("addresses");
    dir.put("a", &noise(8 << 20));
    let script = format!("ulimit -v 100000; exec {} -1 -p64 -c a", env!("CARGO_BIN_EXE_rigz"));
    for _ in 0..8 {
        let output = Command::new("sh").args(["-c", &script]).current_dir(&dir.0).output().expect("a shell");
        assert_eq!((output.status.code(), text_of(&output.stderr)), (Some(0), String::new()));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_input_that_changes_meanwhile_is_kept() {
    let dir = Dir::new("change");
    let data = noise(24 << 20);
    dir.put("a", &data);
    dir.put("b", b"new");
    let mut child = dir.command(&["-9", "-p1", "a"]).spawn().expect("the command");
    // Once the input is open, before the command can have read all of it.
    let descriptors = format!("/proc/{}/fd", child.id());
    let input = fs::canonicalize(dir.path("a")).expect("a file");
    let has_opened = || {
        let open = fs::read_dir(&descriptors).into_iter().flatten().flatten();
        open.filter_map(|fd| fs::read_link(fd.path()).ok()).any(|file| file == input)
    };
    while !has_opened() && child.try_wait().expect("a child").is_none() {
        thread::yield_now();
    }
    fs::rename(dir.path("b"), dir.path("a")).expect("a renaming");
    let status = wait(&mut child);
    let mut said = String::new();
    let _ = child.stderr.take().map(|mut err| err.read_to_string(&mut said));
    assert_eq!((status.code(), &*said), (Some(2), "rigz: a: file changed meanwhile -- kept\n"));
    assert_eq!(dir.get("a"), b"new");
    assert!(unpacked(&dir.get("a.gz")) == data);
}

#[test]
fn a_fifo_is_waited_for_with_stdout() -> io::Result<()> {
    let dir = Dir::new("fifo");
    prepare(&dir, "f", Fifo);
    let child = dir.command(&["-c", "f"]).spawn()?;
    thread::sleep(Duration::from_millis(50));
    File::options().write(true).open(dir.path("f"))?.write_all(TEXT)?;
    let output = child.wait_with_output()?;
    assert!(output.status.success() && unpacked(&output.stdout) == TEXT);
    Ok(())
}
