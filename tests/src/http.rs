//! A plain HTTP/1.1 client over one kept connection: cheap enough to load a server from beside it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustls::{ClientConnection, StreamOwned};

use crate::tls::Tls;

/// Longer than any answer may take; a hanging server fails the test instead of the run.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection to a server.
pub struct Connection {
    address: SocketAddr,
    reader: BufReader<Stream>,
    headers: String,
}

/// The socket, in clear or not.
enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| {
            format!("status {}, no JSON: {}", self.status, String::from_utf8_lossy(&self.body))
        })
    }
}

impl Connection {
    /// Connects, with headers for every request, each ended by CRLF; by TLS where a certificate is given.
    pub fn open(address: SocketAddr, headers: &str, tls: Option<&Tls>) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let stream = match tls {
            None => Stream::Plain(stream),
            Some(tls) => Stream::Tls(Box::new(StreamOwned::new(tls.client()?, stream))),
        };
        Ok(Self { address, reader: BufReader::new(stream), headers: headers.to_owned() })
    }

    /// Sends a request and reads its answer. `more` are headers of this request alone.
    pub fn send(&mut self, method: &str, path: &str, more: &str, body: &[u8]) -> Result<Answer> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{}{more}content-length: {}\r\n\r\n",
            self.address,
            self.headers,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.reader.get_mut().write_all(&request)?;
        self.reader.get_mut().flush()?;
        self.answer()
    }

    /// Posts JSON.
    pub fn post(&mut self, path: &str, more: &str, body: &[u8]) -> Result<Answer> {
        self.send("POST", path, &format!("{more}content-type: application/json\r\n"), body)
    }

    fn answer(&mut self) -> Result<Answer> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let Some(status) = status else { bail!("no HTTP answer: {line:?}") };
        let mut length = 0;
        loop {
            line.clear();
            if self.reader.read_line(&mut line)? == 0 {
                bail!("the answer ends in its headers");
            }
            if line == "\r\n" {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        Ok(Answer { status, body })
    }
}
