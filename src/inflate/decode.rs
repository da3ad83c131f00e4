//! What all decoders without I/O have in common, and the one for raw DEFLATE.

use super::window::Window;
use super::{Inflate, Status};
use crate::error::{Error, ErrorKind};
use alloc::boxed::Box;

/// What the user has to do for [`Decode::decode`] to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Take [`Decode::output`].
    Output,
    /// Bring more input, or tell [`Decode::end_of_input`]. All of the present input was used.
    NeedsInput,
    /// Nothing: the stream is complete and right.
    Done,
}

/// A decoder without I/O: raw DEFLATE, or a container around it. Input comes in pieces of any size; output waits
/// inside until it is taken, all of it or a part.
///
/// ```
/// use rigz::{gzip, inflate::{Decode, Step}};
///
/// let mut input: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x4e\x49\x4d\x03\0\xef\x39\x8e\x4b\x06\0\0\0";
/// let (mut decoder, mut data) = (gzip::Decoder::new(), Vec::new());
/// loop {
///     match Decode::decode(&mut decoder, &mut input)? {
///         Step::Output => {
///             data.extend_from_slice(decoder.output());
///             decoder.consume(decoder.output().len());
///         }
///         Step::NeedsInput => decoder.end_of_input(),
///         Step::Done => break,
///     }
/// }
/// assert_eq!(data, b"abcdef");
/// # Ok::<(), rigz::Error>(())
/// ```
pub trait Decode {
    /// Decodes from the front of `input`, which is advanced past what was used.
    ///
    /// # Errors
    ///
    /// The rule of the format that is broken; offsets count from the first byte ever given. What was decoded before
    /// is output first. After an error every call returns it.
    fn decode(&mut self, input: &mut &[u8]) -> Result<Step, Error>;

    /// Says that no input follows what was given.
    fn end_of_input(&mut self);

    /// Decoded bytes that were not taken yet.
    fn output(&self) -> &[u8];

    /// Takes the first `count` bytes of [`Decode::output`].
    ///
    /// # Panics
    ///
    /// If there are fewer.
    fn consume(&mut self, count: usize);

    /// Bytes of input used.
    fn total_in(&self) -> u64;

    /// Bytes decoded, taken or not.
    fn total_out(&self) -> u64;

    /// Back to the start of a stream, with the buffers and the settings kept. What was not taken is dropped.
    fn reset(&mut self);

    /// Lets each call of [`Decode::decode`] decode at most `bytes` bytes, less what waits to be taken, so that no more
    /// input is used than they need. There is no limit at first, but that of the memory.
    fn set_limit(&mut self, bytes: usize);

    /// Decodes to `output` until it is full, or `input` is used up, or the stream is over. Returns how many bytes it
    /// wrote, and what is needed next: [`Step::Output`] is more room. No more input is used than the output needs,
    /// and the end of the stream is found even if there is no room behind it.
    ///
    /// # Errors
    ///
    /// Those of [`Decode::decode`], once all that was decoded before is taken.
    fn decode_into(&mut self, input: &mut &[u8], output: &mut [u8]) -> Result<(usize, Step), Error> {
        let mut written = 0;
        let result = loop {
            let room = output.len() - written;
            if self.output().is_empty() {
                self.set_limit(room);
                match self.decode(input) {
                    // The error comes again when it is asked for.
                    Err(_) if written > 0 => break Ok((written, Step::Output)),
                    Err(error) => break Err(error),
                    Ok(Step::Output) => {}
                    Ok(step) => break Ok((written, step)),
                }
            }
            let count = self.output().len().min(room);
            if count == 0 {
                break Ok((written, Step::Output));
            }
            output[written..written + count].copy_from_slice(&self.output()[..count]);
            written += count;
            self.consume(count);
        };
        self.set_limit(usize::MAX);
        result
    }
}

/// Output of the caller's.
pub(crate) struct Room<'o> {
    bytes: &'o mut [u8],
    written: usize,
}

impl Room<'_> {
    /// How many bytes there is room for.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// Writes as much of `bytes` as there is room for. Returns how much that is.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.left());
        self.bytes[self.written..][..count].copy_from_slice(&bytes[..count]);
        self.written += count;
        count
    }
}

/// [`Decode::decode_into`] of a decoder that tells by `run` why it stops, not only that there is output, and may put output
/// to the room at once. It is asked once where the output gets full: that the stream goes on is known then.
pub(crate) fn decode_into<D: Decode>(
    decoder: &mut D,
    output: &mut [u8],
    mut run: impl FnMut(&mut D, &mut Room<'_>) -> Result<Status, Error>,
) -> Result<(usize, Step), Error> {
    let (mut room, mut told) = (Room { bytes: output, written: 0 }, None);
    let status = loop {
        let taken = room.put(decoder.output());
        decoder.consume(taken);
        match told {
            _ if !decoder.output().is_empty() => break Ok(Status::NeedsOutput),
            Some(Ok(Status::NeedsOutput)) if room.left() > 0 => {}
            Some(status) => break status,
            None => {}
        }
        decoder.set_limit(room.left());
        told = Some(run(decoder, &mut room));
    };
    decoder.set_limit(usize::MAX);
    match tell(status, false) {
        // The error comes again when it is asked for.
        Err(_) if room.written > 0 => Ok((room.written, Step::Output)),
        step => Ok((room.written, step?)),
    }
}

/// What a decoder stops with when a step of its states led to `result`; none if another can follow at once.
pub(crate) fn stop(
    result: Result<Option<Status>, Error>,
    input_ended: bool,
    total_in: u64,
) -> Option<Result<Status, Error>> {
    match result.transpose()? {
        Ok(Status::NeedsInput) if input_ended => Some(Err(Error::new(ErrorKind::UnexpectedEnd, total_in))),
        status => Some(status),
    }
}

/// What [`Decode::decode`] returns when the decoder stopped with `status`.
pub(crate) fn tell(status: Result<Status, Error>, has_output: bool) -> Result<Step, Error> {
    if has_output {
        return Ok(Step::Output);
    }
    Ok(match status? {
        Status::NeedsInput => Step::NeedsInput,
        // The limit was nothing.
        Status::NeedsOutput => Step::Output,
        Status::Done => Step::Done,
    })
}

/// Implements [`Decode`] by the methods of the same names, and `run`, which tells why `decode` returns and may put output
/// where there is room for it at once.
macro_rules! decode_by_methods {
    ($decoder:ty $(, $place:ident)?) => {
        impl $crate::inflate::Decode for $decoder {
            fn decode(&mut self, input: &mut &[u8]) -> Result<$crate::inflate::Step, $crate::error::Error> {
                self.decode(input)
            }
            fn end_of_input(&mut self) {
                self.end_of_input();
            }
            fn output(&self) -> &[u8] {
                self.output()
            }
            fn consume(&mut self, count: usize) {
                self.consume(count);
            }
            fn total_in(&self) -> u64 {
                self.total_in()
            }
            fn total_out(&self) -> u64 {
                self.total_out()
            }
            fn reset(&mut self) {
                self.reset();
            }
            fn set_limit(&mut self, bytes: usize) {
                self$(.$place)?.window.set_limit(bytes);
            }
            fn decode_into(
                &mut self,
                input: &mut &[u8],
                output: &mut [u8],
            ) -> Result<(usize, $crate::inflate::Step), $crate::error::Error> {
                $crate::inflate::decode::decode_into(self, output, |decoder, room| {
                    decoder.run(input, Some(room))
                })
            }
        }
    };
}
pub(crate) use decode_by_methods;

/// A decoder of one raw DEFLATE stream that keeps its own history. Bytes after the stream are left in the input.
///
/// Use it through [`Decode`].
///
/// ```
/// use rigz::inflate::{Decode, Decoder, Step};
///
/// let (mut decoder, mut buffer) = (Decoder::new(), [0; 4]);
/// let mut input = &[0x4b, 0x4c, 0x4a, 0x4e, 0x49, 0x4d, 0x03, 0x00][..];
/// assert_eq!(decoder.decode_into(&mut input, &mut buffer)?, (4, Step::Output));
/// assert_eq!(decoder.decode_into(&mut input, &mut buffer)?, (2, Step::Done));
/// assert_eq!(&buffer[..2], b"ef");
/// # Ok::<(), rigz::Error>(())
/// ```
///
/// # Memory
///
/// About 150 KiB, whatever the data.
#[derive(Clone, Debug)]
pub struct Decoder {
    inflate: Box<Inflate>,
    window: Window,
    input_ended: bool,
    total_out: u64,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self { inflate: Inflate::boxed(), window: Window::new(u64::MAX), input_ended: false, total_out: 0 }
    }

    /// A decoder of a stream that refers back to `dictionary`, of which the last 32 KiB count.
    #[must_use]
    pub fn with_dictionary(dictionary: &[u8]) -> Self {
        let mut decoder = Self::new();
        decoder.set_dictionary(dictionary);
        decoder
    }

    /// Lets what follows refer back to `dictionary`, and to nothing else. For the start of a stream, or a place where
    /// the encoder did the same behind a flush, with no input given from there on. What was not taken is dropped.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) {
        self.window.start_with(dictionary);
    }

    /// Decodes until something stops it.
    fn run(&mut self, input: &mut &[u8], room: Option<&mut Room<'_>>) -> Result<Status, Error> {
        let (written, status) = self.window.decode_seen(&mut self.inflate, input, room, |_| ());
        self.total_out += written as u64;
        match status? {
            Status::NeedsInput if self.input_ended => {
                Err(Error::new(ErrorKind::UnexpectedEnd, self.total_in()))
            }
            status => Ok(status),
        }
    }
}

impl Decode for Decoder {
    fn decode(&mut self, input: &mut &[u8]) -> Result<Step, Error> {
        let status = self.run(input, None);
        tell(status, !self.output().is_empty())
    }

    fn decode_into(&mut self, input: &mut &[u8], output: &mut [u8]) -> Result<(usize, Step), Error> {
        decode_into(self, output, |decoder, room| decoder.run(input, Some(room)))
    }

    fn end_of_input(&mut self) {
        self.input_ended = true;
    }

    fn output(&self) -> &[u8] {
        self.window.pending()
    }

    fn consume(&mut self, count: usize) {
        self.window.take(count);
    }

    fn total_in(&self) -> u64 {
        self.inflate.total_in()
    }

    fn total_out(&self) -> u64 {
        self.total_out
    }

    fn reset(&mut self) {
        self.inflate.reset();
        self.window.clear();
        self.input_ended = false;
        self.total_out = 0;
    }

    fn set_limit(&mut self, bytes: usize) {
        self.window.set_limit(bytes);
    }
}
