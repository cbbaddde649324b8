//! Apache Parquet, by the writer of arrow-rs, without Arrow itself.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex};

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use serde_json::Value;

use super::columns::{COLUMNS, Holds, LISTS};
use crate::query::Found;
use crate::queue::lock;
use crate::time::Timestamp;

/// Records that are kept in memory, until they are written as one group.
const GROUP: usize = 16_384;

/// A table that is being written.
pub(super) struct Table<W> {
    out: W,
    file: SerializedFileWriter<Buffer>,
    buffer: Buffer,
    columns: Vec<Cells>,
    rows: usize,
}

/// What the file's writer has written, on its way to one that need not be [`Send`].
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

/// The cells of a column that are not written yet.
struct Cells {
    values: Values,
    /// For each row whether there is a value.
    levels: Vec<i16>,
}

enum Values {
    Text(Vec<ByteArray>),
    Whole(Vec<i64>),
    Real(Vec<f64>),
}

// === impl Table ===

impl<W: Write> Table<W> {
    pub(super) fn new(out: W) -> io::Result<Self> {
        let buffer = Buffer::default();
        let schema = Arc::new(schema().map_err(failed)?);
        let properties = WriterProperties::builder()
            .set_created_by(concat!("fw-audit ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let file = SerializedFileWriter::new(buffer.clone(), schema, Arc::new(properties));
        let columns = COLUMNS
            .iter()
            .map(|column| Cells::of(column.holds))
            .chain(LISTS.map(|_| Cells::of(Holds::Text)));
        Ok(Self {
            out,
            file: file.map_err(failed)?,
            buffer,
            columns: columns.collect(),
            rows: 0,
        })
    }

    pub(super) fn write(&mut self, found: &Found) -> io::Result<()> {
        let record: Value = found.read()?;
        let (plain, lists) = self.columns.split_at_mut(COLUMNS.len());
        for (column, cells) in COLUMNS.iter().zip(plain) {
            cells.push(column.holds, record.pointer(column.pointer));
        }
        for (name, cells) in LISTS.iter().zip(lists) {
            cells.push(Holds::Text, record.get(name));
        }
        self.rows += 1;
        if self.rows == GROUP {
            self.end_group()?;
        }
        Ok(())
    }

    /// Writes what is left, and the file's end.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.end_group()?;
        }
        self.file.close().map_err(failed)?;
        self.out.write_all(&self.buffer.take())
    }

    fn end_group(&mut self) -> io::Result<()> {
        let mut group = self.file.next_row_group().map_err(failed)?;
        for cells in &mut self.columns {
            let Some(mut column) = group.next_column().map_err(failed)? else {
                return Err(io::Error::other("a column without a place"));
            };
            cells.write(column.untyped()).map_err(failed)?;
            column.close().map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.rows = 0;
        self.out.write_all(&self.buffer.take())
    }
}

/// Columns in their order; each may lack values.
fn schema() -> Result<Type, ParquetError> {
    let field = |name: &str, physical, logical| {
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let plain = COLUMNS.iter().map(|column| match column.holds {
        Holds::Text => field(column.name, Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Holds::Whole => field(column.name, Physical::INT64, None),
        Holds::Real => field(column.name, Physical::DOUBLE, None),
        Holds::Time => {
            let unit = TimeUnit::MICROS;
            let logical = LogicalType::timestamp(true, unit);
            field(column.name, Physical::INT64, Some(logical))
        }
    });
    let lists = LISTS.map(|name| field(name, Physical::BYTE_ARRAY, Some(LogicalType::Json)));
    let fields: Result<Vec<_>, _> = plain.chain(lists).collect();
    Type::group_type_builder("record")
        .with_fields(fields?)
        .build()
}

// === impl Cells ===

impl Cells {
    fn of(holds: Holds) -> Self {
        Self {
            values: match holds {
                Holds::Text => Values::Text(Vec::new()),
                Holds::Whole | Holds::Time => Values::Whole(Vec::new()),
                Holds::Real => Values::Real(Vec::new()),
            },
            levels: Vec::new(),
        }
    }

    /// Adds a value. One of another type than this version writes is as good as absent.
    fn push(&mut self, holds: Holds, value: Option<&Value>) {
        let value = value.filter(|value| !value.is_null());
        let is_there = match &mut self.values {
            Values::Text(texts) => add(texts, value.map(text)),
            Values::Whole(numbers) => add(
                numbers,
                value.and_then(|value| match holds {
                    Holds::Time => micros(value),
                    _ => value.as_i64(),
                }),
            ),
            Values::Real(numbers) => add(numbers, value.and_then(Value::as_f64)),
        };
        self.levels.push(i16::from(is_there));
    }

    fn write(&mut self, column: &mut ColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = mem::take(&mut self.levels);
        let levels = Some(levels.as_slice());
        match (&mut self.values, column) {
            (Values::Text(texts), ColumnWriter::ByteArrayColumnWriter(column)) => {
                column.write_batch(&mem::take(texts), levels, None)?
            }
            (Values::Whole(numbers), ColumnWriter::Int64ColumnWriter(column)) => {
                column.write_batch(&mem::take(numbers), levels, None)?
            }
            (Values::Real(numbers), ColumnWriter::DoubleColumnWriter(column)) => {
                column.write_batch(&mem::take(numbers), levels, None)?
            }
            _ => return Err(ParquetError::General("a column of another type".into())),
        };
        Ok(())
    }
}

fn add<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
    let is_there = value.is_some();
    values.extend(value);
    is_there
}

fn text(value: &Value) -> ByteArray {
    match value {
        Value::String(text) => text.as_str().into(),
        value => value.to_string().into_bytes().into(),
    }
}

fn micros(value: &Value) -> Option<i64> {
    let time: Timestamp = value.as_str()?.parse().ok()?;
    i64::try_from(time.as_micros()).ok()
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

// === impl Buffer ===

impl Buffer {
    fn take(&self) -> Vec<u8> {
        mem::take(&mut lock(&self.0))
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    use serde_json::json;

    use super::*;
    use crate::sample::Sample;
    use crate::{ExportFormat, Query, export};

    /// Writes records and reads them back: each row as its columns that have a value.
    fn table(records: &[Value]) -> Vec<Vec<(String, Field)>> {
        let mut log = Sample::new();
        log.begin();
        records.iter().for_each(|record| log.finished(record));
        let directory = log.write();
        let records = Query::new().run(directory.path()).unwrap();
        let mut out = Vec::new();
        export(records, ExportFormat::Parquet, &mut out).unwrap();
        let reader = SerializedFileReader::new(Bytes::from(out)).unwrap();
        let rows = reader.get_row_iter(None).unwrap();
        rows.map(|row| {
            let row = row.unwrap();
            let cells = row.get_column_iter();
            cells
                .filter(|(_, field)| **field != Field::Null)
                .map(|(name, field)| (name.clone(), field.clone()))
                .collect()
        })
        .collect()
    }

    fn cell<'a>(row: &'a [(String, Field)], column: &str) -> Option<&'a Field> {
        row.iter()
            .find(|(name, _)| name == column)
            .map(|(_, field)| field)
    }

    #[test]
    fn a_record_is_a_row_with_types() {
        let policies = json!([{"policy": "pii", "outcome": "block"}]);
        let rows = table(&[
            json!({
                "time": "2026-11-21T17:46:14.000123Z", "client": "=a, \"b\"\n", "status": 200,
                "tokens": {"prompt": 12, "cached": 3}, "cost_usd": 0.5, "total_ms": 7,
                "policies": policies,
            }),
            json!({"time": "no time", "status": "200", "cost_usd": null}),
        ]);
        assert_eq!(rows.len(), 2);
        let row = &rows[0];
        assert_eq!(cell(row, "seq"), Some(&Field::Long(1)));
        assert_eq!(cell(row, "kind"), Some(&Field::Str("finished".into())));
        assert_eq!(
            cell(row, "time"),
            Some(&Field::TimestampMicros(1_795_283_174_000_123))
        );
        // No spreadsheet reads it: texts are as they are.
        assert_eq!(cell(row, "client"), Some(&Field::Str("=a, \"b\"\n".into())));
        assert_eq!(cell(row, "prompt_tokens"), Some(&Field::Long(12)));
        assert_eq!(cell(row, "completion_tokens"), None);
        assert_eq!(cell(row, "cost_usd"), Some(&Field::Double(0.5)));
        assert_eq!(cell(row, "total_ms"), Some(&Field::Double(7.0)));
        assert_eq!(
            cell(row, "policies"),
            Some(&Field::Str(policies.to_string()))
        );
        let names: Vec<&str> = rows[1].iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["seq", "kind", "hash"]);
    }

    #[test]
    fn rows_are_in_order_through_groups() {
        let records: Vec<Value> = (0..2 * GROUP + 5).map(|n| json!({"status": n})).collect();
        let rows = table(&records);
        assert_eq!(rows.len(), records.len());
        for (n, row) in rows.iter().enumerate() {
            assert_eq!(cell(row, "status"), Some(&Field::Long(n as i64)));
        }
    }

    #[test]
    fn no_records_are_a_table_without_rows() {
        assert!(table(&[]).is_empty());
    }
}
