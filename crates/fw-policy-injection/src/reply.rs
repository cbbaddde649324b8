//! What replies are looked at for, whole and streamed.

use std::fmt;
use std::sync::Arc;

use fw_policy::{Denial, Findings, Text, Texts};
use fw_stream::{Edits, Scan, TextFilter, Window, chain_filters};
use fw_wire::{Role, TextKind};

use crate::channel::Channel;
use crate::config::{Action, InjectionConfig, LeakConfig, LinkAction, LinkConfig, LogLevel};
use crate::leak::{LeakScanner, Secrets};
use crate::links::{LinkScanner, Trusted};
use crate::log;
use crate::scan::ReasonKind;
use crate::words;

/// What replies are looked at for.
#[derive(Clone, Debug)]
pub(crate) struct Replies {
    leaks: LeakConfig,
    links: LinkConfig,
    action: Action,
    message: Option<Arc<str>>,
    level: LogLevel,
}

/// What is remembered of a request for its reply.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    secrets: Option<Arc<Secrets>>,
    trusted: Option<Arc<Trusted>>,
}

impl Replies {
    pub(crate) fn new(config: &InjectionConfig) -> Self {
        Self {
            leaks: config.leak_detection,
            links: config.exfiltration_links.clone(),
            action: config.chosen_action(),
            message: config.response.message.as_deref().map(Arc::from),
            level: config.response.log_level,
        }
    }

    /// Whether they are looked at at all.
    pub(crate) const fn is_any(&self) -> bool {
        self.leaks.enabled || self.links.enabled
    }

    /// What is to be remembered of a request.
    pub(crate) fn remember(&self, texts: &Texts) -> Memory {
        let of = |wanted: Channel| {
            let texts = texts.iter();
            texts.filter(move |text| Channel::of(text.role(), text.kind()) == Some(wanted))
        };
        let secrets = self.leaks.enabled.then(|| {
            let system = of(Channel::System).filter(|text| text.kind() != TextKind::Description);
            let said = of(Channel::User).map(Text::as_str);
            Secrets::new(system.map(Text::as_str), said, self.leaks.min_words)
        });
        let trusted = self.links.enabled.then(|| {
            let mut trusted = Trusted::new(&self.links);
            for text in texts.iter() {
                let channel = Channel::of(text.role(), text.kind());
                let is_own = matches!(channel, Some(Channel::User | Channel::System));
                // What the model said itself proves nothing.
                if channel.is_some() {
                    trusted.learn(text.as_str(), is_own);
                }
            }
            trusted
        });
        Memory {
            secrets: secrets.flatten().map(Arc::new),
            trusted: trusted.map(Arc::new),
        }
    }

    /// What looks at a text of a reply. `None` if nothing has to.
    pub(crate) fn filter(
        &self,
        kind: TextKind,
        role: Option<Role>,
        memory: Option<&Memory>,
        findings: &Findings,
    ) -> Option<Box<dyn TextFilter>> {
        // A reply may repeat what it was asked.
        if !matches!(role, None | Some(Role::Assistant)) {
            return None;
        }
        let is_prose = matches!(
            kind,
            TextKind::Content | TextKind::Refusal | TextKind::Reasoning
        );
        let mut filters: Vec<Box<dyn TextFilter>> = Vec::new();
        if (is_prose || kind == TextKind::ToolArguments)
            && let Some(secrets) = memory.and_then(|memory| memory.secrets.clone())
        {
            filters.push(Box::new(LeakFilter {
                scanner: LeakScanner::new(secrets),
                replies: self.clone(),
                findings: findings.clone(),
                settled: 0,
            }));
        }
        if is_prose && self.links.enabled {
            let trusted = memory.and_then(|memory| memory.trusted.clone());
            let trusted = trusted.unwrap_or_else(|| Arc::new(Trusted::new(&self.links)));
            filters.push(Box::new(LinkFilter {
                scanner: LinkScanner::new(trusted),
                replies: self.clone(),
                findings: findings.clone(),
            }));
        }
        chain_filters(filters)
    }

    fn report(&self, findings: &Findings, kind: ReasonKind, count: u32, action: &'static str) {
        findings.add(kind.as_str(), count);
        log::reply(self.level, kind, action);
    }

    fn denial(&self, kind: ReasonKind) -> Denial {
        match &self.message {
            Some(message) => Denial::new(message.to_string()),
            None => words::denial_of_reply(kind),
        }
    }
}

/// Ends a reply that repeats system text.
struct LeakFilter {
    scanner: LeakScanner,
    replies: Replies,
    findings: Findings,
    /// Bytes settled.
    settled: usize,
}

impl TextFilter for LeakFilter {
    fn scan(&mut self, window: &Window<'_>, _: &mut Edits) -> Scan {
        let fresh = window.text().get(window.fresh()..).unwrap_or_default();
        let look = self.scanner.read(fresh, window.is_end());
        let action = self.replies.action;
        if look.found > 0 {
            self.replies.report(
                &self.findings,
                ReasonKind::Leak,
                look.found,
                action.as_str(),
            );
            let denial = self.replies.denial(ReasonKind::Leak);
            match action {
                Action::Block => return denial.into_stop(),
                Action::Escalate => return denial.into_escalation(),
                Action::Flag => {}
            }
        }
        let safe = if action == Action::Flag {
            usize::MAX
        } else {
            // The first words of a run were out before it was one.
            look.safe.max(self.settled) - self.settled
        };
        let end = window.text().len();
        let position = window.start().saturating_add(safe).min(end);
        self.settled += position - window.start();
        Scan::Settled(position)
    }
}

/// Removes the addresses of images and links that carry data away, or ends the reply before them.
struct LinkFilter {
    scanner: LinkScanner,
    replies: Replies,
    findings: Findings,
}

impl TextFilter for LinkFilter {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let action = self.replies.links.action;
        let mut removed = Edits::new();
        let look = self.scanner.scan(window, &mut removed);
        if look.found > 0 {
            self.replies.report(
                &self.findings,
                ReasonKind::Link,
                look.found,
                action.as_str(),
            );
            if action == LinkAction::Block {
                return self.replies.denial(ReasonKind::Link).into_stop();
            }
        }
        if action == LinkAction::Redact {
            for edit in removed.drain() {
                edits.replace(edit.range, edit.with);
            }
        }
        Scan::Settled(look.settled)
    }
}

impl fmt::Debug for LeakFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeakFilter").finish_non_exhaustive()
    }
}

impl fmt::Debug for LinkFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkFilter").finish_non_exhaustive()
    }
}
