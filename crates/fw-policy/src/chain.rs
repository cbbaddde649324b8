//! Policies in order.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use fw_wire::ApiError;

use crate::decisions::{Decision, Outcome, Phase};
use crate::denial::Code;
use crate::{Exchange, Findings, Policy, Texts, Verdict};

/// Policies in order. Cheap to clone.
///
/// The order is meaning: each policy sees what the one before it left, in requests and in replies alike.
/// The first that blocks ends the chain, and the rest are recorded as skipped.
///
/// [`PolicyLayer`](crate::PolicyLayer) runs a chain over HTTP; on its own it is for texts that come some
/// other way.
///
/// ```
/// # use fw_policy::{Policy, Texts, Exchange, Verdict, Denial};
/// # use fw_stream::{Channel, TextFilter};
/// # struct NoSecrets;
/// # impl Policy for NoSecrets {
/// #     fn kind(&self) -> &str { "no-secrets" }
/// #     fn request(&self, texts: &mut Texts, _: &mut Exchange) -> Verdict {
/// #         if texts.iter().any(|text| text.as_str().contains("secret")) {
/// #             return Verdict::Block(Denial::new("No secrets, please."));
/// #         }
/// #         Verdict::Allow
/// #     }
/// #     fn response(&self, _: &mut Texts, _: &mut Exchange) -> Verdict { Verdict::Allow }
/// #     fn filter(&self, _: &Channel, _: &Exchange) -> Option<Box<dyn TextFilter>> { None }
/// # }
/// use fw_policy::{Chain, IntoChain};
/// use fw_wire::{Direction, Endpoint};
///
/// let chain: Chain = (NoSecrets, NoSecrets).into_chain();
/// let endpoint = Endpoint::Completions;
/// let mut texts = Texts::parse(endpoint, Direction::Request, r#"{"prompt":"a secret"}"#)?;
/// let mut exchange = Exchange::new(endpoint);
/// let denied = chain.request(&mut texts, &mut exchange).unwrap_err();
/// assert_eq!(denied.error_code(), Some("input_blocked"));
/// let decisions = exchange.decisions().to_vec();
/// assert_eq!(decisions[0].to_string(), "no-secrets=block");
/// assert_eq!(decisions[1].to_string(), "no-secrets=skipped");
/// # Ok::<(), fw_wire::DocumentError>(())
/// ```
#[derive(Clone, Default)]
pub struct Chain {
    links: Arc<Vec<Link>>,
}

#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) kind: Arc<str>,
    pub(crate) policy: Arc<dyn Policy>,
}

// === impl Chain ===

impl Chain {
    /// A chain without policies: everything passes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds policies at the end.
    pub fn push(&mut self, policies: impl IntoChain) {
        let added = policies.into_chain();
        if self.is_empty() {
            *self = added;
        } else {
            Arc::make_mut(&mut self.links).extend(added.links.iter().cloned());
        }
    }

    /// How many policies there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.links.len()
    }

    /// Whether there is no policy.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// The kinds of the policies in order.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.links.iter().map(|link| &*link.kind)
    }

    /// Whether any policy looks at replies.
    #[must_use]
    pub fn has_response(&self) -> bool {
        self.links.iter().any(|link| link.policy.has_response())
    }

    /// Runs the chain over a request.
    ///
    /// # Errors
    ///
    /// What the client has to be told if a policy blocks or escalates. The status is 400.
    pub fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Result<(), Box<ApiError>> {
        self.run(Phase::Request, texts, exchange)
    }

    /// Runs the policies that look at replies over a whole reply, in the same order.
    ///
    /// # Errors
    ///
    /// What the client has to be told if a policy blocks or escalates. The status is 400.
    pub fn response(
        &self,
        texts: &mut Texts,
        exchange: &mut Exchange,
    ) -> Result<(), Box<ApiError>> {
        self.run(Phase::Response, texts, exchange)
    }

    pub(crate) fn responding(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|link| link.policy.has_response())
    }

    fn run(
        &self,
        phase: Phase,
        texts: &mut Texts,
        exchange: &mut Exchange,
    ) -> Result<(), Box<ApiError>> {
        let mut denied = None;
        let asked = |link: &&Link| phase == Phase::Request || link.policy.has_response();
        for link in self.links.iter().filter(asked) {
            let decision = |outcome| Decision::new(Arc::clone(&link.kind), phase, outcome);
            if denied.is_some() {
                exchange.decisions().add(decision(Outcome::Skipped));
                continue;
            }
            let findings = Findings::default();
            exchange.report_to(findings.clone());
            let before = texts.changes();
            let start = Instant::now();
            let verdict = match phase {
                Phase::Request => link.policy.request(texts, exchange),
                Phase::Response => link.policy.response(texts, exchange),
            };
            let outcome = Outcome::of(&verdict, texts.changes() != before);
            let decision = decision(outcome).found(findings).took(start.elapsed());
            exchange.decisions().add(decision);
            let code = match phase {
                Phase::Request => Code::Input,
                Phase::Response => Code::Output,
            };
            denied = match verdict {
                Verdict::Block(denial) => Some(denial.to_error(code, &link.kind)),
                Verdict::Escalate(denial) => Some(denial.to_error(Code::Escalation, &link.kind)),
                Verdict::Allow | Verdict::Redact | Verdict::Flag => None,
            };
        }
        // What comes from now on is nobody's.
        exchange.report_to(Findings::default());
        denied.map_or(Ok(()), |error| Err(Box::new(error)))
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kinds()).finish()
    }
}

/// What a [`Chain`] can be made of: one policy, tuples of up to eight, vectors, options of them, and any
/// nesting of these. `Box<dyn Policy>` and `Arc<dyn Policy>` are policies.
pub trait IntoChain {
    /// The policies in order.
    fn into_chain(self) -> Chain;
}

impl IntoChain for Chain {
    fn into_chain(self) -> Chain {
        self
    }
}

impl<P: Policy> IntoChain for P {
    fn into_chain(self) -> Chain {
        let link = Link {
            kind: self.kind().into(),
            policy: Arc::new(self),
        };
        Chain {
            links: Arc::new(vec![link]),
        }
    }
}

impl<P: IntoChain> IntoChain for Option<P> {
    fn into_chain(self) -> Chain {
        self.map_or_else(Chain::new, IntoChain::into_chain)
    }
}

impl<P: IntoChain> IntoChain for Vec<P> {
    fn into_chain(self) -> Chain {
        let mut chain = Chain::new();
        for policies in self {
            chain.push(policies);
        }
        chain
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<$($name: IntoChain),*> IntoChain for ($($name,)*) {
            #[allow(non_snake_case, unused_mut)]
            fn into_chain(self) -> Chain {
                let ($($name,)*) = self;
                let mut chain = Chain::new();
                $(chain.push($name);)*
                chain
            }
        }
    };
}

tuples!();
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
