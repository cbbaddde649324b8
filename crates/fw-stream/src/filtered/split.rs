//! Large deltas, of which only the last word has to wait.

use fw_wire::Endpoint;

use super::{FilterText, Filters};
use crate::escape::Cursor;
use crate::event::Event;
use crate::rewrite::{Splice, splice};
use crate::transform::Output;

impl<M: Filters> FilterText<M> {
    /// Lets the settled part of a large delta leave, and keeps the rest in an event of its own.
    #[inline]
    pub(super) fn split(&mut self, event: &Event, data: &[u8], out: &mut Output<'_>) {
        let Some(piece) = self.queue.only_piece() else {
            return;
        };
        let (start, end, raw) = (piece.start, piece.end, piece.raw);
        let least = u64::from(self.split_from);
        if end - start < least
            || self.endpoint == Endpoint::Responses
            || event.has_bom()
            || !event.is_terminated()
        {
            return;
        }
        let Some(open) = self.channels.iter().find(|open| open.id == piece.channel) else {
            return;
        };
        let settled = open.settled().clamp(start, end);
        if settled - start < least {
            return;
        }
        let (from, to) = (raw.0 as usize, raw.1 as usize);
        let contents = data.get(from..to).unwrap_or_default();
        let cut = from
            + Cursor::default()
                .range(contents, 0..(settled - start) as usize)
                .end;
        let mut splices = self.queue.take_splices();
        splices.push(Splice {
            start: cut,
            end: to,
            with: String::new(),
        });
        // An event like this says its text only once.
        let first = event.with_data(&splice(data, splices));
        let rest = [
            data.get(..from).unwrap_or_default(),
            data.get(cut..).unwrap_or_default(),
        ]
        .concat();
        let rest = Event::assembled(event.with_data(&rest), 0, true);
        self.queue
            .replace_current(rest, settled, (raw.0, raw.1 - (cut - from) as u32));
        out.insert(first);
    }
}
