//! The events of a response, numbered.

use crate::object::Object;

/// Events that are being written, one after the other.
#[derive(Default)]
pub(super) struct Events {
    text: String,
    next: u64,
}

impl Events {
    /// One event. Its members begin with its type and number.
    pub(super) fn write(&mut self, kind: &str, members: impl FnOnce(Object) -> Object) {
        let object = Object::of_type(kind).number("sequence_number", self.next);
        self.next += 1;
        let data = members(object).end();
        self.text.reserve(kind.len() + data.len() + 16);
        self.text.push_str("event: ");
        self.text.push_str(kind);
        // Nothing that is written here has a line end outside of a JSON string, and there it is escaped.
        self.text.push_str("\ndata: ");
        self.text.push_str(&data);
        self.text.push_str("\n\n");
    }

    /// What was written since the last time.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

/// Where a piece of text belongs.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) item_id: &'a str,
    pub(super) output_index: usize,
    /// The name and number of the part within the item.
    pub(super) part: Option<(&'static str, usize)>,
}

impl At<'_> {
    pub(super) fn write(self, object: Object) -> Object {
        let object = object
            .text("item_id", self.item_id)
            .number("output_index", self.output_index as u64);
        match self.part {
            Some((name, number)) => object.number(name, number as u64),
            None => object,
        }
    }
}
