//! Records in formats that other programs read.

mod columns;
mod csv;
#[cfg(feature = "parquet")]
mod parquet;

use std::io::{self, Write};

pub use self::csv::Csv;
use crate::query::Found;

/// A format of exported records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFormat {
    /// The lines of the log, byte for byte. All that a record holds.
    JsonLines,
    /// [`Csv`]: a table of what most records have.
    Csv,
    /// Apache Parquet: the columns of [`Csv`], with types. Times are microseconds in UTC, `policies`, `attempts`
    /// and `changes` are JSON. Not compressed, but with dictionaries.
    #[cfg(feature = "parquet")]
    Parquet,
}

/// Writes records, and says how many.
///
/// ```no_run
/// use fw_audit::{ExportFormat, Query, export};
///
/// let records = Query::new().run("audit/".as_ref())?;
/// export(records, ExportFormat::Csv, &mut std::io::stdout().lock())?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// A record cannot be read, or `out` cannot be written.
pub fn export(
    records: impl IntoIterator<Item = io::Result<Found>>,
    format: ExportFormat,
    out: &mut impl Write,
) -> io::Result<u64> {
    let mut count = 0;
    match format {
        ExportFormat::JsonLines => {
            for found in records {
                out.write_all(found?.bytes())?;
                out.write_all(b"\n")?;
                count += 1;
            }
        }
        ExportFormat::Csv => {
            let mut table = Csv::new(&mut *out)?;
            for found in records {
                table.write(&found?)?;
                count += 1;
            }
        }
        #[cfg(feature = "parquet")]
        ExportFormat::Parquet => {
            let mut table = parquet::Table::new(&mut *out)?;
            for found in records {
                table.write(&found?)?;
                count += 1;
            }
            table.finish()?;
        }
    }
    out.flush()?;
    Ok(count)
}
