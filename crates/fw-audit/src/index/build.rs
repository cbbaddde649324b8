//! Makes an index from a segment.

use std::collections::HashMap;
use std::io;

use super::{ABSENT, Column, Index, code, request_code};
use crate::format::{Kind, Line};
use crate::reader::SegmentFile;
use crate::row::Row;
use crate::time::Timestamp;

impl Index {
    /// Reads the whole segment.
    ///
    /// # Errors
    ///
    /// The segment cannot be read, or a line is none.
    pub(crate) fn build(segment: &SegmentFile) -> io::Result<Self> {
        let mut building = Building::default();
        let mut reader = segment.reader()?;
        while let Some(placed) = reader.next_line()? {
            let damaged = |what: &dyn std::fmt::Display| {
                let (name, line) = (segment.name(), placed.number());
                io::Error::new(io::ErrorKind::InvalidData, format!("{name}:{line}: {what}"))
            };
            let line = placed.parse().map_err(|error| damaged(&error))?;
            building
                .line(&line, placed.offset())
                .map_err(|error| damaged(&error))?;
        }
        Ok(building.finish(reader.offset()))
    }
}

/// An index that is being made.
struct Building {
    index: Index,
    entries: HashMap<String, u32>,
    /// The names of a record's policies together.
    policies: String,
}

impl Default for Building {
    fn default() -> Self {
        let mut building = Self {
            index: Index::default(),
            entries: HashMap::new(),
            policies: String::new(),
        };
        // At the place of what is absent.
        building.entry("");
        building
    }
}

impl Building {
    fn line(&mut self, line: &Line<'_>, offset: u64) -> serde_json::Result<()> {
        let row = if line.kind().is_record() {
            line.read()?
        } else {
            Row::default()
        };
        self.policies.clear();
        for name in row.policies.names() {
            self.policies.push_str(name);
            self.policies.push('\n');
        }
        let policies = std::mem::take(&mut self.policies);
        for (column, text) in [
            (Column::Verdict, row.verdict.as_str()),
            (Column::Model, row.model.as_str()),
            (Column::ModelServed, row.model_served.as_str()),
            (Column::Client, row.client.as_str()),
            (Column::Target, row.target.as_str()),
            (Column::Policies, Some(policies.as_str())),
        ] {
            let entry = text.map_or(ABSENT, |text| self.entry(text));
            self.index.texts[column as usize].push(entry);
        }
        self.policies = policies;
        let index = &mut self.index;
        index.offsets.push(offset);
        index.kinds.push(code(line.kind()));
        index.times.push(row.micros());
        let request = row.request_id.as_str().map_or(0, request_code);
        index.requests.push(request);
        let accepted = row.accepted.0.filter(|_| line.kind() == Kind::Finished);
        index.accepted.push(accepted.unwrap_or(0));
        Ok(())
    }

    /// The place of a text in the dictionary.
    fn entry(&mut self, text: &str) -> u32 {
        if let Some(entry) = self.entries.get(text) {
            return *entry;
        }
        // A segment has no such number of lines.
        let entry = u32::try_from(self.index.dictionary.len()).unwrap_or(ABSENT);
        self.index.dictionary.push(text.to_owned());
        self.entries.insert(text.to_owned(), entry);
        entry
    }

    fn finish(mut self, end: u64) -> Index {
        self.index.offsets.push(end);
        self.index
    }
}

impl Row<'_> {
    /// The record's time, in microseconds since 1970; 0 where there is none.
    pub(crate) fn micros(&self) -> u64 {
        self.time
            .as_str()
            .and_then(|time| time.parse::<Timestamp>().ok())
            .map_or(0, Timestamp::as_micros)
    }
}
