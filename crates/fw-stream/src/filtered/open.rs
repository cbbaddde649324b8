//! Channels whose text goes on, each with its filter.

use std::ops::Range;

use fw_wire::ApiError;

use crate::channels::Key;
use crate::filter::{Edits, Scan, TextFilter, Window};
use crate::json_text::JsonText;
use crate::nesting::Nesting;

/// A channel whose text goes on.
pub(super) struct Open<F> {
    pub(super) id: u32,
    pub(super) key: Key,
    /// Its last piece came with the finish reason, and waits for the next event to tell whether it is the
    /// last.
    pub(super) is_finishing: bool,
    filter: Option<Lens<F>>,
    /// Some settled text, for context, and all that is not settled.
    text: String,
    /// Where in `text` the part begins that is not settled, and the part that was not shown.
    start: usize,
    fresh: usize,
    /// How much of the channel's text went before `text`.
    dropped: u64,
}

/// A filter and how it sees the text.
pub(super) enum Lens<F> {
    Plain(F),
    Json(Box<Json<F>>),
}

/// A filter of JSON, and how far the JSON has come.
pub(super) struct Json<F> {
    filter: JsonText<F>,
    nesting: Nesting,
}

impl<F> Json<F> {
    /// Follows the text, as far as it takes to know where a value is complete.
    fn follow(&mut self, text: &str) {
        for byte in text.bytes() {
            self.nesting.step(byte);
        }
    }
}

impl<F: TextFilter> Lens<F> {
    pub(super) fn new(filter: F, json: bool) -> Self {
        if json {
            Self::Json(Box::new(Json {
                filter: JsonText::new(filter),
                nesting: Nesting::default(),
            }))
        } else {
            Self::Plain(filter)
        }
    }
}

impl<F: TextFilter> TextFilter for Lens<F> {
    #[inline]
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        match self {
            Self::Plain(filter) => filter.scan(window, edits),
            Self::Json(json) => json.filter.scan(window, edits),
        }
    }

    #[inline]
    fn context(&self) -> usize {
        match self {
            Self::Plain(filter) => filter.context(),
            Self::Json(json) => json.filter.context(),
        }
    }
}

impl<F: TextFilter> Open<F> {
    pub(super) fn new(id: u32, key: Key, filter: Option<F>) -> Self {
        Self {
            id,
            key,
            is_finishing: false,
            filter: filter.map(|filter| Lens::new(filter, key.channel.is_json())),
            text: String::new(),
            start: 0,
            fresh: 0,
            dropped: 0,
        }
    }

    /// Adds text and says where in the channel's text it is.
    #[inline]
    pub(super) fn append(&mut self, text: &str) -> Range<u64> {
        let start = self.len();
        match &mut self.filter {
            None => self.dropped += text.len() as u64,
            Some(lens) => {
                self.text.push_str(text);
                if let Lens::Json(json) = lens {
                    json.follow(text);
                }
            }
        }
        start..self.len()
    }

    /// Whether the channel may be over. JSON within a value goes on, even if another call comes between.
    pub(super) fn may_end(&self) -> bool {
        match &self.filter {
            Some(Lens::Json(json)) => json.nesting.is_outside(),
            _ => true,
        }
    }

    /// Whether anything looks at the text.
    pub(super) const fn is_filtered(&self) -> bool {
        self.filter.is_some()
    }

    /// How much text the channel has had.
    pub(super) fn len(&self) -> u64 {
        self.dropped + self.text.len() as u64
    }

    /// Up to where the channel's text is settled.
    pub(super) fn settled(&self) -> u64 {
        self.dropped + self.start as u64
    }

    /// Shows the filter what is not settled. Returns up to where it is settled now. The edits are given to
    /// `edit`, in places of the channel's text.
    #[inline]
    pub(super) fn scan(
        &mut self,
        end: bool,
        edits: &mut Edits,
        mut edit: impl FnMut(Range<u64>, &str),
    ) -> Result<u64, Box<ApiError>> {
        let Some(filter) = &mut self.filter else {
            return Ok(self.dropped);
        };
        edits.clear();
        let window = Window::new(&self.text, self.start, self.fresh, end);
        let mut settled = match filter.scan(&window, edits) {
            Scan::Stop(error) => return Err(error),
            Scan::Settled(_) if end => self.text.len(),
            Scan::Settled(at) => self.text.floor_char_boundary(at).max(self.start),
        };
        for found in &*edits {
            let start = self.text.floor_char_boundary(found.range.start);
            let start = start.max(self.start);
            if start > settled || (start == settled && !found.range.is_empty()) {
                // Not settled, so the filter will say it again.
                break;
            }
            let stop = self.text.ceil_char_boundary(found.range.end).max(start);
            settled = settled.max(stop);
            edit(
                self.dropped + start as u64..self.dropped + stop as u64,
                &found.with,
            );
        }
        let context = self
            .text
            .floor_char_boundary(settled.saturating_sub(filter.context()));
        if context == self.text.len() {
            self.text.clear();
        } else if context > 0 {
            self.text.drain(..context);
        }
        self.dropped += context as u64;
        self.start = settled - context;
        self.fresh = self.text.len();
        Ok(self.settled())
    }
}
