//! Standard input: one text, or lines of JSON.

use std::io::{self, BufRead, Read};

use serde::Deserialize;
use serde_json::Value;

use super::CommandError;

/// Largest text, and largest line.
const MAX_INPUT_BYTES: u64 = 64 << 20;

/// A line of input with `--jsonl`. Further members are of no interest.
#[derive(Deserialize)]
pub(super) struct Line {
    pub(super) id: Value,
    pub(super) text: String,
}

/// All of it, as one text.
pub(super) fn text(input: impl Read) -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    input
        .take(MAX_INPUT_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| CommandError::input(format!("cannot read the text: {error}")))?;
    if bytes.len() as u64 > MAX_INPUT_BYTES {
        return Err(CommandError::input(format!(
            "the text is larger than {} MiB: cut it into parts",
            MAX_INPUT_BYTES >> 20
        )));
    }
    String::from_utf8(bytes).map_err(|error| {
        CommandError::input(format!(
            "the text is not UTF-8 (byte {}): convert it first",
            error.utf8_error().valid_up_to()
        ))
    })
}

/// Gives each line that is not empty to `each`, until that fails. Its failure is not one of the input.
pub(super) fn lines(
    mut input: impl BufRead,
    mut each: impl FnMut(Line) -> io::Result<()>,
) -> Result<io::Result<()>, CommandError> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let read = (&mut input)
            .take(MAX_INPUT_BYTES + 1)
            .read_until(b'\n', &mut line)
            .map_err(|error| CommandError::input(format!("cannot read line {number}: {error}")))?;
        if read == 0 {
            break;
        }
        if read as u64 > MAX_INPUT_BYTES {
            let limit = MAX_INPUT_BYTES >> 20;
            return Err(CommandError::input(format!(
                "line {number} is larger than {limit} MiB"
            )));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let parsed = serde_json::from_slice(&line).map_err(|error| {
            // Not the error's own words: they may repeat the text.
            let column = error.column();
            CommandError::input(format!(
                "line {number} is not an object with \"id\" and \"text\" (column {column})"
            ))
        })?;
        if let Err(error) = each(parsed) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// What became of the output. A reader that has gone away (`| head`) is no reason to fail.
pub(super) fn written(result: io::Result<()>) -> Result<(), CommandError> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CommandError::output(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_one_by_one_and_a_bad_one_is_named_without_its_text() {
        let mut seen = Vec::new();
        let input = &b"{\"id\":\"a\",\"text\":\"x\",\"more\":1}\n \n{\"id\":7,\"text\":\"y\"}\n{\"text\":\"secret\"}\n"[..];
        let result = lines(input, |line| {
            seen.push((line.id, line.text));
            Ok(())
        });
        assert_eq!(
            seen,
            [("a".into(), "x".to_owned()), (7.into(), "y".to_owned())]
        );
        let error = result.unwrap_err().to_string();
        assert!(
            error.starts_with("line 4 ") && !error.contains("secret"),
            "{error}"
        );
    }

    #[test]
    fn what_cannot_be_written_ends_the_reading() {
        let mut count = 0;
        let input = "{\"id\":1,\"text\":\"\"}\n".repeat(3);
        let result = lines(input.as_bytes(), |_| {
            count += 1;
            Err(io::ErrorKind::BrokenPipe.into())
        });
        assert_eq!(count, 1);
        written(result.unwrap()).unwrap();
        assert!(written(Err(io::ErrorKind::StorageFull.into())).is_err());
    }

    #[test]
    fn a_text_that_is_not_utf8_is_refused_with_the_place() {
        let error = text(&b"ok \xff"[..]).unwrap_err();
        assert!(error.to_string().contains("byte 3"), "{error}");
    }
}
