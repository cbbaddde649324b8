//! Where a log ends that was closed, killed or lost power.

use std::io::{self, BufRead, BufReader, Read};

use crate::{
    chain::{Chain, Hash, Head},
    format::{self, Kind, Line, VERSION},
    keys::PublicKey,
    segment::file_name,
    storage::{self, Storage},
};

/// The end of a log.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) chain: Chain,
    /// The last file with anything in it.
    pub(crate) previous: Option<String>,
    /// The file to go on with; none if there is no file, or the last one is sealed.
    pub(crate) open: Option<Resumed>,
    /// A file to begin again: not even its first line is whole.
    pub(crate) stillborn: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Resumed {
    pub(crate) first: u64,
    pub(crate) header: format::Segment,
    /// The chain before the file's first line, and the file before.
    pub(crate) before: Chain,
    pub(crate) file_before: Option<String>,
    /// Its length up to the last whole line.
    pub(crate) len: u64,
    /// Lines after the last one that is signed.
    pub(crate) unsigned: u64,
    /// Bytes after that, of a line that is not whole.
    pub(crate) torn: u64,
}

/// What is not as it was written.
#[derive(Debug)]
pub(crate) enum Problem {
    Damage {
        file: String,
        line: u64,
        what: String,
    },
    /// The last file is signed with another key.
    Key(String),
    Io {
        file: String,
        error: io::Error,
    },
}

/// Looks at the last file, all of it, and at how it is linked to the one before.
pub(crate) fn recover(storage: &dyn Storage, key: &PublicKey) -> Result<Tail, Problem> {
    let segments = storage::segments(storage).map_err(|error| Problem::Io {
        file: "the directory".into(),
        error,
    })?;
    let Some(&first) = segments.last() else {
        return Ok(Tail {
            chain: Chain::new(Head::default(), Hash::ZERO),
            previous: None,
            open: None,
            stillborn: None,
        });
    };
    let before = match segments.len().checked_sub(2) {
        Some(at) => Some(ended(storage, segments[at], first)?),
        None => None,
    };
    let name = file_name(first);
    let walked = walk(storage, first, before.as_ref(), key)?;
    let file_before = before.as_ref().map(|(name, _)| name.clone());
    let Some(walked) = walked else {
        return match before {
            Some((previous, chain)) => Ok(Tail {
                chain,
                previous: Some(previous),
                open: None,
                stillborn: Some(name),
            }),
            None if first == 1 => Ok(Tail {
                chain: Chain::new(Head::default(), Hash::ZERO),
                previous: None,
                open: None,
                stillborn: Some(name),
            }),
            None => Err(Problem::Damage {
                file: name,
                line: 1,
                what: "the first line is not whole, and the file before is missing".into(),
            }),
        };
    };
    let open = (!walked.sealed).then_some(Resumed {
        first,
        before: walked.before,
        file_before,
        header: walked.header,
        len: walked.len,
        unsigned: walked.unsigned,
        torn: walked.torn,
    });
    Ok(Tail {
        chain: walked.chain,
        previous: Some(name),
        open,
        stillborn: None,
    })
}

struct Walked {
    header: format::Segment,
    before: Chain,
    chain: Chain,
    len: u64,
    unsigned: u64,
    torn: u64,
    sealed: bool,
}

/// Goes through the last file. `None`: not even its first line is whole.
fn walk(
    storage: &dyn Storage,
    first: u64,
    before: Option<&(String, Chain)>,
    key: &PublicKey,
) -> Result<Option<Walked>, Problem> {
    let name = file_name(first);
    let mut lines = Lines::open(storage, &name)?;
    let Some(header_line) = lines.next()? else {
        return Ok(None);
    };
    let line = parse(&header_line).map_err(|what| lines.damage(what))?;
    let header = header(&line).map_err(|what| lines.damage(what))?;
    if header.public_key != key.to_string() {
        return Err(Problem::Key(header.public_key));
    }
    let head = Head {
        seq: first - 1,
        hash: before.map_or(header.previous_hash, |(_, chain)| chain.head().hash),
    };
    let last = before.map_or(header.previous_hash, |(_, chain)| *chain.last());
    if header.previous_hash != last {
        return Err(lines.damage("it does not follow the last line of the file before".into()));
    }
    if before.is_none() && first == 1 && last != Hash::ZERO {
        return Err(lines.damage("it claims to follow another file".into()));
    }
    let start = Chain::new(head, last);
    let mut chain = start;
    chain
        .check(&line)
        .map_err(|broken| lines.damage(broken.to_string()))?;
    let mut sealed = false;
    let mut unsigned = 0;
    while let Some(text) = lines.next()? {
        let line = parse(&text).map_err(|what| lines.damage(what))?;
        let previous = *chain.last();
        let wrong = if sealed {
            Some("a line after the seal".to_owned())
        } else if line.kind() == Kind::Segment {
            Some("the first line of a file, in the middle".to_owned())
        } else if let Err(broken) = chain.check(&line) {
            Some(broken.to_string())
        } else if line.kind().is_signed() && !key.verify(&previous, &line) {
            Some("the signature is not of this log's key".to_owned())
        } else {
            None
        };
        if let Some(what) = wrong {
            return Err(lines.damage(what));
        }
        sealed = line.kind() == Kind::Seal;
        unsigned = if line.kind().is_signed() {
            0
        } else {
            unsigned + 1
        };
    }
    if sealed && lines.torn > 0 {
        lines.line += 1;
        return Err(lines.damage("something after the seal".into()));
    }
    Ok(Some(Walked {
        header,
        before: start,
        chain,
        len: lines.len,
        unsigned,
        torn: lines.torn,
        sealed,
    }))
}

/// The end of a file that another one, which begins with `next`, follows: by its last line alone.
fn ended(storage: &dyn Storage, first: u64, next: u64) -> Result<(String, Chain), Problem> {
    let name = file_name(first);
    let mut lines = Lines::open(storage, &name)?;
    let mut last = None;
    while let Some(text) = lines.next()? {
        last = Some(text);
    }
    if lines.torn > 0 {
        lines.line += 1;
        return Err(lines.damage("the last line is not whole, and another file follows".into()));
    }
    let Some(text) = last else {
        return Err(lines.damage("an empty file, and another one follows".into()));
    };
    let line = parse(&text).map_err(|what| lines.damage(what))?;
    if line.kind() == Kind::Segment || line.seq().checked_add(1) != Some(next) {
        return Err(lines.damage(format!(
            "it ends with number {}, but the next file begins with {next}",
            line.seq()
        )));
    }
    let head = Head {
        seq: line.seq(),
        hash: line.hash(),
    };
    Ok((name, Chain::new(head, line.hash())))
}

/// The first line of a file, if a signature within that file vouches for it.
pub(crate) fn signed_header(
    storage: &dyn Storage,
    first: u64,
    key: &PublicKey,
) -> io::Result<Option<format::Segment>> {
    to_signature(storage, first, key).map_err(|problem| match problem {
        Problem::Io { error, .. } => error,
        Problem::Key(key) => io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is signed with the key {key}", file_name(first)),
        ),
        Problem::Damage { file, line, what } => {
            io::Error::new(io::ErrorKind::InvalidData, format!("{file}:{line}: {what}"))
        }
    })
}

/// Goes through a file up to its first signature.
fn to_signature(
    storage: &dyn Storage,
    first: u64,
    key: &PublicKey,
) -> Result<Option<format::Segment>, Problem> {
    let mut lines = Lines::open(storage, &file_name(first))?;
    let Some(text) = lines.next()? else {
        return Ok(None);
    };
    let line = parse(&text).map_err(|what| lines.damage(what))?;
    let header = header(&line).map_err(|what| lines.damage(what))?;
    let before = Head {
        seq: first - 1,
        hash: header.previous_hash,
    };
    let mut chain = Chain::new(before, header.previous_hash);
    chain
        .check(&line)
        .map_err(|broken| lines.damage(broken.to_string()))?;
    while let Some(text) = lines.next()? {
        let line = parse(&text).map_err(|what| lines.damage(what))?;
        let previous = *chain.last();
        chain
            .check(&line)
            .map_err(|broken| lines.damage(broken.to_string()))?;
        if line.kind().is_signed() {
            return if key.verify(&previous, &line) {
                Ok(Some(header))
            } else {
                Err(lines.damage("the signature is not of this log's key".into()))
            };
        }
    }
    Ok(None)
}

fn header(line: &Line<'_>) -> Result<format::Segment, String> {
    if line.kind() != Kind::Segment {
        return Err("the first line is of another kind".into());
    }
    let header: format::Segment = line.read().map_err(|error| error.to_string())?;
    if header.version != VERSION {
        return Err(format!(
            "version {} of the format, where {VERSION} is known",
            header.version
        ));
    }
    Ok(header)
}

fn parse(text: &[u8]) -> Result<Line<'_>, String> {
    Line::parse(text).map_err(|error| error.to_string())
}

/// The whole lines of a file.
struct Lines {
    reader: BufReader<Box<dyn Read>>,
    name: String,
    line: u64,
    len: u64,
    torn: u64,
}

impl Lines {
    fn open(storage: &dyn Storage, name: &str) -> Result<Self, Problem> {
        let reader = storage.read(name).map_err(|error| Problem::Io {
            file: name.into(),
            error,
        })?;
        Ok(Self {
            reader: BufReader::with_capacity(256 * 1024, reader),
            name: name.into(),
            line: 0,
            len: 0,
            torn: 0,
        })
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let mut text = Vec::new();
        let read = self
            .reader
            .read_until(b'\n', &mut text)
            .map_err(|error| Problem::Io {
                file: self.name.clone(),
                error,
            })?;
        if text.pop_if(|last| *last == b'\n').is_none() {
            self.torn = read as u64;
            return Ok(None);
        }
        self.line += 1;
        self.len += read as u64;
        Ok(Some(text))
    }

    fn damage(&self, what: String) -> Problem {
        Problem::Damage {
            file: self.name.clone(),
            line: self.line.max(1),
            what,
        }
    }
}
