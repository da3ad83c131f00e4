//! Laws of readers over a pool of the caller's: whatever it does, the data and the errors are those of one thread, nobody
//! waits without end, and nothing is left in it.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::io::{self, Cursor, ErrorKind, Read};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use rigz::parallel::{DecompressBuilder, Reader};
use rigz::{Level, gzip};

#[path = "common/pieces.rs"]
mod pieces;
#[path = "common/text.rs"]
mod text;

use pieces::{Pieces, in_time};
use text::sample;

fn packed(data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    gzip::compress(data, Level::FAST, &mut file);
    file
}

/// Some megabytes in one member, and their data: far more than is decoded ahead.
fn large() -> (Vec<u8>, Vec<u8>) {
    let data = sample(10 << 20);
    (packed(&data), data)
}

/// The same in members of some kilobytes.
fn members() -> (Vec<u8>, Vec<u8>) {
    let data = sample(10 << 20);
    (data.chunks(50_000).flat_map(packed).collect(), data)
}

fn pool(threads: usize) -> Arc<ThreadPool> {
    Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool"))
}

/// A reader over `pool`.
fn reader(file: impl Read + Send + 'static, pool: &Arc<ThreadPool>) -> Reader {
    DecompressBuilder::new().pool(Arc::clone(pool)).reader(file).expect("a thread")
}

/// All data of `reader`, and how it ends.
fn outcome(mut reader: Reader) -> (Vec<u8>, Result<u64, String>) {
    let mut data = Vec::new();
    let result = reader.read_to_end(&mut data);
    let members = |_| reader.summary().expect("at the end").members;
    (data, result.map(members).map_err(|error| format!("{:?}: {error}", error.kind())))
}

/// Keeps all threads of a pool busy until it is dropped.
struct Blocked {
    _ends: Vec<mpsc::Sender<()>>,
}

fn blocked(pool: &ThreadPool) -> Blocked {
    let (started, starts) = mpsc::channel();
    let ends = (0..pool.current_num_threads()).map(|_| {
        let (end, wait) = mpsc::channel();
        let started = started.clone();
        pool.spawn(move || {
            started.send(()).expect("someone waits");
            _ = wait.recv();
        });
        starts.recv().expect("it starts");
        end
    });
    Blocked { _ends: ends.collect() }
}

/// Says when it is dropped.
struct Told<R>(R, mpsc::Sender<()>);

impl<R: Read> Read for Told<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R> Drop for Told<R> {
    fn drop(&mut self) {
        _ = self.1.send(());
    }
}

/// Waits until nothing but `pool` itself refers to the pool.
fn let_go(pool: &Arc<ThreadPool>) {
    while Arc::strong_count(pool) > 1 {
        thread::yield_now();
    }
}

#[test]
fn a_pool_gives_the_data_and_the_errors_of_one_thread_for_files_of_any_kind_and_damage() {
    let pools = [pool(1), pool(3)];
    for (name, (file, _)) in [("one member", large()), ("members", members())] {
        let mut cut = file.clone();
        cut.truncate(file.len() - 5);
        let flipped = |at: usize| {
            let mut file = file.clone();
            file[at] ^= 4;
            file
        };
        let (half, last) = (file.len() / 2, file.len() - 6);
        let garbage = [&file[..], &b"garbage"[..]].concat();
        for (kind, file) in [
            ("good", file.clone()),
            ("cut", cut),
            ("garbage", garbage),
            ("half", flipped(half)),
            ("last", flipped(last)),
        ] {
            let alone = DecompressBuilder::new().threads(NonZeroUsize::MIN);
            let one = outcome(alone.reader(Cursor::new(file.clone())).expect("a thread"));
            for pool in &pools {
                let (file, pool) = (file.clone(), Arc::clone(pool));
                let many = in_time(move || outcome(reader(Cursor::new(file), &pool)));
                assert_eq!(many.1, one.1, "{name}, {kind}");
                assert!(many.0 == one.0, "{name}, {kind}");
            }
        }
    }
}

#[test]
fn a_pool_that_is_busy_for_ever_stops_no_reader() {
    let (file, data) = large();
    let pool = pool(1);
    let blocked = blocked(&pool);
    let (dropped, drops) = mpsc::channel();
    let told = Told(Cursor::new(file), dropped);
    let of_pool = Arc::clone(&pool);
    let (back, result) = in_time(move || outcome(reader(told, &of_pool)));
    assert!(result == Ok(1) && back == data);
    // Tasks that have not begun hold nothing.
    in_time(move || drops.recv()).expect("told");
    in_time({
        let pool = Arc::clone(&pool);
        move || {
            while Arc::strong_count(&pool) > 2 {
                thread::yield_now()
            }
        }
    });
    drop(blocked);
}

#[test]
fn a_pool_that_has_time_only_in_the_middle_changes_nothing() {
    let (file, data) = large();
    in_time(move || {
        let pool = pool(2);
        let mut blocked_now = Some(blocked(&pool));
        let mut reader = reader(Cursor::new(file), &pool);
        let (mut back, mut buffer) = (Vec::new(), vec![0; 1 << 20]);
        loop {
            // What was left to tasks at the start begins when it is long decoded.
            match back.len() >> 20 {
                2..4 | 6..8 => blocked_now = None,
                _ if blocked_now.is_none() => blocked_now = Some(blocked(&pool)),
                _ => {}
            }
            match reader.read(&mut buffer).expect("good") {
                0 => break,
                count => back.extend_from_slice(&buffer[..count]),
            }
        }
        assert!(back == data);
    });
}

#[test]
fn a_task_that_reads_in_a_pool_of_one_thread_finds_the_end() {
    let (file, data) = large();
    let back = in_time(move || {
        let pool = pool(1);
        pool.install(|| outcome(reader(Cursor::new(file), &pool)))
    });
    assert!(back.1 == Ok(1) && back.0 == data);
}

#[test]
fn many_readers_share_a_pool_read_side_by_side_or_in_turns() {
    let (file, data) = members();
    let pool = pool(2);
    in_time(move || {
        thread::scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|| assert!(outcome(reader(Cursor::new(file.clone()), &pool)).0 == data));
            }
        });
        let mut readers: Vec<_> = (0..5).map(|_| reader(Cursor::new(file.clone()), &pool)).collect();
        let mut buffers = vec![vec![0; 300_000]; 5];
        for piece in data.chunks(300_000) {
            for (reader, buffer) in readers.iter_mut().zip(&mut buffers) {
                reader.read_exact(&mut buffer[..piece.len()]).expect("good");
                assert!(buffer[..piece.len()] == *piece);
            }
        }
        drop(readers);
        let_go(&pool);
    });
}

#[test]
fn a_reader_that_is_dropped_leaves_nothing_in_the_pool() {
    let (file, _) = large();
    for bytes in [0, 1, 3 << 20] {
        for is_blocked in [false, true] {
            let file = file.clone();
            in_time(move || {
                let pool = pool(2);
                let blocked = is_blocked.then(|| blocked(&pool));
                let (dropped, drops) = mpsc::channel();
                let mut reader = reader(Told(Cursor::new(file), dropped), &pool);
                reader.read_exact(&mut vec![0; bytes]).expect("good");
                drop(reader);
                drops.recv().expect("told");
                let_go(&pool);
                drop(blocked);
                // Whoever comes next is served.
                pool.install(|| {});
            });
        }
    }
}

#[test]
fn errors_of_the_input_come_after_its_data_and_a_panic_in_it_is_an_error() {
    struct Fuse(Pieces, usize);
    impl Read for Fuse {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            assert!(self.1 > 0, "blown");
            self.1 -= 1;
            self.0.read(buffer)
        }
    }
    let (file, data) = large();
    in_time(move || {
        let pool = pool(2);
        for call in [1, 2, 9, 40] {
            let failing = Pieces::new(&file, 50_000).failing(Some((call, ErrorKind::TimedOut)));
            let (back, result) = outcome(reader(failing, &pool));
            assert!(result.expect_err("it fails").starts_with("TimedOut"));
            assert!(data.starts_with(&back) && (back.len() > 50_000 * (call - 1)) == (call > 1));
            let interrupted = Pieces::new(&file, 50_000).failing(Some((call, ErrorKind::Interrupted)));
            assert!(outcome(reader(interrupted, &pool)).0 == data);

            let (back, result) = outcome(reader(Fuse(Pieces::new(&file, 50_000), call - 1), &pool));
            assert!(result.expect_err("it panics").contains("panicked"));
            assert!(data.starts_with(&back));
        }
        let_go(&pool);
    });
}

#[test]
fn input_that_waits_for_what_was_read_is_never_waited_for_too_early() {
    /// Gives a piece each time it is told to, and never more.
    struct Inlet(mpsc::Receiver<Vec<u8>>);
    impl Read for Inlet {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.0.recv().unwrap_or_default();
            buffer[..piece.len()].copy_from_slice(&piece);
            Ok(piece.len())
        }
    }
    let parts: Vec<_> = sample(6 << 20).chunks(40_000).map(<[u8]>::to_vec).collect();
    in_time(move || {
        let pool = pool(2);
        let (give, given) = mpsc::channel();
        let mut reader = reader(Inlet(given), &pool);
        for part in parts {
            give.send(packed(&part)).expect("still read");
            let mut back = vec![0; part.len()];
            reader.read_exact(&mut back).expect("all of what was given");
            assert!(back == part);
        }
        drop(give);
        assert_eq!(reader.read(&mut [0; 1]).expect("good"), 0);
    });
}

#[test]
fn input_is_taken_far_ahead_for_tasks_though_nobody_reads() {
    struct Counted(Cursor<Vec<u8>>, Arc<AtomicUsize>);
    impl Read for Counted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read(buffer)?;
            self.1.fetch_add(count, Ordering::Relaxed);
            Ok(count)
        }
    }
    // One thread alone takes no more than the data of which there is room in its buffers, which is a fifth of these.
    let (file, _) = large();
    let much = file.len() / 5 * 2;
    in_time(move || {
        let taken = Arc::new(AtomicUsize::new(0));
        let _reader = reader(Counted(Cursor::new(file), Arc::clone(&taken)), &pool(2));
        while taken.load(Ordering::Relaxed) < much {
            thread::sleep(Duration::from_millis(1));
        }
    });
}

#[test]
fn a_limit_of_memory_allows_tasks_or_none() {
    let (file, data) = large();
    in_time(move || {
        let pool = pool(3);
        for limit in [0, 72 << 20, 80 << 20, 1 << 30] {
            let builder = DecompressBuilder::new().pool(Arc::clone(&pool)).memory_limit(limit);
            let (back, result) = outcome(builder.reader(Cursor::new(file.clone())).expect("a thread"));
            assert!(result == Ok(1) && back == data, "limit {limit}");
        }
    });
}

#[test]
fn a_pool_whose_caller_lets_go_of_it_lives_as_long_as_its_readers() {
    static WAS_BUSY: AtomicBool = AtomicBool::new(false);
    let (file, data) = large();
    in_time(move || {
        let pool = pool(1);
        let mut reader = reader(Cursor::new(file), &pool);
        pool.spawn(|| WAS_BUSY.store(true, Ordering::Relaxed));
        drop(pool);
        let mut back = Vec::new();
        reader.read_to_end(&mut back).expect("good");
        assert!(back == data);
        while !WAS_BUSY.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(1));
        }
    });
}
