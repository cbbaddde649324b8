//! Just enough HTTP/1.1 to generate load and to answer it.
//!
//! Both ends of the benchmark speak raw HTTP over a socket, because a full client and a full server
//! would cost more than the proxy that is measured. Framing follows RFC 9112: `content-length` and
//! `chunked` bodies, nothing else.

use std::io;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Longest head that is read, in bytes.
const MAX_HEAD: usize = 64 * 1024;
/// Most header fields in a head.
const MAX_FIELDS: usize = 64;

/// What the first line and the fields of a message say about it.
#[derive(Clone, Debug)]
pub struct Head {
    /// The status of a response, 0 for a request.
    pub status: u16,
    /// The path of a request, empty for a response.
    pub path: String,
    /// How the body that follows is framed.
    pub framing: Framing,
    /// Whether the peer announced that it will close the connection.
    pub close: bool,
}

/// How a body is delimited (RFC 9112 section 6).
#[derive(Clone, Debug)]
pub enum Framing {
    /// So many bytes are still to come.
    Length(u64),
    /// The chunked transfer coding.
    Chunked(Chunked),
}

/// Which kind of message is read.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// Requests, on the mock's side.
    Request,
    /// Responses, on the load generator's side.
    Response,
}

/// Reads one head. `None` is the end of the connection between two messages.
pub async fn read_head<R>(
    from: &mut R,
    buffer: &mut BytesMut,
    side: Side,
) -> io::Result<Option<Head>>
where
    R: AsyncRead + Unpin,
{
    loop {
        if !buffer.is_empty()
            && let Some((head, length)) = parse_head(buffer, side)?
        {
            buffer.advance(length);
            return Ok(Some(head));
        }
        if buffer.len() > MAX_HEAD {
            return Err(malformed("the head is longer than 64 KiB"));
        }
        let began = !buffer.is_empty();
        if from.read_buf(buffer).await? == 0 {
            return if began { Err(torn()) } else { Ok(None) };
        }
    }
}

/// Reads one body and hands its payload to `sink`, piece by piece, as it arrives.
pub async fn read_body<R>(
    from: &mut R,
    buffer: &mut BytesMut,
    framing: &mut Framing,
    mut sink: impl FnMut(&[u8]),
) -> io::Result<()>
where
    R: AsyncRead + Unpin,
{
    loop {
        let (used, done) = framing.decode(buffer, &mut sink)?;
        buffer.advance(used);
        if done {
            return Ok(());
        }
        if from.read_buf(buffer).await? == 0 {
            return Err(torn());
        }
    }
}

fn parse_head(bytes: &[u8], side: Side) -> io::Result<Option<(Head, usize)>> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let (status, path, length, fields) = match side {
        Side::Request => {
            let mut request = httparse::Request::new(&mut fields);
            match request.parse(bytes).map_err(malformed)? {
                httparse::Status::Partial => return Ok(None),
                httparse::Status::Complete(length) => {
                    let path = request.path.unwrap_or_default().to_owned();
                    (0, path, length, &*request.headers)
                }
            }
        }
        Side::Response => {
            let mut response = httparse::Response::new(&mut fields);
            match response.parse(bytes).map_err(malformed)? {
                httparse::Status::Partial => return Ok(None),
                httparse::Status::Complete(length) => {
                    let status = response.code.unwrap_or_default();
                    (status, String::new(), length, &*response.headers)
                }
            }
        }
    };
    let mut framing = None;
    let mut close = false;
    for field in fields {
        let value = field.value.trim_ascii();
        if field.name.eq_ignore_ascii_case("content-length") {
            let length = std::str::from_utf8(value)
                .ok()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| malformed("content-length is not a number"))?;
            // RFC 9112 section 6.3: transfer-encoding overrides content-length.
            framing.get_or_insert(Framing::Length(length));
        } else if field.name.eq_ignore_ascii_case("transfer-encoding") {
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(malformed("only the chunked transfer coding is understood"));
            }
            framing = Some(Framing::Chunked(Chunked::default()));
        } else if field.name.eq_ignore_ascii_case("connection") {
            close = value.eq_ignore_ascii_case(b"close");
        }
    }
    let framing = match (framing, side) {
        (Some(framing), _) => framing,
        (None, Side::Request) => Framing::Length(0),
        (None, Side::Response) => {
            return Err(malformed(
                "a response names neither length nor transfer coding",
            ));
        }
    };
    let head = Head {
        status,
        path,
        framing,
        close,
    };
    Ok(Some((head, length)))
}

// === impl Framing ===

impl Framing {
    /// Decodes what is there: how many bytes were used, and whether the body is complete.
    pub fn decode(
        &mut self,
        bytes: &[u8],
        sink: &mut impl FnMut(&[u8]),
    ) -> io::Result<(usize, bool)> {
        match self {
            Self::Chunked(chunked) => chunked.decode(bytes, sink),
            Self::Length(left) => {
                let take = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                if take > 0 {
                    sink(&bytes[..take]);
                }
                *left -= take as u64;
                Ok((take, *left == 0))
            }
        }
    }
}

/// A decoder of the chunked transfer coding (RFC 9112 section 7.1) that may be fed any cut of it.
#[derive(Clone, Debug, Default)]
pub struct Chunked {
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// In the digits of a chunk's size; digits seen, size so far.
    Size(u8, u64),
    /// After the size: an extension or the line's end.
    Extension(u64),
    /// In the chunk's data.
    Data(u64),
    /// In the line end after the data.
    DataEnd,
    /// In the trailer section; bytes of the present line, without its end.
    Trailer(u32),
}

impl Default for State {
    fn default() -> Self {
        Self::Size(0, 0)
    }
}

impl Chunked {
    fn decode(&mut self, bytes: &[u8], sink: &mut impl FnMut(&[u8])) -> io::Result<(usize, bool)> {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            match self.state {
                State::Size(digits, size) => {
                    at += 1;
                    self.state = match (char::from(byte).to_digit(16), byte) {
                        (Some(digit), _) if digits < 15 => {
                            State::Size(digits + 1, size << 4 | u64::from(digit))
                        }
                        (None, b'\n') if digits > 0 => after_size(size),
                        (None, b'\r' | b';' | b' ' | b'\t') if digits > 0 => State::Extension(size),
                        _ => return Err(malformed("a chunk's size is not a number")),
                    };
                }
                State::Extension(size) => {
                    at += 1;
                    if byte == b'\n' {
                        self.state = after_size(size);
                    }
                }
                State::Data(left) => {
                    let rest = bytes.len() - at;
                    let take = usize::try_from(left).map_or(rest, |left| left.min(rest));
                    sink(&bytes[at..at + take]);
                    at += take;
                    let left = left - take as u64;
                    self.state = if left == 0 {
                        State::DataEnd
                    } else {
                        State::Data(left)
                    };
                }
                State::DataEnd => {
                    at += 1;
                    match byte {
                        b'\r' => {}
                        b'\n' => self.state = State::default(),
                        _ => return Err(malformed("a chunk is longer than it said")),
                    }
                }
                State::Trailer(line) => {
                    at += 1;
                    match byte {
                        b'\r' => {}
                        b'\n' if line == 0 => return Ok((at, true)),
                        b'\n' => self.state = State::Trailer(0),
                        _ => self.state = State::Trailer(line.saturating_add(1)),
                    }
                }
            }
        }
        Ok((at, false))
    }
}

/// The last chunk has the size zero; the trailer section follows it.
fn after_size(size: u64) -> State {
    if size == 0 {
        State::Trailer(0)
    } else {
        State::Data(size)
    }
}

fn malformed(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn torn() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the connection ended within a message",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODED: &[u8] = b"5;x=y\r\nhello\r\n7\r\n, world\r\n0\r\nt: 1\r\n\r\n";

    #[test]
    fn a_chunked_body_is_the_same_for_every_cut() {
        for cut in 0..CODED.len() {
            let mut framing = Framing::Chunked(Chunked::default());
            let mut payload = Vec::new();
            let mut sink = |piece: &[u8]| payload.extend_from_slice(piece);
            let (used, done) = framing.decode(&CODED[..cut], &mut sink).unwrap();
            assert!(!done, "complete after {cut} bytes");
            assert_eq!(used, cut);
            let (used, done) = framing.decode(&CODED[cut..], &mut sink).unwrap();
            assert!(done, "incomplete when cut at {cut}");
            assert_eq!(used, CODED.len() - cut);
            assert_eq!(payload, b"hello, world");
        }
    }

    #[test]
    fn bytes_after_a_body_are_left_alone() {
        let mut framing = Framing::Length(3);
        let mut payload = Vec::new();
        let outcome = framing.decode(b"abcHTTP/1.1", &mut |piece| {
            payload.extend_from_slice(piece)
        });
        assert_eq!(outcome.unwrap(), (3, true));
        assert_eq!(payload, b"abc");
    }

    #[test]
    fn a_response_without_framing_is_refused() {
        assert!(parse_head(b"HTTP/1.1 200 OK\r\n\r\n", Side::Response).is_err());
        assert!(
            parse_head(b"HTTP/1.1 200 OK\r\nconte", Side::Response)
                .unwrap()
                .is_none()
        );
    }
}
