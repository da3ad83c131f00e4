//! What the tests of threads share: a reader that can fail, and a clock.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc;
use std::time::Duration;

/// Runs `call` on a thread of its own and gives up after a while: a deadlock fails the test instead of hanging it.
pub(crate) fn in_time<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    std::thread::Builder::new().spawn(move || sender.send(call())).expect("a thread");
    receiver.recv_timeout(Duration::from_secs(60)).expect("an end, and no panic")
}

/// A reader that gives at most `piece` bytes a call, and at call `fail_at` an error.
pub(crate) struct Pieces {
    data: Vec<u8>,
    at: usize,
    piece: usize,
    calls: usize,
    fail_at: Option<(usize, ErrorKind)>,
}

impl Pieces {
    pub(crate) fn new(data: &[u8], piece: usize) -> Self {
        Self { data: data.to_vec(), at: 0, piece, calls: 0, fail_at: None }
    }

    pub(crate) fn failing(self, fail_at: Option<(usize, ErrorKind)>) -> Self {
        Self { fail_at, ..self }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        match self.fail_at {
            Some((call, kind)) if call == self.calls => return Err(kind.into()),
            _ => {}
        }
        let count = self.piece.min(buffer.len()).min(self.data.len() - self.at);
        buffer[..count].copy_from_slice(&self.data[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
