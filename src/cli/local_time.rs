//! The calendar of the place where the user is.

#![expect(unsafe_code, reason = "the standard library does not know time zones")]

use std::mem::MaybeUninit;

/// A time as `ls` shows it, such as `Feb  3 04:05`.
pub(super) fn shown(seconds: i64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let broken_down = libc::time_t::try_from(seconds).ok().and_then(broken_down);
    match broken_down {
        Some(time) => {
            let month = MONTHS.get(time.tm_mon as usize).unwrap_or(&"???");
            format!("{month}{:3} {:02}:{:02}", time.tm_mday, time.tm_hour, time.tm_min)
        }
        None => "??? ?? ??:??".into(),
    }
}

fn broken_down(seconds: libc::time_t) -> Option<libc::tm> {
    let mut time = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are valid for the call; it writes `time` unless it returns null.
    let result = unsafe { libc::localtime_r(&raw const seconds, time.as_mut_ptr()) };
    if result.is_null() {
        return None;
    }
    // SAFETY: zeroed, which is a valid `tm`, and then written by the successful call above.
    Some(unsafe { time.assume_init() })
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_beyond_all_calendars_are_question_marks() {
        assert_eq!(super::shown(i64::MAX), "??? ?? ??:??");
        assert_eq!(super::shown(1_000_000_000).len(), 12);
    }
}
