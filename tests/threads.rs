//! The threads of the command: as many as there is work and permission for, and none that must be there.

#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rigz::Level;
use rigz::deflate::chunk_bytes;

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rigz"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Numbers in a row, which compress, but not to nothing.
fn sample(len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + 24);
    for i in 0u64.. {
        if out.len() >= len {
            break;
        }
        out.extend_from_slice(i.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_string().as_bytes());
    }
    out.truncate(len);
    out
}

fn output_for(mut child: Child, input: Vec<u8>) -> Output {
    let mut stdin = child.stdin.take().expect("a pipe");
    let feeder = thread::Builder::new().spawn(move || stdin.write_all(&input)).expect("a thread");
    let output = child.wait_with_output().expect("an end");
    feeder.join().expect("no panic").expect("all input is taken");
    output
}

/// The greatest number of threads `child` has until it has read all of `input`, which stays open, and a while after.
fn threads_for(child: &mut Child, input: &[u8]) -> (usize, ChildStdin) {
    let mut stdin = child.stdin.take().expect("a pipe");
    let tasks = format!("/proc/{}/task", child.id());
    let count = || fs::read_dir(&tasks).expect("a process").count();
    let mut most = 0;
    for piece in input.chunks(1 << 16) {
        stdin.write_all(piece).expect("input is taken");
        most = most.max(count());
    }
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(100) {
        most = most.max(count());
        thread::sleep(Duration::from_millis(1));
    }
    (most, stdin)
}

#[test]
fn threads_that_cannot_be_started_are_done_without() {
    let input = sample(3 * chunk_bytes(Level::FAST));
    let expected = output_for(command(&["-1", "-p1"]).spawn().expect("the command"), input.clone());
    // Stacks of 64 TiB are more than there are addresses for.
    let alone = command(&["-1", "-p8"]).env("RUST_MIN_STACK", (1u64 << 46).to_string()).spawn();
    let output = output_for(alone.expect("the command"), input);
    assert!(output.status.success() && output.stderr.is_empty(), "{:?}", output.stderr);
    assert!(output.stdout == expected.stdout, "the same bytes");
}

#[test]
fn no_thread_is_started_for_one_chunk_and_no_more_than_asked_for_more() {
    let chunk = chunk_bytes(Level::BEST);
    for (threads, len, least, most) in
        [("-p4", chunk, 1, 1), ("-p2", 4 * chunk, 2, 2), ("-p1", 3 * chunk, 1, 1)]
    {
        let mut child = command(&["-9", threads]).stdout(Stdio::null()).spawn().expect("the command");
        let (seen, stdin) = threads_for(&mut child, &sample(len));
        drop(stdin);
        assert!((least..=most).contains(&seen), "{threads}, {len} bytes: {seen} threads");
        assert!(child.wait().expect("an end").success());
    }
}

#[test]
fn threads_default_to_the_processors_the_process_may_use() {
    let mut bound = Command::new("taskset");
    bound.args(["-c", "0", env!("CARGO_BIN_EXE_rigz"), "-1"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = bound.spawn().expect("taskset");
    let (seen, stdin) = threads_for(&mut child, &sample(3 * chunk_bytes(Level::FAST)));
    drop(stdin);
    assert_eq!(seen, 1);
    assert!(child.wait().expect("an end").success());
}

#[test]
fn a_chunk_comes_out_once_the_next_byte_is_in_and_the_end_at_the_end() {
    for threads in ["-p1", "-p2"] {
        let mut child = command(&["-6", threads]).spawn().expect("the command");
        let (mut stdin, mut stdout) =
            (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let input = sample(chunk_bytes(Level::DEFAULT) + 1);
        stdin.write_all(&input).expect("input is taken");
        let mut member = vec![0; 1 << 16];
        stdout.read_exact(&mut member).expect("output while the input is open");
        drop(stdin);
        stdout.read_to_end(&mut member).expect("the end");
        let mut back = vec![0; input.len()];
        rigz::gzip::decompress(&member, &mut back).expect("a member");
        assert!(back == input, "{threads}");
        assert!(child.wait().expect("an end").success());
    }
}
