//! Names: suffixes, and the name of the output.

use std::ffi::{OsStr, OsString};

use super::system::os_string;

/// Suffixes of compressed files besides the one that `-S` names, and what they become.
const KNOWN: [(&[u8], &[u8]); 7] = [
    (b".gz", b""),
    (b".z", b""),
    (b".taz", b".tar"),
    (b".tgz", b".tar"),
    (b"-gz", b""),
    (b"-z", b""),
    (b"_z", b""),
];

/// What else shows compressed data that can be read, except under the names of gzip.
const READ_TOO: [(&[u8], &[u8]); 2] = [(b".zz", b""), (b".zip", b"")];

/// Suffixes that are tried, in this order, when a file to decompress is not there under the name given.
pub(super) const TRIED: [&str; 4] = [".gz", ".z", "-z", ".Z"];

/// The suffix of `name`, which must have something before it, and what takes its place. Upper and lower case are one.
fn split_suffix<'a>(
    name: &'a [u8],
    suffix: &'a OsStr,
    more: bool,
) -> Option<(&'a [u8], &'a [u8], &'static [u8])> {
    let more = READ_TOO.into_iter().filter(|_| more);
    std::iter::once((suffix.as_encoded_bytes(), &b""[..])).chain(KNOWN).chain(more).find_map(
        |(known, instead)| {
            let (stem, tail) = name.split_at_checked(name.len().checked_sub(known.len())?)?;
            (!stem.is_empty() && tail.eq_ignore_ascii_case(known)).then_some((stem, tail, instead))
        },
    )
}

/// The suffix that shows that `name`, without directories, is compressed.
pub(super) fn compressed_suffix(name: &OsStr, suffix: &OsStr, more: bool) -> Option<OsString> {
    split_suffix(name.as_encoded_bytes(), suffix, more).map(|(_, tail, _)| os_string(tail))
}

/// The name of the decompressed `name`, without directories, or none if its suffix is unknown.
pub(super) fn decompressed_name(name: &OsStr, suffix: &OsStr, more: bool) -> Option<OsString> {
    let (stem, _, instead) = split_suffix(name.as_encoded_bytes(), suffix, more)?;
    Some(os_string(&[stem, instead].concat()))
}

/// `name` with `suffix` behind it.
pub(super) fn with_suffix(name: &OsStr, suffix: &OsStr) -> OsString {
    let mut name = name.to_owned();
    name.push(suffix);
    name
}

/// A name from inside a file, fit to be a name in the directory at hand: the last part of it, if that is one.
pub(super) fn safe_name(stored: &[u8]) -> Option<OsString> {
    match stored.rsplit(|&byte| byte == b'/').next() {
        None | Some(b"" | b"." | b"..") => None,
        Some(base) => Some(os_string(base)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_of_gzip_in_any_case() {
        let plain = |name: &str| decompressed_name(name.as_ref(), ".gz".as_ref(), false);
        for (name, expected) in [
            ("a.gz", Some("a")),
            ("a.GZ", Some("a")),
            ("a.tgz", Some("a.tar")),
            ("a.taz", Some("a.tar")),
            ("a-gz", Some("a")),
            ("a_z", Some("a")),
            ("a.Z", Some("a")),
            (".gz", None),
            ("a", None),
            ("a.gz.b", None),
        ] {
            assert_eq!(plain(name), expected.map(Into::into), "{name}");
        }
        assert_eq!(decompressed_name("a.own".as_ref(), ".own".as_ref(), false), Some("a".into()));
        assert_eq!(plain("a.zz"), None);
        assert_eq!(decompressed_name("a.zz".as_ref(), ".gz".as_ref(), true), Some("a".into()));
    }

    #[test]
    fn a_stored_name_never_leaves_the_directory() {
        for (stored, expected) in [
            (&b"plain"[..], Some("plain")),
            (b"../../etc/passwd", Some("passwd")),
            (b"/abs", Some("abs")),
            (b"a/..", None),
            (b"..", None),
            (b".", None),
            (b"", None),
            (b"dir/", None),
        ] {
            assert_eq!(safe_name(stored), expected.map(Into::into));
        }
    }
}
