//! What calls compressors: tar, logrotate, makefiles, container runtimes, and people at a terminal. What is not installed
//! is named on standard error and left out.

use crate::*;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A directory with links to the command under the names of others.
fn names(dir: &Dir) -> String {
    let bin = dir.path("bin");
    fs::create_dir(&bin).expect("a directory");
    for name in ["rigz", "unrigz", "gzip", "gunzip", "zcat", "pigz", "unpigz"] {
        symlink(env!("CARGO_BIN_EXE_rigz"), bin.join(name)).expect("a link");
    }
    format!("{}:{}", bin.display(), std::env::var_os("PATH").unwrap_or_default().display())
}

/// Whether there is a program `name` that says that it is `who`.
fn is_installed(name: &str, who: &str) -> bool {
    let call = Command::new(name).arg("--version").stdin(Stdio::null()).output();
    let is_installed =
        call.is_ok_and(|output| text_of(&[output.stdout, output.stderr].concat()).contains(who));
    if !is_installed {
        // Past the harness, which shows nothing of tests that pass.
        let _ = writeln!(io::stderr(), "{who} is not installed: left out");
    }
    is_installed
}

fn shell(dir: &Dir, path: &str, script: &str) {
    let mut command = Command::new("sh");
    command.args(["-euc", script]).current_dir(&dir.0).env("PATH", path).stdin(Stdio::null());
    let output = command.output().expect("a shell");
    assert!(output.status.success(), "{script}\n{}", text_of(&output.stderr));
}

#[test]
fn tar_calls_it_by_any_name_both_ways() {
    if !is_installed("tar", "GNU tar") {
        return;
    }
    let dir = Dir::new("tar");
    let path = names(&dir);
    fs::create_dir(dir.path("d")).expect("a directory");
    dir.put("d/a", &noise(3 << 20));
    dir.put("d/b", TEXT);
    for (pack, unpack) in [
        ("tar -I rigz -cf t d", "tar -I rigz -xf t"),
        ("tar -I 'rigz -9' -cf t d", "tar -I unrigz -xf t"),
        ("tar -I pigz -cf t d", "tar -I unpigz -xf t"),
        ("tar -czf t d", "tar -xzf t"),
        // A layer of an image: a tar that a pipe brings and a pipe takes away.
        ("tar -cf - d | gzip -n -f -9 >t", "cat t | unpigz -d -c | tar -xf -"),
    ] {
        shell(
            &dir,
            &path,
            &format!(
                "{pack}; mkdir x; cd x; mv ../t .; {unpack}; cmp d/a ../d/a; cmp d/b ../d/b; cd ..; rm -r x"
            ),
        );
    }
}

#[test]
fn a_makefile_gets_the_same_bytes_whatever_the_names_and_times_of_its_files() {
    let dir = Dir::new("make");
    let path = names(&dir);
    dir.put("a", TEXT);
    dir.put("b", TEXT);
    shell(
        &dir,
        &path,
        "touch -t 200102030405 b; rigz -n -f -9 <a >a.gz; rigz -9nf b; cmp a.gz b.gz; test ! -e b",
    );
    shell(
        &dir,
        &path,
        "cat a | gzip -n -f -9 >c.gz; cmp a.gz c.gz; gzip -9 -n -c a | cmp a.gz -; zcat c.gz | cmp - a",
    );
}

#[test]
fn logrotate_compresses_with_it() {
    if !is_installed("logrotate", "logrotate") {
        return;
    }
    let dir = Dir::new("logrotate");
    let path = names(&dir);
    fs::create_dir(dir.path("log")).expect("a directory");
    fs::set_permissions(dir.path("log"), Permissions::from_mode(0o755)).expect("a mode");
    let (log, bin) = (dir.path("log/app.log"), dir.path("bin"));
    let configuration = format!(
        "{} {{\n rotate 3\n size 1\n compress\n compresscmd {bin}/rigz\n uncompresscmd {bin}/unrigz\n \
         compressext .gz\n compressoptions -9\n}}\n",
        log.display(),
        bin = bin.display()
    );
    dir.put("conf", configuration.as_bytes());
    fs::set_permissions(dir.path("conf"), Permissions::from_mode(0o644)).expect("a mode");
    for turn in ["first", "second"] {
        fs::write(&log, turn).expect("a file");
        shell(&dir, &path, "logrotate --state $PWD/state $PWD/conf");
    }
    assert_eq!(unpacked(&dir.get("log/app.log.1.gz")), b"second");
    assert_eq!(unpacked(&dir.get("log/app.log.2.gz")), b"first");
}

/// Both ends of a terminal.
fn terminal() -> io::Result<(File, File)> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let slave = openat(CWD, ptsname(&master, Vec::new())?, OFlags::RDWR | OFlags::NOCTTY, Mode::empty())?;
    Ok((master.into(), slave.into()))
}

#[test]
fn a_long_job_tells_how_far_it_is_on_a_terminal_alone_and_leaves_no_trace() {
    let dir = Dir::new("progress");
    let _ = names(&dir);
    let started: Vec<_> =
        [("rigz", "-c", true), ("rigz", "-qc", true), ("gzip", "-c", true), ("rigz", "-c", false)]
            .into_iter()
            .map(|(name, option, on_terminal)| {
                let (master, slave) = terminal().expect("a terminal");
                let mut command = Command::new(dir.path("bin").join(name));
                command.arg(option).stdin(Stdio::piped()).stdout(Stdio::null());
                command.stderr(if on_terminal { Stdio::from(slave) } else { Stdio::piped() });
                let mut child = command.spawn().expect("the command");
                let mut input = child.stdin.take().expect("a pipe");
                input.write_all(TEXT).expect("a reader");
                (name, option, on_terminal, master, child, input)
            })
            .collect();
    // Longer than it waits before it says something.
    thread::sleep(Duration::from_millis(1100));
    for (name, option, on_terminal, mut master, mut child, mut input) in started {
        input.write_all(TEXT).expect("a reader");
        drop(input);
        assert!(child.wait().expect("an end").success());
        let mut said = Vec::new();
        // A terminal ends with an error once nobody has its other end.
        let _ = match child.stderr.take() {
            Some(mut pipe) => pipe.read_to_end(&mut said),
            None => master.read_to_end(&mut said),
        };
        let said = text_of(&said);
        if (name, option, on_terminal) == ("rigz", "-c", true) {
            assert!(
                said.starts_with("\r\x1b[Kstdin: 0.0 MB  0 MB/s") && said.ends_with("\r\x1b[K"),
                "{said:?}"
            );
        } else {
            assert_eq!(said, "", "{name} {option}, on a terminal: {on_terminal}");
        }
    }
}
