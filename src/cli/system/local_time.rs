//! The calendar of the place where the user is.

#![expect(unsafe_code, reason = "the standard library does not know time zones")]

use std::mem::MaybeUninit;

/// Month (0 for January), day, hour and minute that clocks here showed so many seconds after 1970 began in Greenwich.
pub(in crate::cli) fn local_time(seconds: i64) -> Option<[u32; 4]> {
    let seconds = fitting(seconds)?;
    let mut time = MaybeUninit::<libc::tm>::zeroed();
    #[cfg(unix)]
    // SAFETY: both pointers are valid for the call; it writes `time` unless it returns null.
    let is_known = !unsafe { libc::localtime_r(&raw const seconds, time.as_mut_ptr()) }.is_null();
    #[cfg(windows)]
    // SAFETY: both pointers are valid for the call; it writes `time` if it returns 0.
    let is_known = unsafe { libc::localtime_s(time.as_mut_ptr(), &raw const seconds) } == 0;
    if !is_known {
        return None;
    }
    // SAFETY: zeroed, which is a valid `tm`, and then written by the successful call above.
    let time = unsafe { time.assume_init() };
    Some([time.tm_mon, time.tm_mday, time.tm_hour, time.tm_min].map(i32::unsigned_abs))
}

/// `seconds` in the type that this system counts them in.
fn fitting<T: TryFrom<i64>>(seconds: i64) -> Option<T> {
    T::try_from(seconds).ok()
}
