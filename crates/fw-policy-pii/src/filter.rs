//! Redacts a text that comes in pieces.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use fw_policy::{Denial, Findings};
use fw_stream::{Edits, Scan, TextFilter, Window};

use crate::detector::Settings;
use crate::finder::{Finder, Hit, What, context};
use crate::pseudonym::Pseudonyms;

/// Redacts the text of one channel as it grows.
///
/// Text is held back only while it may still become something that is looked for: at most a word, or a group
/// of numbers. However the text is cut, the result is that of [`Detector::redact`](crate::Detector::redact).
///
/// ```
/// use fw_policy_pii::{Detector, PiiConfig};
/// use fw_stream::filter_text;
///
/// let detector = Detector::new(&PiiConfig::new().detect_pattern(r"EMP-\d{6}"))?;
/// let text = filter_text(&mut detector.filter(), "Badge EMP-004217.").unwrap();
/// assert_eq!(text, Some("Badge [REDACTED:CUSTOM].".to_owned()));
/// # Ok::<(), fw_policy_pii::ConfigError>(())
/// ```
pub struct PiiFilter {
    settings: Arc<Settings>,
    replace: Replace,
    findings: Option<Findings>,
    finder: Finder,
    /// Reused from call to call.
    hits: Vec<Hit>,
    /// Whether the finding before had a marker or a placeholder, and not its value back.
    hidden: bool,
}

/// What becomes of what is found.
#[derive(Clone, Debug)]
pub(crate) enum Replace {
    /// A marker takes its place.
    Marker,
    /// A placeholder takes its place, a new one if there is none.
    Assign(Pseudonyms),
    /// In a reply: values that the request held are hidden behind their placeholder, others behind a marker.
    Known(Pseudonyms),
    /// In a reply: values that the request held are shown, and placeholders give way to their value. Others
    /// are hidden behind a marker.
    Restore(Pseudonyms),
    /// Nothing.
    Nothing,
    /// The reply ends there.
    Stop,
}

impl PiiFilter {
    pub(crate) const fn new(settings: Arc<Settings>, replace: Replace) -> Self {
        Self {
            settings,
            replace,
            findings: None,
            finder: Finder::new(),
            hits: Vec::new(),
            hidden: true,
        }
    }

    /// Counts what it finds.
    pub(crate) fn counting(mut self, findings: Option<Findings>) -> Self {
        self.findings = findings;
        self
    }

    /// Finds what is in the window and writes what takes its place. Gives the position before which the text
    /// is settled, or the name of what must not pass.
    pub(crate) fn settle(&mut self, window: &Window<'_>, edits: &mut Edits) -> Found {
        let restore = match &self.replace {
            Replace::Restore(pseudonyms) if !pseudonyms.is_empty() => Some(pseudonyms),
            _ => None,
        };
        let mut hits = std::mem::take(&mut self.hits);
        let settled = self.finder.scan(&self.settings, restore, window, &mut hits);
        let mut found = Found {
            settled,
            count: 0,
            stopped: None,
        };
        for hit in hits.drain(..) {
            if !matches!(hit.what, What::Placeholder(_)) {
                found.count += usize::from(!hit.continued);
                self.report(&hit);
                if matches!(self.replace, Replace::Stop) && found.stopped.is_none() {
                    found.stopped = Some(self.settings.label(hit.what).name.to_owned());
                }
            }
            self.write(&hit, window.text(), edits);
        }
        self.hits = hits;
        found
    }

    /// Writes what takes the place of a finding in `text`.
    pub(crate) fn write(&mut self, hit: &Hit, text: &str, edits: &mut Edits) {
        let value = text.get(hit.range.clone()).unwrap_or_default();
        if let Some(with) = self.replacement(hit, value)
            && with != value
        {
            edits.replace(hit.range.clone(), with);
        }
    }

    /// What takes the place of a finding. `None` if it stays.
    fn replacement(&mut self, hit: &Hit, value: &str) -> Option<Cow<'static, str>> {
        let markers = &self.settings.markers;
        if hit.continued {
            return match self.replace {
                Replace::Nothing | Replace::Stop => None,
                _ if !self.hidden => None,
                Replace::Marker => Some(markers.rest(value)),
                _ => Some(Cow::Borrowed("")),
            };
        }
        self.hidden = true;
        let label = self.settings.label(hit.what);
        // Keys in PEM form come in pieces.
        let whole = !hit.scheme.starts_with("pem");
        match &self.replace {
            Replace::Nothing | Replace::Stop => return None,
            Replace::Marker => {}
            Replace::Assign(pseudonyms) => {
                if whole && let Some(placeholder) = pseudonyms.assign(label, value) {
                    return Some(Cow::Owned(placeholder));
                }
            }
            Replace::Known(pseudonyms) => {
                if whole && let Some(placeholder) = pseudonyms.known(label, value) {
                    return Some(Cow::Owned(placeholder));
                }
            }
            Replace::Restore(pseudonyms) => {
                if let What::Placeholder(slot) = hit.what {
                    return pseudonyms.value(slot).map(Cow::Owned);
                }
                if whole && pseudonyms.known(label, value).is_some() {
                    self.hidden = false;
                    return None;
                }
            }
        }
        Some(markers.marker(label, value))
    }

    fn report(&self, hit: &Hit) {
        if let Some(findings) = &self.findings
            && !hit.continued
        {
            let name = match hit.what {
                What::Entity(entity) => Cow::Borrowed(entity.name()),
                other => Cow::Owned(self.settings.label(other).name.to_owned()),
            };
            findings.add(name, 1);
        }
    }
}

/// What a filter came to in one window.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) settled: usize,
    /// How many findings there were.
    pub(crate) count: usize,
    /// What the first thing was because of which the text must not go on.
    pub(crate) stopped: Option<String>,
}

/// Why a request or a reply must not pass: it names types, never a value.
pub(crate) fn denial(subject: &str, names: &[impl AsRef<str>]) -> Denial {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    Denial::new(format!(
        "The {subject} holds personal data or secrets that must not pass: {}.",
        names.join(", ")
    ))
}

impl TextFilter for PiiFilter {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let found = self.settle(window, edits);
        match found.stopped {
            Some(name) => denial("reply", &[name]).into_stop(),
            None => Scan::Settled(found.settled),
        }
    }

    fn context(&self) -> usize {
        context()
    }
}

impl fmt::Debug for PiiFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PiiFilter").finish_non_exhaustive()
    }
}
