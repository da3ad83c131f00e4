//! Memory of compression and decompression in parallel, counted by the allocator. One test only: the counters are the process's.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use rigz::Level;
use rigz::deflate::chunk_bytes;
use rigz::gzip;
use rigz::parallel::{CompressBuilder, DecompressBuilder, Options, compress, decompress};
use rigz::{Compressor, Decompressor, Format, compress_bound};

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator that counts can only be written so")]
// SAFETY: every call goes to the system allocator with the arguments it came with.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.fetch_add(1, Relaxed);
        PEAK.fetch_max(LIVE.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        CALLS.fetch_add(1, Relaxed);
        PEAK.fetch_max(LIVE.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// `left` bytes of noise mixed with repeats; the count of allocations is taken `warm_at` bytes before the end.
struct Stream {
    left: usize,
    state: u64,
    warm_at: usize,
    calls_when_warm: usize,
}

impl Read for &mut Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.left).min(65_536);
        for byte in &mut buffer[..count] {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (self.state >> 60) as u8 * 16 + (self.state >> 50) as u8 % 4;
        }
        if self.left >= self.warm_at && self.left - count < self.warm_at {
            self.calls_when_warm = CALLS.load(Relaxed);
        }
        self.left -= count;
        Ok(count)
    }
}

struct Discard;

impl Write for Discard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a run took.
struct Run {
    calls: usize,
    /// Calls while the last four chunks were read, and later.
    calls_when_warm: usize,
    peak: usize,
}

fn run(number: u8, threads: usize, chunks: usize) -> Run {
    let level = Level::new(number).expect("level");
    let (live, calls) = (LIVE.load(Relaxed), CALLS.load(Relaxed));
    PEAK.store(live, Relaxed);
    let chunk = chunk_bytes(level);
    let mut stream = Stream { left: chunks * chunk, state: 1, warm_at: 4 * chunk, calls_when_warm: 0 };
    let threads = NonZeroUsize::new(threads).expect("threads");
    compress(&mut stream, Discard, &Options { threads, ..Options::new(level) }).expect("no failing side");
    assert!(LIVE.load(Relaxed) < live + 4096, "the buffers are given back");
    Run {
        calls: CALLS.load(Relaxed) - calls,
        calls_when_warm: CALLS.load(Relaxed) - stream.calls_when_warm,
        peak: PEAK.load(Relaxed) - live,
    }
}

#[test]
fn steady_state_allocates_nothing_and_memory_has_a_bound() {
    const MIB: usize = 1 << 20;
    for level in [0, 1, 6, 9] {
        let alone = run(level, 1, 12);
        assert_eq!(alone.calls_when_warm, 0, "allocations for the last chunks at level {level}");
        for (threads, budget) in [(1, 16 * MIB), (2, 64 * MIB), (8, 16 * MIB + 8 * 4 * MIB)] {
            let peak = run(level, threads, 3 * threads + 3).peak;
            assert!(peak <= budget, "level {level}, {threads} threads: {peak} bytes, {budget} allowed");
        }
    }
    // When a thread first comes to its turn is up to the system, so here a bound that does not grow with the input.
    let (threads, alone) = (4, run(1, 1, 12).calls);
    let bound = threads * (alone + 10);
    for chunks in [2 * bound, 4 * bound] {
        let calls = run(0, threads, chunks).calls;
        assert!(calls <= bound, "{calls} allocations for {chunks} chunks, {bound} allowed");
    }
    builders_keep_their_limits();
    decompression_has_a_bound();
    readers_keep_their_limits();
    whole_buffers_allocate_nothing_once_warm();
}

/// Data that does not compress takes the most memory.
fn builders_keep_their_limits() {
    const MIB: usize = 1 << 20;
    for number in [0, 6, 10] {
        let level = Level::new(number).expect("level");
        let builder = CompressBuilder::new(level);
        for (threads, limit) in [(1, usize::MAX), (4, usize::MAX), (4, 25 * MIB), (4, 0)] {
            let mut stream = Stream { left: 12 << 20, state: 1, warm_at: 0, calls_when_warm: 0 };
            let live = LIVE.load(Relaxed);
            PEAK.store(live, Relaxed);
            let builder = builder.clone().threads(NonZeroUsize::new(threads).expect("threads"));
            let mut reader = builder.memory_limit(limit).reader(&mut stream);
            io::copy(&mut reader, &mut io::sink()).expect("no error");
            drop(reader);
            let peak = PEAK.load(Relaxed) - live;
            let allowed = limit.clamp(19 * MIB / 2, 4 * MIB + threads * 8 * MIB);
            assert!(peak <= allowed, "level {number}, {threads} threads: {peak} bytes, {allowed} allowed");
            assert!(LIVE.load(Relaxed) < live + 4096, "the buffers are given back");
        }
    }
}

/// Objects that are kept: after the largest input, inputs of any length take no memory.
fn whole_buffers_allocate_nothing_once_warm() {
    let mut data = vec![0; 3 << 20];
    (&mut Stream { left: data.len(), state: 1, warm_at: 0, calls_when_warm: 0 })
        .read_exact(&mut data)
        .expect("noise");
    let (mut packed, mut back) = (vec![0; compress_bound(data.len())], vec![0; data.len()]);
    for number in 0..=10 {
        let mut compressor = Compressor::new(Level::new(number).expect("level"));
        let mut decompressor = Decompressor::new();
        let mut warm = 0;
        for length in [data.len(), 1, 70_000, 5_000, data.len(), 0] {
            for format in [Format::Gzip, Format::Zlib, Format::Raw] {
                let count = compressor.compress(format, &data[..length], &mut packed).expect("room");
                let done =
                    decompressor.decompress(format, &packed[..count], &mut back[..length]).expect("valid");
                assert_eq!((done.consumed, done.written), (count, length));
                assert!(back[..length] == data[..length]);
            }
            if warm > 0 {
                assert_eq!(CALLS.load(Relaxed), warm, "allocations for {length} bytes at level {number}");
            }
            warm = CALLS.load(Relaxed);
        }
    }
}

/// Gives `unit` so many times.
struct Again<'a> {
    unit: &'a [u8],
    times: usize,
    rest: &'a [u8],
}

impl Read for Again<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() && self.times > 0 {
            (self.rest, self.times) = (self.unit, self.times - 1);
        }
        self.rest.read(buffer)
    }
}

/// With a pool, too. What is read takes its way through a pipe.
fn readers_keep_their_limits() {
    const MIB: usize = 1 << 20;
    let mut noise = vec![0; 3 * MIB];
    (&mut Stream { left: noise.len(), state: 1, warm_at: 0, calls_when_warm: 0 })
        .read_exact(&mut noise)
        .expect("noise");
    let mut unit = Vec::new();
    gzip::compress(&noise, Level::FAST, &mut unit);
    let unit: &'static [u8] = unit.leak();
    for threads in [1, 3] {
        let builder = DecompressBuilder::new().threads(NonZeroUsize::new(threads).expect("threads"));
        reader_keeps_its_limits(&builder, threads, unit);
        #[cfg(feature = "rayon")]
        {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            reader_keeps_its_limits(&builder.pool(std::sync::Arc::new(pool)), threads + 1, unit);
        }
    }
}

fn reader_keeps_its_limits(builder: &DecompressBuilder, threads: usize, unit: &'static [u8]) {
    const MIB: usize = 1 << 20;
    for limit in [usize::MAX, 80 * MIB, 0] {
        let live = LIVE.load(Relaxed);
        PEAK.store(live, Relaxed);
        let input = Again { unit, times: 8, rest: &[] };
        let mut reader = builder.clone().memory_limit(limit).reader(input).expect("a thread");
        io::copy(&mut reader, &mut io::sink()).expect("good members");
        let peak = PEAK.load(Relaxed) - live;
        let most = if threads == 1 { 2 * MIB } else { 64 * MIB + threads * 8 * MIB };
        let allowed = limit.clamp(2 * MIB, most);
        assert!(peak <= allowed, "{threads} threads: {peak} bytes, {allowed} allowed");
    }
}

/// Bombs, tiny members, blocks of any length: the bound depends on the threads alone.
fn decompression_has_a_bound() {
    const MIB: usize = 1 << 20;
    let packed = |data: &[u8], level| {
        let mut out = Vec::new();
        gzip::compress(data, Level::new(level).expect("level"), &mut out);
        out
    };
    let mut noise = vec![0; 3 * MIB];
    (&mut Stream { left: noise.len(), state: 1, warm_at: 0, calls_when_warm: 0 })
        .read_exact(&mut noise)
        .expect("noise");
    let files = [
        ("bombs", packed(&vec![0; 32 * MIB], 6), 8),
        ("tiny members", packed(b"x", 6), 150_000),
        ("empty members", packed(b"", 6), 150_000),
        ("noise", packed(&noise, 1), 8),
        ("stored", packed(&noise, 0), 8),
    ];
    for (name, unit, times) in &files {
        for threads in [1, 2, 8] {
            let options = decompress::Options::new(NonZeroUsize::new(threads).expect("threads"));
            let live = LIVE.load(Relaxed);
            PEAK.store(live, Relaxed);
            let reader = Again { unit, times: *times, rest: &[] };
            let summary = decompress(reader, Discard, &options).expect("good files");
            assert_eq!(summary.members, *times as u64);
            let peak = PEAK.load(Relaxed) - live;
            let budget = if threads == 1 { MIB } else { 64 * MIB + threads * 8 * MIB };
            assert!(peak <= budget, "{name}, {threads} threads: {peak} bytes, {budget} allowed");
            assert!(LIVE.load(Relaxed) < live + 4096, "the buffers are given back");
        }
    }
}
