//! Stops a text that comes in pieces before what is unsafe in it.

use std::fmt;
use std::sync::Arc;

use fw_classify::Channel;
use fw_policy::Findings;
use fw_stream::{Edits, Scan, TextFilter, Window};

use crate::blocks;
use crate::category::Category;
use crate::detector::Settings;
use crate::messages::{Found, INCOMPLETE};
use crate::runs;
use crate::scan::SafetyVerdict;
use crate::terms::{Edges, TermSet};

/// What is shown of the text before a block when the block is judged, in bytes.
const CONTEXT: usize = 600;

/// What is usual in a reply.
const CHANNEL: Channel = Channel::Document;

/// Judges the text of one channel as it grows.
///
/// The text is judged in blocks: at the end of a sentence or of a line after at least 64 bytes, and at the latest
/// after 480. Each block is scored together with the 600 bytes before it, and leaves when nothing was found; so text
/// waits for the end of its sentence. A term that goes over the end of a block is waited for. Where blocks end
/// depends on the text alone, so the result is the same however it is cut.
///
/// If nothing is ever stopped, because each action is `flag`, no text waits.
///
/// ```
/// use fw_policy_safety::{Detector, SafetyConfig};
/// use fw_stream::filter_text;
///
/// let detector = Detector::new(&SafetyConfig::new().block_if(["project nightfall"]))?;
/// let stopped = filter_text(&mut detector.filter(), "All about Project\nNightfall!");
/// assert_eq!(
///     stopped.unwrap_err().message(),
///     "The reply was refused because of unsafe content: a term that is not allowed here.",
/// );
/// # Ok::<(), fw_policy_safety::ConfigError>(())
/// ```
pub struct SafetyFilter {
    settings: Arc<Settings>,
    findings: Option<Findings>,
    /// What was reported already, one bit for each kind.
    reported: u32,
    /// How much of the text is settled.
    settled: u64,
    /// Where the block begins that was not judged yet.
    block: u64,
    /// A term may be read at the end of what was judged.
    is_open: bool,
}

impl SafetyFilter {
    pub(crate) const fn new(settings: Arc<Settings>, findings: Option<Findings>) -> Self {
        Self {
            settings,
            findings,
            reported: 0,
            settled: 0,
            block: 0,
            is_open: false,
        }
    }

    /// How much text before a block is shown.
    fn before(&self) -> usize {
        self.settings.longest_term().max(CONTEXT)
    }

    /// Judges what is complete in the window. Gives the place up to which the text may leave, or what was found
    /// that must not pass.
    pub(crate) fn judge(&mut self, window: &Window<'_>) -> Result<usize, Found> {
        let text = window.text();
        // Where the window's text begins in the whole one.
        let base = self.settled.saturating_sub(window.start() as u64);
        let mut block = place(self.block.saturating_sub(base));
        let mut settled = window.start();
        loop {
            let rest = text.get(block..).unwrap_or_default();
            let (end, goes_on) = match blocks::first_end(rest) {
                Some(length) => (block + length, true),
                None if window.is_end() && (!rest.is_empty() || self.is_open) => {
                    (text.len(), false)
                }
                None => break,
            };
            let start = text.ceil_char_boundary(block.saturating_sub(self.before()));
            let edges = Edges {
                starts_within: base + start as u64 > 0,
                goes_on,
            };
            let shown = text.get(start..end).unwrap_or_default();
            let judged = self
                .settings
                .judge(shown, CHANNEL, edges, self.settings.reply_threshold);
            let found = self.settings.found(&judged.scan);
            self.report(&judged.scan);
            if found.verdict > SafetyVerdict::Flag {
                return Err(found);
            }
            self.is_open = judged.open.is_some();
            let open = judged.open.map_or(end, |open| start + open);
            // Nor does what may be a part of something that is spaced out or encoded.
            let run = if goes_on {
                start + runs::open_run(shown)
            } else {
                end
            };
            let open = open.min(run);
            settled = settled.max(open.min(end));
            block = end;
            if !goes_on {
                break;
            }
        }
        if window.is_end() || self.settings.only_flags() {
            settled = text.len();
        }
        self.block = base + block as u64;
        self.settled = base + settled as u64;
        Ok(settled)
    }

    /// Counts each kind once.
    fn report(&mut self, scan: &crate::Scan) {
        for found in scan.categories.iter().filter(|it| it.is_found()) {
            let category = found.category;
            self.count(category.index(), category.name());
        }
        for term in &scan.terms {
            let place = Category::ALL.len() + term.set.index();
            self.count(place, TermSet::finding(term.set));
        }
        if !scan.is_complete {
            self.count(u32::BITS as usize - 1, INCOMPLETE);
        }
    }

    fn count(&mut self, place: usize, name: &'static str) {
        let bit = 1 << place;
        if self.reported & bit == 0 {
            self.reported |= bit;
            if let Some(findings) = &self.findings {
                findings.add(name, 1);
            }
        }
    }

    /// Whether anything was found so far.
    pub(crate) const fn has_found(&self) -> bool {
        self.reported != 0
    }
}

/// A place in a window, which is as small as what is in memory.
fn place(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

impl TextFilter for SafetyFilter {
    fn scan(&mut self, window: &Window<'_>, _edits: &mut Edits) -> Scan {
        match self.judge(window) {
            Ok(settled) => Scan::Settled(settled),
            Err(found) => {
                let denial = self.settings.messages.denial("reply", &found);
                match found.verdict {
                    SafetyVerdict::Escalate => denial.into_escalation(),
                    _ => denial.into_stop(),
                }
            }
        }
    }

    fn context(&self) -> usize {
        // A character more, because a window may begin within one. If nothing waits, the block that was not
        // judged yet has to be seen again as well.
        let block = if self.settings.only_flags() {
            blocks::MOST + 4
        } else {
            0
        };
        self.before() + block + 4
    }
}

impl fmt::Debug for SafetyFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SafetyFilter").finish_non_exhaustive()
    }
}
