//! `audit query` and `audit export`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use fw_audit::{ExportFormat, Kind, Query, Timestamp};

use super::table::Table;
use super::when::time;
use super::{CommandError, flushed, unreadable};
use crate::cli::{ExportArgs, ExportFormats, FilterArgs, QueryArgs, QueryFormat, RecordKinds};

/// Adds a condition to a query.
type Narrow = fn(Query, String) -> Query;

/// The query that the options ask for.
pub(super) fn filtered(args: &FilterArgs) -> Result<Query, CommandError> {
    let now = Timestamp::now();
    let mut query = Query::new();
    if let Some(text) = &args.since {
        query = query.since(time(text, now)?);
    }
    if let Some(text) = &args.until {
        query = query.until(time(text, now)?);
    }
    let texts: [(&Option<String>, Narrow); 6] = [
        (&args.verdict, Query::verdict),
        (&args.policy, Query::policy),
        (&args.model, Query::model),
        (&args.client, Query::client),
        (&args.target, Query::target),
        (&args.request_id, Query::request_id),
    ];
    for (text, narrow) in texts {
        if let Some(text) = text {
            query = narrow(query, text.clone());
        }
    }
    Ok(if args.scan { query.scan() } else { query })
}

fn of_kind(query: Query, kind: RecordKinds) -> Query {
    match kind {
        RecordKinds::Finished => query.kind(Kind::Finished),
        RecordKinds::Accepted => query.kind(Kind::Accepted),
        RecordKinds::Access => query.kind(Kind::Access),
        RecordKinds::All => query,
    }
}

/// Prints the records that are asked for.
pub(super) fn query(
    args: &QueryArgs,
    directory: &Path,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let mut query = filtered(&args.filter)?;
    query = if args.unfinished {
        query.unfinished()
    } else {
        of_kind(query, args.kind)
    };
    if let Some(limit) = args.limit {
        query = query.limit(limit);
    }
    if args.newest_first {
        query = query.newest_first();
    }
    let unreadable = |error| unreadable(directory, &error);
    let records = query.run(directory).map_err(unreadable)?;
    match args.format {
        QueryFormat::Table => {
            let mut table = Table::new();
            for found in records {
                let found = found.map_err(unreadable)?;
                let written = table.write(&found, output);
                if written.is_err() {
                    return flushed(written);
                }
            }
            Ok(())
        }
        QueryFormat::Json => {
            exported(records, ExportFormat::JsonLines, directory, output).map(drop)
        }
        QueryFormat::Csv => exported(records, ExportFormat::Csv, directory, output).map(drop),
    }
}

/// Writes the records that are asked for to a file or to the output.
pub(super) fn export(
    args: &ExportArgs,
    directory: &Path,
    output: &mut impl Write,
    mut notes: impl Write,
) -> Result<(), CommandError> {
    let query = of_kind(filtered(&args.filter)?, args.kind);
    let format = match args.format {
        ExportFormats::Jsonl => ExportFormat::JsonLines,
        ExportFormats::Csv => ExportFormat::Csv,
        #[cfg(feature = "parquet")]
        ExportFormats::Parquet => ExportFormat::Parquet,
    };
    let records = query
        .run(directory)
        .map_err(|error| unreadable(directory, &error))?;
    let Some(path) = &args.output else {
        return exported(records, format, directory, output).map(drop);
    };
    let shown = path.display();
    let file = create(path)
        .map_err(|error| CommandError::option(format!("cannot create {shown}: {error}")))?;
    let mut file = io::BufWriter::new(file);
    let count = exported(records, format, directory, &mut file)?;
    flushed(file.get_ref().sync_all())?;
    let _ = writeln!(notes, "{count} records in {shown}");
    Ok(())
}

/// A new file that its owner alone may read: records tell who asked for what.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn exported(
    records: fw_audit::Records,
    format: ExportFormat,
    directory: &Path,
    output: &mut impl Write,
) -> Result<u64, CommandError> {
    // A log that cannot be read is not an output that cannot be written.
    let mut is_unreadable = false;
    let records = records.inspect(|found| is_unreadable |= found.is_err());
    let exported = fw_audit::export(records, format, output);
    match exported {
        Ok(count) => Ok(count),
        Err(error) if is_unreadable || error.kind() == io::ErrorKind::InvalidData => {
            Err(unreadable(directory, &error))
        }
        Err(error) => flushed(Err(error)).map(|()| 0),
    }
}
