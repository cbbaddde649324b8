//! Lines to come: their members one after another in one buffer, which is used again and again.

use crate::format::Kind;

/// Lines that have a number, but no hash yet.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    items: Vec<Item>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    pub(crate) seq: u64,
    /// Where its members end. They start where those before end.
    end: usize,
}

impl Batch {
    pub(crate) fn push(&mut self, kind: Kind, seq: u64, members: &[u8]) {
        self.bytes.extend_from_slice(members);
        self.items.push(Item {
            kind,
            seq,
            end: self.bytes.len(),
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Bytes of all members.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn item(&self, at: usize) -> Option<(Item, &[u8])> {
        let item = *self.items.get(at)?;
        let start = at.checked_sub(1).map_or(0, |at| self.items[at].end);
        Some((item, &self.bytes[start..item.end]))
    }

    /// Takes all that `other` has, which is left empty.
    pub(crate) fn take(&mut self, other: &mut Self) {
        if self.is_empty() {
            std::mem::swap(self, other);
            return;
        }
        let before = self.bytes.len();
        self.bytes.append(&mut other.bytes);
        self.items.extend(other.items.drain(..).map(|item| Item {
            end: item.end + before,
            ..item
        }));
    }

    /// Forgets the first `count`.
    pub(crate) fn forget(&mut self, count: usize) {
        let Some(last) = count.checked_sub(1).and_then(|at| self.items.get(at)) else {
            return;
        };
        let end = last.end;
        self.bytes.drain(..end);
        self.items.drain(..count);
        for item in &mut self.items {
            item.end -= end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(batch: &Batch) -> Vec<(u64, String)> {
        (0..batch.len())
            .filter_map(|at| batch.item(at))
            .map(|(item, members)| (item.seq, String::from_utf8_lossy(members).into_owned()))
            .collect()
    }

    #[test]
    fn lines_keep_their_members() {
        let (mut one, mut two) = (Batch::default(), Batch::default());
        for (seq, members) in [(1, "a"), (2, ""), (3, "ccc")] {
            one.push(Kind::Finished, seq, members.as_bytes());
        }
        two.push(Kind::Seal, 4, b"dd");
        one.take(&mut two);
        assert!(two.is_empty());
        one.forget(2);
        assert_eq!(all(&one), [(3, "ccc".to_owned()), (4, "dd".to_owned())]);
        one.forget(0);
        one.forget(2);
        assert!(one.is_empty());
        one.push(Kind::Access, 5, b"e");
        assert_eq!(all(&one), [(5, "e".to_owned())]);
    }
}
