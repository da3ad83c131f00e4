//! What each option and each name does, formats, environment, and what is refused.

use crate::*;

/// The command under another name, which decides how it behaves.
fn called(dir: &Dir, name: &str, args: &[&str], env: &[(&str, &str)], input: &[u8]) -> Output {
    let link = dir.path(&format!(".bin-{name}"));
    let _ = fs::create_dir(&link);
    let _ = symlink(env!("CARGO_BIN_EXE_rigz"), link.join(name));
    let mut command = Command::new(link.join(name));
    command.args(args).current_dir(&dir.0).envs(env.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command");
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("an end")
}

#[test]
fn every_way_to_compress_comes_back() {
    let dir = Dir::new("ways");
    let data: Vec<u8> = noise(700_000).into_iter().chain([b'r'; 300_000]).collect();
    dir.put("a", &data);
    for line in [
        "-0",
        "-1",
        "-6",
        "-9",
        "-10",
        "-11",
        "-12",
        "--fast",
        "--best",
        "-i",
        "-b 32",
        "-b 4096",
        "-ib 64",
        "-R",
        "--rsyncable",
        "-H",
        "-U",
        "--huffman",
        "--rle",
        "-z",
        "-K",
        "-zi",
        "-KR",
        "-m",
        "-n",
        "-C text",
        "--memory 20M",
        "-p3",
        "-T 0",
        "-a -q",
    ] {
        let args: Vec<&str> = line.split(' ').chain(["-c", "a"]).collect();
        let packed = dir.run(&args, b"");
        assert!(packed.status.success() && packed.stderr.is_empty(), "{line}: {}", text_of(&packed.stderr));
        let back = dir.run(&["-dc"], &packed.stdout);
        assert!(back.status.success() && back.stdout == data, "{line}: {}", text_of(&back.stderr));
        let at_once = dir.run(&args[..args.len() - 1], &data);
        assert!(
            line.contains('K') || at_once.stdout.len().abs_diff(packed.stdout.len()) <= 6,
            "{line}, from a pipe"
        );
        if line.contains(['i', 'b', 'R', 'z', 'K']) {
            let alone = dir.run(&[&args[..args.len() - 1], &["-p1"]].concat(), &data);
            assert!(at_once.stdout == alone.stdout, "{line}, by one thread");
        }
    }
}

#[test]
fn independent_blocks_stand_alone_behind_their_marks() {
    let dir = Dir::new("blocks");
    let data = noise(300_000);
    let packed = dir.run(&["-ib", "64"], &data).stdout;
    let marks: Vec<usize> = packed
        .windows(4)
        .enumerate()
        .filter(|(_, bytes)| *bytes == [0, 0, 0xff, 0xff])
        .map(|(at, _)| at)
        .collect();
    assert!(marks.len() >= 4, "{} marks", marks.len());
    let mut out = vec![0; data.len()];
    let rest = rigz::inflate::inflate(&packed[marks[1] + 4..], &mut out).expect("a stream of its own");
    assert!(out[..rest.written] == data[2 << 16..]);
}

#[test]
fn formats_have_their_suffixes_and_are_recognised_by_their_content() {
    for (option, suffix) in [("-z", "a.zz"), ("-K", "a.zip")] {
        let dir = Dir::new(&format!("format{suffix}"));
        dir.put("a", TEXT);
        assert!(dir.run(&[option, "a"], b"").status.success());
        assert_eq!(dir.names(), [suffix]);
        assert!(dir.run(&["-t", suffix], b"").status.success());
        assert!(dir.run(&["-d", suffix], b"").status.success());
        assert_eq!((dir.names(), dir.get("a")), (vec!["a".into()], TEXT.to_vec()));
    }
}

const BANANA_PACKED: &[u8] = b"\x1f\x1e\0\0\0\x06\x03\x01\x01\x00anb\x16\xc8";
const ZEROS_LZW: &[u8] = b"\x1f\x9d\x90\0\0\0\xc4";

#[test]
fn old_formats_are_read() {
    let dir = Dir::new("old");
    dir.put("b.z", BANANA_PACKED);
    dir.put("l.Z", ZEROS_LZW);
    assert!(dir.run(&["-d", "b.z", "l.Z"], b"").status.success());
    assert_eq!((dir.get("b"), dir.get("l")), (b"banana".to_vec(), vec![0, 0]));
    let cut = dir.run(&["-dc"], &BANANA_PACKED[..14]);
    assert_eq!(cut.status.code(), Some(1));
}

#[test]
fn a_zip_file_of_many_entries_is_never_replaced() {
    let dir = Dir::new("entries");
    let entry = dir.run(&["-K"], TEXT).stdout;
    let directory = entry.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("a directory");
    dir.put("a.zip", &[&entry[..directory], &entry[..]].concat());
    let output = dir.run(&["-d", "a.zip"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text_of(&output.stderr), "rigz: a.zip has more than one entry -- unchanged\n");
    assert_eq!(dir.names(), ["a.zip"]);
    let output = dir.run(&["-dc", "a.zip"], b"");
    assert_eq!((output.status.code(), &*output.stdout), (Some(2), TEXT));
}

#[test]
fn names_of_gzip_behave_as_gzip() {
    let dir = Dir::new("gnu");
    let one = called(&dir, "gzip", &["-1"], &[], TEXT);
    assert_eq!(called(&dir, "gzip", &["-11"], &[], TEXT).stdout, one.stdout, "-11 is two options");
    assert!(called(&dir, "gzip", &["-b", "16"], &[], TEXT).status.success());
    let zlib = dir.run(&["-z"], TEXT).stdout;
    let refused = called(&dir, "gzip", &["-d"], &[], &zlib);
    assert_eq!(text_of(&refused.stderr), "\ngzip: stdin: not in gzip format\n");
    assert_eq!(called(&dir, "unpigz", &["-c"], &[], &zlib).stdout, TEXT);
    // Who asks for it gets it there, too, and what is written can be read back.
    dir.put("a", TEXT);
    assert!(called(&dir, "gzip", &["-z", "a"], &[], b"").status.success());
    assert!(called(&dir, "gzip", &["-dz", "a.zz"], &[], b"").status.success());
    assert_eq!(dir.get("a"), TEXT);
    let mut broken = packed(TEXT);
    *broken.last_mut().expect("bytes") ^= 1;
    let output = called(&dir, "gunzip", &[], &[], &broken);
    assert_eq!(
        text_of(&output.stderr),
        "\ngzip: stdin: invalid compressed data--length error\n".replace("gzip", "gunzip")
    );
    let version = called(&dir, "gzip", &["-V"], &[], b"");
    assert!(text_of(&version.stdout).starts_with("gzip (rigz) "));
}

#[test]
fn the_environment_may_choose_levels_and_no_more_for_gzip() {
    let dir = Dir::new("environment");
    let data = noise(100_000);
    let plain = |args: &[&str]| dir.run(args, &data).stdout;
    let with = |name: &str, env: &[(&str, &str)]| called(&dir, name, &[], env, &data);
    assert_eq!(with("gzip", &[("GZIP", "-1 -cdf --foo x")]).stdout, plain(&["-1"]));
    assert_eq!(with("pigz", &[("GZIP", "-1"), ("PIGZ", "-9 -p2")]).stdout, plain(&["-9"]));
    assert_eq!(with("gzip", &[("PIGZ", "-9")]).stdout, plain(&[]));
    let output = with("rigz", &[("PIGZ", "-9 file")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text_of(&output.stderr).ends_with("Try `rigz --help' for more information.\n"));
}

#[test]
fn times_are_not_later_than_the_source_date_epoch() {
    let dir = Dir::new("epoch");
    dir.put("a", TEXT);
    let saved = |epoch| called(&dir, "rigz", &["-c", "a"], &[("SOURCE_DATE_EPOCH", epoch)], b"");
    assert_eq!(saved("258").stdout[4..8], [2, 1, 0, 0]);
    assert_ne!(saved("99999999999").stdout[4..8], [0; 4]);
    assert_eq!(saved("yesterday").status.code(), Some(1));
}

#[test]
fn output_goes_to_the_file_that_is_named() {
    let dir = Dir::new("output");
    dir.put("a", TEXT);
    assert!(dir.run(&["-o", "x", "a"], b"").status.success());
    assert_eq!(dir.names(), ["a", "x"]);
    assert_eq!(dir.run(&["-o", "x", "a"], b"").status.code(), Some(2), "x is there");
    assert!(dir.run(&["-d", "-f", "--rm", "-o", "y", "x"], b"").status.success());
    assert_eq!((dir.names(), dir.get("y")), (vec!["a".into(), "y".into()], TEXT.to_vec()));
    assert!(dir.run(&["-o", "z"], TEXT).status.success());
    assert!(unpacked(&dir.get("z")) == TEXT);
    assert!(dir.run(&["-o", "/dev/null", "a"], b"").status.success());
    assert!(unpacked(&dir.run(&["-o", "-", "a"], b"").stdout) == TEXT);
}

#[test]
fn labels_are_what_was_asked_for() {
    let dir = Dir::new("labels");
    let member = dir.run(&["-A", "name", "-C", "comment"], TEXT).stdout;
    assert_eq!(member[3], 0b1_1000);
    assert_eq!(member[10..23], *b"name\0comment\0");
    dir.put("a", TEXT);
    let member = dir.run(&["-mc", "a"], b"").stdout;
    assert_eq!((&member[3..8], &member[10..12]), (&[8, 0, 0, 0, 0][..], &b"a\0"[..]));
}

#[test]
fn what_follows_compressed_data_is_passed_on_with_cf() {
    let dir = Dir::new("mixed");
    for tail in [&b"plain"[..], b"x", b"\x1f", b"\x1fy"] {
        let output = dir.run(&["-dcf"], &[&packed(TEXT), tail].concat());
        if tail == b"x" || tail == b"\x1f" {
            continue; // One byte may be half of a magic number.
        }
        assert!(output.stdout == [TEXT, tail].concat(), "{tail:?}");
    }
}

#[test]
fn a_program_can_read_what_l_and_t_say() {
    let dir = Dir::new("json");
    dir.put("a.gz", &packed(TEXT).repeat(2));
    dir.put("b.gz", b"\x1f\x8b");
    let output = dir.run(&["--json", "-l", "a.gz", "b.gz"], b"");
    assert_eq!(output.status.code(), Some(1));
    let text = text_of(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    let size = 2 * TEXT.len();
    assert!(
        lines[0].starts_with("{\"name\":\"a.gz\",\"ok\":true,\"format\":\"gzip\",\"members\":2,"),
        "{text}"
    );
    assert!(lines[0].ends_with(&format!("\"uncompressed\":{size}}}")), "{text}");
    assert_eq!(lines[1], "{\"name\":\"b.gz\",\"ok\":false,\"error\":\"unexpected end of file at byte 2\"}");
    assert_eq!(text_of(&dir.run(&["--json", "-t", "a.gz"], b"").stdout).lines().count(), 1);
}

#[test]
fn the_long_table_has_method_checksum_and_time() {
    let dir = Dir::new("long");
    dir.put("a.gz", &packed(TEXT));
    let file = File::options().write(true).open(dir.path("a.gz")).expect("a file");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(981_173_106)).expect("a time");
    let output = called(&dir, "rigz", &["-lv", "a.gz"], &[("TZ", "UTC0")], b"");
    let text = text_of(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    let title =
        "method  crc     date  time           compressed        uncompressed  ratio uncompressed_name";
    let trailer = packed(TEXT);
    let crc = u32::from_le_bytes(trailer[trailer.len() - 8..][..4].try_into().expect("four bytes"));
    assert_eq!(lines[0], title);
    assert!(lines[1].starts_with(&format!("defla {crc:08x} Feb  3 04:05 ")), "{text}");
}

#[test]
fn a_benchmark_is_a_table_and_bars() {
    let dir = Dir::new("benchmark");
    dir.put("a", TEXT);
    let text = text_of(&dir.run(&["-b", "1e2", "a"], b"").stdout);
    assert!(text.contains("level") && text.contains("MB/s") && text.contains('█'), "{text}");
}

#[test]
fn many_files_at_once_are_each_replaced_and_none_twice() {
    let dir = Dir::new("many");
    let names: Vec<String> = (0..150).map(|i| format!("f{i}")).collect();
    names.iter().for_each(|name| dir.put(name, name.as_bytes()));
    let mut args: Vec<&str> = names.iter().map(String::as_str).collect();
    args.push("f3");
    let output = dir.run(&args, b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text_of(&output.stderr),
        "rigz: f3: No such file or directory\n",
        "it went before its name came again"
    );
    for name in &names {
        assert!(unpacked(&dir.get(&format!("{name}.gz"))) == name.as_bytes());
    }
    assert_eq!(dir.names().len(), names.len());
}

#[test]
fn what_cannot_be_done_is_refused_with_status_1_and_an_offer_of_help() {
    let dir = Dir::new("refused");
    dir.put("a", TEXT);
    for line in [
        "-y a",
        "-13 a",
        "-J a",
        "--zzz a",
        "-b 3 a",
        "-b 9e1 a",
        "-o x a a",
        "-co x a",
        "-c --rm a",
        "--json a",
        "-p x a",
        "-Rb 64 a",
        "--memory 15M a",
        "-r -o x a",
    ] {
        let output = dir.run(&line.split(' ').collect::<Vec<_>>(), b"");
        let said = text_of(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{line}: {said}");
        assert!(said.ends_with("\nTry `rigz --help' for more information.\n"), "{line}: {said}");
        assert_eq!(dir.names(), ["a"], "{line}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn memory_stays_below_what_was_allowed() {
    let dir = Dir::new("memory");
    let data = noise(12 << 20);
    for (option, allowed_kib) in [("16M", 16 << 10), ("24M", 24 << 10)] {
        let mut command = dir.command(&["--memory", option, "-p8", "-9"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the command");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(&data).expect("a reader");
        // Behind the data it waits for more, or the end.
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("a running process");
        let most = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB")?.trim().parse().ok());
        drop(input);
        assert!(child.wait().expect("an end").success());
        assert!(most.is_some_and(|kib: u64| kib <= allowed_kib), "{option}: {most:?} KiB");
    }
}
