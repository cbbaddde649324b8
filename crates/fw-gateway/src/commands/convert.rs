//! `fw-gateway convert`: a configuration from another gateway's.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use super::{CommandError, input};
use crate::cli::{ConvertArgs, ConvertFrom};
use crate::convert::{self, Source};

/// Largest file that is read. The converter refuses those that are not far smaller, and says so with their name.
const MAX_INPUT_BYTES: u64 = 4 << 20;

/// Converts a file to `output`, or to the file that the options name. Notes for people go to `notes`.
///
/// # Errors
///
/// A file that cannot be read, is not what it should be, or an output file that is already there.
pub fn convert(
    args: &ConvertArgs,
    output: impl Write,
    mut notes: impl Write,
) -> Result<(), CommandError> {
    let text = read(&args.file)?;
    let source = match args.from {
        ConvertFrom::Bifrost => Source::Bifrost,
        ConvertFrom::Litellm => Source::Litellm,
    };
    let name = args.file.display().to_string();
    let converted = convert::convert(source, &name, &text)
        .map_err(|error| CommandError::option(error.to_string()))?;
    match &args.output {
        Some(path) => write(path, converted.yaml())?,
        None => input::written(print(output, converted.yaml()))?,
    }
    // Whoever does not read them finds them in the output too.
    let _ = notes.write_all(converted.notes().trim_start().as_bytes());
    Ok(())
}

fn print(mut output: impl Write, yaml: &str) -> io::Result<()> {
    output.write_all(yaml.as_bytes())?;
    output.flush()
}

fn read(path: &Path) -> Result<String, CommandError> {
    let refuse = |reason: String| CommandError::option(format!("{}: {reason}", path.display()));
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_INPUT_BYTES).read_to_end(&mut bytes))
        .map_err(|error| refuse(format!("cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        refuse(format!("is not UTF-8 text (byte {place})"))
    })
}

/// Writes a new file: one that is there may have been edited since.
fn write(path: &Path, yaml: &str) -> Result<(), CommandError> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| {
        file.write_all(yaml.as_bytes())?;
        file.sync_all()
    })
    .map_err(|error| CommandError::option(format!("cannot write {}: {error}", path.display())))
}
