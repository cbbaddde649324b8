//! Which lines a query wants, by their index and by themselves.

use crate::format::{Kind, Line};
use crate::index::{ABSENT, Column, Index, code, request_code};
use crate::row::Row;

/// All that is set must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub(super) since: Option<u64>,
    pub(super) until: Option<u64>,
    /// As in an index. Empty for all records.
    pub(super) kinds: Vec<u8>,
    pub(super) verdict: Option<String>,
    pub(super) policy: Option<String>,
    pub(super) model: Option<String>,
    pub(super) client: Option<String>,
    pub(super) target: Option<String>,
    pub(super) request: Option<String>,
}

impl Filter {
    /// The lines of a segment that may be wanted, by its index. Ids of requests are compared by their
    /// hashes, so there may be some too many.
    pub(super) fn rows(&self, index: &Index) -> Vec<u32> {
        let columns = [
            (&self.verdict, Column::Verdict, equals as Test),
            (&self.policy, Column::Policies, is_among),
            (&self.client, Column::Client, equals),
            (&self.target, Column::Target, equals),
        ];
        let mut texts = Vec::new();
        for (wanted, column, test) in columns {
            let Some(wanted) = wanted else { continue };
            let Some(entries) = entries(index, wanted, test) else {
                return Vec::new();
            };
            texts.push((index.texts(column), entries));
        }
        let mut models = None;
        if let Some(model) = &self.model {
            let Some(entries) = entries(index, model, is_model) else {
                return Vec::new();
            };
            let columns = (index.texts(Column::Model), index.texts(Column::ModelServed));
            models = Some((columns, entries));
        }
        let request = self.request.as_deref().map(request_code);
        let kinds = self.kind_table();
        let is_wanted = |row: usize| {
            kinds[usize::from(index.kinds()[row])]
                && self.is_in_time(index.times()[row])
                && request.is_none_or(|request| index.requests()[row] == request)
                && texts
                    .iter()
                    .all(|(column, entries)| entries[column[row] as usize])
                && models.as_ref().is_none_or(|((asked, served), entries)| {
                    entries[asked[row] as usize] || entries[served[row] as usize]
                })
        };
        (0..index.len())
            .filter(|row| is_wanted(*row))
            .filter_map(|row| u32::try_from(row).ok())
            .collect()
    }

    /// Whether a line is wanted.
    pub(super) fn matches(&self, line: &Line<'_>) -> serde_json::Result<bool> {
        if !self.kind_table()[usize::from(code(line.kind()))] {
            return Ok(false);
        }
        if self.wants_all() {
            return Ok(true);
        }
        let row: Row<'_> = line.read()?;
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| found.is_some_and(|found| equals(found, wanted)))
        };
        Ok(self.is_in_time(row.micros())
            && is(&self.verdict, row.verdict.as_str())
            && is(&self.client, row.client.as_str())
            && is(&self.target, row.target.as_str())
            && is(&self.request, row.request_id.as_str())
            && self
                .policy
                .as_deref()
                .is_none_or(|wanted| row.policies.names().any(|name| name == wanted))
            && self.model.as_deref().is_none_or(|wanted| {
                [&row.model, &row.model_served]
                    .into_iter()
                    .filter_map(|model| model.as_str())
                    .any(|model| is_model(model, wanted))
            }))
    }

    /// Whether nothing but the kind matters.
    fn wants_all(&self) -> bool {
        let texts = [
            &self.verdict,
            &self.policy,
            &self.model,
            &self.client,
            &self.target,
            &self.request,
        ];
        self.since.is_none() && self.until.is_none() && texts.iter().all(|text| text.is_none())
    }

    fn is_in_time(&self, time: u64) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }

    /// For each code whether it is wanted.
    fn kind_table(&self) -> [bool; 256] {
        let mut table = [false; 256];
        if self.kinds.is_empty() {
            for kind in [Kind::Accepted, Kind::Finished, Kind::Access] {
                table[usize::from(code(kind))] = true;
            }
        }
        for kind in &self.kinds {
            table[usize::from(*kind)] = true;
        }
        table
    }
}

/// Whether a value in the log is as wanted.
type Test = fn(&str, &str) -> bool;

fn equals(found: &str, wanted: &str) -> bool {
    found == wanted
}

/// Of names that each have a line feed behind them.
fn is_among(found: &str, wanted: &str) -> bool {
    found.split_terminator('\n').any(|name| name == wanted)
}

/// The whole name of a model, or what comes after its last slash.
fn is_model(found: &str, wanted: &str) -> bool {
    found
        .strip_suffix(wanted)
        .is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// For each entry of the dictionary whether it is as wanted. `None` if none is.
fn entries(index: &Index, wanted: &str, test: Test) -> Option<Vec<bool>> {
    let mut entries: Vec<bool> = index
        .dictionary()
        .iter()
        .map(|found| test(found, wanted))
        .collect();
    // What is absent is never wanted.
    if let Some(absent) = entries.get_mut(ABSENT as usize) {
        *absent = false;
    }
    entries.contains(&true).then_some(entries)
}
