//! Files go both ways between rigz and the other implementations that are installed; the rest are named and left out.

#![cfg(not(target_family = "wasm"))]
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers fail as tests do, and name what is left out"
)]

#[path = "common/families.rs"]
mod families;

use families::families;
use rigz::{
    Level,
    gzip::{self, Decoder, Step},
};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

/// A command that writes or reads gzip: its name, options for each way to write, options to read.
struct Peer {
    command: &'static str,
    write: &'static [&'static str],
    read: Option<&'static str>,
}

const PEERS: &[Peer] = &[
    Peer { command: "gzip", write: &["-c -1", "-c -6", "-c -9"], read: Some("-dc") },
    Peer { command: "pigz", write: &["-c -p1 -0", "-c -p2 -b32 -6", "-c -p2 -9 -i -b32"], read: Some("-dc") },
    Peer { command: "libdeflate-gzip", write: &["-c -1", "-c -6", "-c -12"], read: Some("-dc") },
    Peer { command: "igzip", write: &["-c -0", "-c -1", "-c -2", "-c -3"], read: Some("-d -c") },
    Peer { command: "bgzip", write: &["-c -l 0", "-c -l 6"], read: Some("-dc") },
    Peer { command: "zopfli", write: &["-c --i1"], read: None },
    Peer { command: "rapidgzip", write: &[], read: Some("-P 2 -d -c") },
];

impl Peer {
    fn is_installed(&self) -> bool {
        let call = Command::new(self.command).arg("--help").stdin(Stdio::null()).output();
        let is_installed = !matches!(call, Err(error) if error.kind() == io::ErrorKind::NotFound);
        if !is_installed {
            println!("{} is not installed: left out", self.command);
        }
        is_installed
    }

    fn run(&self, options: &str, file: &Path) -> Vec<u8> {
        let mut command = Command::new(self.command);
        let output =
            command.args(options.split(' ')).arg(file).stdin(Stdio::null()).output().expect("started");
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

fn scratch_file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("written");
    path
}

fn decompress(mut input: &[u8]) -> Vec<u8> {
    let (mut decoder, mut out) = (Decoder::new(), Vec::new());
    loop {
        match decoder.decode(&mut input).expect("valid") {
            Step::Output => {
                out.extend_from_slice(decoder.output());
                decoder.consume(decoder.output().len());
            }
            Step::NeedsInput => decoder.end_of_input(),
            Step::Done => return out,
        }
    }
}

#[test]
fn others_read_what_rigz_writes() {
    let peers: Vec<&Peer> = PEERS.iter().filter(|peer| peer.is_installed()).collect();
    for level in (0..).map_while(Level::new) {
        // One member for each family: many members must come back as one.
        let (mut file, mut data) = (Vec::new(), Vec::new());
        for (_, input) in families() {
            gzip::compress(&input, level, &mut file);
            data.extend_from_slice(&input);
        }
        let path = scratch_file(&format!("written-at-{}.gz", level.number()), &file);
        for peer in &peers {
            if let Some(options) = peer.read {
                assert!(
                    peer.run(options, &path) == data,
                    "{} {options}, level {}",
                    peer.command,
                    level.number()
                );
            }
        }
    }
}

#[test]
fn rigz_reads_what_others_write() {
    let data: Vec<u8> = families().into_iter().flat_map(|(_, input)| input).collect();
    let path = scratch_file("for-others", &data);
    for peer in PEERS.iter().filter(|peer| !peer.write.is_empty() && peer.is_installed()) {
        for options in peer.write {
            assert!(decompress(&peer.run(options, &path)) == data, "{} {options}", peer.command);
        }
    }
}
