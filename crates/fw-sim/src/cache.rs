//! The prompt cache: the longest prefix of a prompt that the same replica has seen before.
//!
//! A cache entry belongs to an account, a model, an isolation key and a replica. Affinity keys choose
//! the replica, so a request without affinity may miss what another replica holds, and an isolation
//! key never shares with another (Fireworks API documentation, prompt caching).

use std::collections::{HashSet, VecDeque};

use crate::tokens;

/// Tokens in one cached block.
const BLOCK: u64 = 16;

/// Blocks kept; the oldest go first.
const MAX_BLOCKS: usize = 200_000;

/// Who may share a prefix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) account: &'a str,
    pub(crate) model: &'a str,
    pub(crate) isolation: Option<&'a str>,
    pub(crate) replica: u64,
}

/// The prefixes seen, as hashes of chains of blocks.
#[derive(Debug, Default)]
pub(crate) struct PromptCache {
    blocks: HashSet<u64>,
    order: VecDeque<u64>,
}

/// A prompt cut into blocks.
#[derive(Debug)]
pub(crate) struct Prompt {
    hash: u64,
    open: u64,
    tokens: u64,
    blocks: Vec<u64>,
    keeps: bool,
    kept: Kept,
}

/// The prompt itself, for requests that want it back.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) text: String,
    pub(crate) ids: Vec<u64>,
}

// === impl Prompt ===

impl Prompt {
    pub(crate) fn new(scope: Scope<'_>) -> Self {
        let mut hash = tokens::hash(scope.account.as_bytes());
        hash = tokens::hash_from(hash, b"\0");
        hash = tokens::hash_from(hash, scope.model.as_bytes());
        hash = tokens::hash_from(hash, b"\0");
        if let Some(key) = scope.isolation {
            hash = tokens::hash_from(hash, b"\x01");
            hash = tokens::hash_from(hash, key.as_bytes());
        }
        hash = tokens::hash_from(hash, &scope.replica.to_le_bytes());
        Self {
            hash,
            open: 0,
            tokens: 0,
            blocks: Vec::new(),
            keeps: false,
            kept: Kept::default(),
        }
    }

    /// Keeps the text and the ids of the tokens to come.
    pub(crate) fn keep(&mut self) {
        self.keeps = true;
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    pub(crate) fn text(&mut self, text: &str) {
        if self.keeps {
            self.kept.text.push_str(text);
        }
        for token in tokens::tokens(text) {
            self.token(token.as_bytes());
        }
    }

    /// One token, whatever its bytes.
    pub(crate) fn token(&mut self, token: &[u8]) {
        self.hash = tokens::hash_from(tokens::hash_from(self.hash, token), b"\0");
        if self.keeps {
            self.kept.ids.push(tokens::hash(token) % tokens::VOCABULARY);
        }
        self.tokens += 1;
        self.open += 1;
        if self.open == BLOCK {
            self.open = 0;
            self.blocks.push(self.hash);
        }
    }

    pub(crate) fn tokens(&self) -> u64 {
        self.tokens
    }
}

// === impl PromptCache ===

impl PromptCache {
    /// The tokens of the prompt that were there, in whole blocks; then all of it is.
    pub(crate) fn read_and_fill(&mut self, prompt: &Prompt) -> u64 {
        let mut cached = 0;
        let mut hit = true;
        for block in &prompt.blocks {
            hit &= self.blocks.contains(block);
            if hit {
                cached += BLOCK;
            } else if self.blocks.insert(*block) {
                self.order.push_back(*block);
            }
        }
        while self.order.len() > MAX_BLOCKS {
            let Some(old) = self.order.pop_front() else {
                break;
            };
            self.blocks.remove(&old);
        }
        // The last token is always computed, so a whole prompt is never a hit.
        cached.min(prompt.tokens.saturating_sub(1) / BLOCK * BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: Scope<'_> = Scope {
        account: "a",
        model: "m",
        isolation: None,
        replica: 0,
    };

    fn read(cache: &mut PromptCache, scope: Scope<'_>, words: usize) -> u64 {
        let mut prompt = Prompt::new(scope);
        for i in 0..words {
            prompt.token(&i.to_le_bytes());
        }
        cache.read_and_fill(&prompt)
    }

    #[test]
    fn the_longest_common_prefix_hits_in_whole_blocks() {
        let mut cache = PromptCache::default();
        assert_eq!(read(&mut cache, SCOPE, 40), 0);
        assert_eq!(read(&mut cache, SCOPE, 40), 32);
        assert_eq!(read(&mut cache, SCOPE, 100), 32);
        assert_eq!(read(&mut cache, SCOPE, 71), 64);
    }

    #[test]
    fn a_whole_prompt_is_never_cached() {
        let mut cache = PromptCache::default();
        read(&mut cache, SCOPE, 32);
        assert_eq!(read(&mut cache, SCOPE, 32), 16);
    }

    #[test]
    fn scopes_do_not_share() {
        let mut cache = PromptCache::default();
        read(&mut cache, SCOPE, 64);
        for other in [
            Scope {
                account: "b",
                ..SCOPE
            },
            Scope {
                model: "n",
                ..SCOPE
            },
            Scope {
                isolation: Some("k"),
                ..SCOPE
            },
            Scope {
                replica: 1,
                ..SCOPE
            },
        ] {
            assert_eq!(read(&mut cache, other, 64), 0, "{other:?}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut cache = PromptCache::default();
        read(&mut cache, SCOPE, MAX_BLOCKS * BLOCK as usize + 1_000);
        assert!(cache.order.len() <= MAX_BLOCKS && cache.blocks.len() <= MAX_BLOCKS);
    }
}
