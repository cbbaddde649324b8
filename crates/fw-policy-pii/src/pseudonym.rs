//! Numbered placeholders, and the values that they stand for.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use crate::keyed::{Digest, Keyed};
use crate::marker::Label;
use crate::normal::normal;

/// The placeholders of one exchange, such as `[EMAIL_1]`, and the values that they stand for.
///
/// Numbers are given by type, in the order in which values appear, so a conversation that is sent again with
/// one more turn gets the same numbers again. Spellings of one value (the case of an e-mail address, the
/// separators of a number) share a number. At most [`MAX_VALUES`](Self::MAX_VALUES) values are kept.
///
/// Cheap to clone; all clones are one table. `Debug` shows only how many values there are, and they are wiped
/// from memory with the last clone.
#[derive(Clone)]
pub struct Pseudonyms {
    table: Arc<Mutex<Table>>,
}

struct Table {
    key: Keyed,
    numbers: HashMap<Digest, Slot>,
    labels: Vec<Values>,
}

/// The values of one type, in the order of their numbers, as they were first written.
struct Values {
    name: Box<str>,
    values: Vec<Zeroizing<String>>,
}

/// Which placeholder it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    label: usize,
    index: usize,
}

/// What a text that begins with a bracket may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A placeholder of this many bytes.
    Whole(usize, Slot),
    /// The text ends within what may be one.
    Partial,
    /// None.
    No,
}

/// Longest value that gets a placeholder. What is longer comes in pieces on a stream.
const MAX_VALUE: usize = 1024;

impl Pseudonyms {
    /// How many values are kept. Those beyond get a marker.
    pub const MAX_VALUES: usize = 10_000;

    pub(crate) fn new(key: Keyed) -> Self {
        let table = Table {
            key,
            numbers: HashMap::new(),
            labels: Vec::new(),
        };
        Self {
            table: Arc::new(Mutex::new(table)),
        }
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().numbers.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The placeholder for a value, a new one if it has none. `None` if the table is full.
    pub(crate) fn assign(&self, label: Label<'_>, value: &str) -> Option<String> {
        if value.len() > MAX_VALUE {
            return None;
        }
        let normal = normal(label.entity, value);
        let mut table = self.lock();
        let digest = table.key.digest(label.name, &normal);
        let slot = match table.numbers.get(&digest) {
            Some(slot) => *slot,
            None => {
                if table.numbers.len() >= Self::MAX_VALUES {
                    return None;
                }
                let slot = table.add(label.name, value);
                table.numbers.insert(digest, slot);
                slot
            }
        };
        Some(placeholder(label.name, slot))
    }

    /// The placeholder of a value that has one.
    pub(crate) fn known(&self, label: Label<'_>, value: &str) -> Option<String> {
        if value.len() > MAX_VALUE {
            return None;
        }
        let normal = normal(label.entity, value);
        let table = self.lock();
        let digest = table.key.digest(label.name, &normal);
        let slot = *table.numbers.get(&digest)?;
        Some(placeholder(label.name, slot))
    }

    /// What a placeholder stands for.
    pub(crate) fn value(&self, slot: Slot) -> Option<String> {
        let table = self.lock();
        let values = &table.labels.get(slot.label)?.values;
        values.get(slot.index).map(|value| value.to_string())
    }

    /// Reads the placeholder that `text`, which begins with a bracket, begins with. Models change the case.
    pub(crate) fn read(&self, text: &str, is_end: bool) -> Reading {
        let Some(inner) = text.strip_prefix('[') else {
            return Reading::No;
        };
        let table = self.lock();
        let mut reading = Reading::No;
        for (label, values) in table.labels.iter().enumerate() {
            match values.read(inner) {
                (Reading::Partial, _) if !is_end => reading = Reading::Partial,
                (Reading::Whole(length, _), index) => {
                    return Reading::Whole(length + 1, Slot { label, index });
                }
                _ => {}
            }
        }
        reading
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn add(&mut self, name: &str, value: &str) -> Slot {
        let known = self.labels.iter().position(|label| *label.name == *name);
        let label = known.unwrap_or_else(|| {
            self.labels.push(Values {
                name: name.into(),
                values: Vec::new(),
            });
            self.labels.len() - 1
        });
        let mut index = 0;
        if let Some(values) = self.labels.get_mut(label) {
            index = values.values.len();
            values.values.push(Zeroizing::new(value.to_owned()));
        }
        Slot { label, index }
    }
}

impl Values {
    /// Reads `NAME_12]` at the start of `text`.
    fn read(&self, text: &str) -> (Reading, usize) {
        const NO: (Reading, usize) = (Reading::No, 0);
        const PARTIAL: (Reading, usize) = (Reading::Partial, 0);
        let name = self.name.as_bytes();
        let bytes = text.as_bytes();
        let same = name.len().min(bytes.len());
        if !name[..same].eq_ignore_ascii_case(&bytes[..same]) {
            return NO;
        }
        let mut rest = bytes[same..].iter();
        match rest.next() {
            None => return PARTIAL,
            Some(b'_') => {}
            Some(_) => return NO,
        }
        let mut number = 0;
        for (digits, byte) in rest.enumerate() {
            match byte {
                b'0'..=b'9' if (digits, *byte) != (0, b'0') => {
                    number = number * 10 + usize::from(byte - b'0');
                    if number > self.values.len() {
                        return NO;
                    }
                }
                b']' if number > 0 => {
                    let slot = Slot { label: 0, index: 0 };
                    return (Reading::Whole(same + digits + 2, slot), number - 1);
                }
                _ => return NO,
            }
        }
        PARTIAL
    }
}

fn placeholder(name: &str, slot: Slot) -> String {
    format!("[{name}_{}]", slot.index + 1)
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonyms")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Entity;

    fn label(entity: Entity) -> Label<'static> {
        Label {
            name: entity.name(),
            entity: Some(entity),
        }
    }

    fn pseudonyms() -> Pseudonyms {
        Pseudonyms::new(Keyed::new(b"key"))
    }

    #[test]
    fn numbers_are_given_by_type_in_order() {
        let pseudonyms = pseudonyms();
        let assign = |entity, value| pseudonyms.assign(label(entity), value).unwrap();
        assert_eq!(assign(Entity::Email, "ann@example.org"), "[EMAIL_1]");
        assert_eq!(assign(Entity::Phone, "+49 30 1234567"), "[PHONE_1]");
        assert_eq!(assign(Entity::Email, "bob@example.org"), "[EMAIL_2]");
        assert_eq!(assign(Entity::Email, "ANN@example.org"), "[EMAIL_1]");
        assert_eq!(pseudonyms.len(), 3);
    }

    #[test]
    fn a_placeholder_stands_for_the_value_as_it_was_first_written() {
        let pseudonyms = pseudonyms();
        pseudonyms.assign(label(Entity::Email), "Ann@example.org");
        pseudonyms.assign(label(Entity::Email), "ann@example.org");
        let Reading::Whole(9, slot) = pseudonyms.read("[EMAIL_1] and", false) else {
            panic!("not read");
        };
        assert_eq!(pseudonyms.value(slot).unwrap(), "Ann@example.org");
        assert!(matches!(
            pseudonyms.read("[Email_1]", false),
            Reading::Whole(9, _)
        ));
    }

    #[test]
    fn only_what_can_become_a_known_placeholder_is_waited_for() {
        let pseudonyms = pseudonyms();
        pseudonyms.assign(label(Entity::Email), "ann@example.org");
        for partial in ["[", "[E", "[EMAIL", "[EMAIL_", "[EMAIL_1"] {
            assert_eq!(pseudonyms.read(partial, false), Reading::Partial);
            assert_eq!(pseudonyms.read(partial, true), Reading::No);
        }
        for other in [
            "[P",
            "[EMAILS",
            "[EMAIL_2",
            "[EMAIL_0",
            "[EMAIL_12",
            "[EMAIL_1 ",
            "[EMAIL_]",
        ] {
            assert_eq!(pseudonyms.read(other, false), Reading::No, "{other}");
        }
    }

    #[test]
    fn the_table_is_bounded() {
        let pseudonyms = pseudonyms();
        for number in 0..Pseudonyms::MAX_VALUES {
            let value = format!("{number}@example.org");
            assert!(pseudonyms.assign(label(Entity::Email), &value).is_some());
        }
        assert_eq!(
            pseudonyms.assign(label(Entity::Email), "ann@example.org"),
            None
        );
        assert!(
            pseudonyms
                .assign(label(Entity::Email), "7@example.org")
                .is_some()
        );
        let long = "a".repeat(MAX_VALUE + 1);
        assert_eq!(
            super::tests::pseudonyms().assign(label(Entity::Secret), &long),
            None
        );
    }

    #[test]
    fn debug_shows_no_value() {
        let pseudonyms = pseudonyms();
        pseudonyms.assign(label(Entity::Email), "ann@example.org");
        assert_eq!(format!("{pseudonyms:?}"), "Pseudonyms { len: 1, .. }");
    }
}
