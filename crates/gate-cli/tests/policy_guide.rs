//! Every command of docs/POLICY.md is run, in its order, in an empty folder, and says what is written.
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "this is a test")]

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A fenced block: the words behind its fence, and its lines.
struct Block {
    line: usize,
    words: Vec<String>,
    text: String,
}

fn blocks(guide: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in guide.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(words)) => {
                let words = words.split_whitespace().map(str::to_owned).collect();
                open = Some(Block { line: number + 1, words, text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    blocks
}

impl Block {
    fn kind(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    fn word(&self, name: &str) -> Option<&str> {
        self.words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }
}

/// Runs the lines of a block; what they print, on both streams.
fn run(block: &Block, folder: &Path, registry: Option<&str>) -> String {
    let gate = Path::new(env!("CARGO_BIN_EXE_gate"));
    let path = format!("{}:{}", gate.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GATE_") {
            command.env_remove(name);
        }
    }
    if let Some(host) = registry {
        command.env("REGISTRY", host).env("GATE_REGISTRY_PLAIN_HTTP", host);
    }
    let output =
        command.current_dir(folder).env("PATH", path).args(["-ec", &block.text]).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    let expected: i32 = block.word("exit").map_or(0, |code| code.parse().unwrap());
    assert_eq!(output.status.code(), Some(expected), "line {}: {said}", block.line);
    said
}

/// A registry as a process, killed when it is dropped.
struct Registry {
    child: Child,
    host: String,
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The registry of `crane`, where that is at hand; in CI it must be.
fn registry() -> Option<Registry> {
    let crane = std::env::var_os("GATE_PEERS").map(|folder| PathBuf::from(folder).join("crane"));
    let Some(crane) = crane.filter(|path| path.is_file()) else {
        assert!(std::env::var_os("CI").is_none(), "CI must have crane");
        println!("NOT RUN: the blocks that need a registry; scripts/peers.sh builds crane");
        return None;
    };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = format!("127.0.0.1:{port}");
    let mut command = Command::new(crane);
    command.args(["registry", "serve", "--address", &host]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let running = Registry { child, host };
    for _ in 0..600 {
        if TcpStream::connect(&running.host).is_ok() {
            return Some(running);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("crane did not start");
}

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let guide = include_str!("../../../docs/POLICY.md");
    let folder = tempfile::tempdir().unwrap();
    let registry = registry();
    let (mut said, mut commands) = (None, 0);
    for block in blocks(guide) {
        match (block.kind(), block.word("file")) {
            ("sh", None) => {
                if registry.is_none() && block.words.iter().any(|word| word == "registry") {
                    said = None;
                    continue;
                }
                let host = registry.as_ref().map(|running| running.host.as_str());
                said = Some(run(&block, folder.path(), host));
                commands += block.text.lines().count();
            }
            ("text", None) => {
                let Some(said) = &said else { continue };
                for line in block.text.lines() {
                    assert!(said.contains(line), "line {}: {line:?} is not in\n{said}", block.line);
                }
            }
            (_, Some(name)) => {
                let path = folder.path().join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, &block.text).unwrap();
            }
            (kind, None) => panic!("line {}: what is a block of `{kind}`?", block.line),
        }
    }
    assert!(commands > 20, "{commands} commands were found");
}
