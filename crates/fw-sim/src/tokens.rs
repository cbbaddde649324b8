//! Tokens: a made-up tokenizer that is the same everywhere, and the filler text.
//!
//! A token is optional leading white space followed by either up to six letters or digits, or one
//! other character. White space at the very end is a token of its own. Joining the tokens of a text
//! gives the text back, so a stream of token groups is a cut of the reply.

/// Letters or digits in one token.
const MAX_WORD: usize = 6;

/// Token ids are below this number.
pub(crate) const VOCABULARY: u64 = 200_000;

/// Filler words, one token each.
const FILLER: [&str; 16] = [
    " lorem", " ipsum", " dolor", " sit", " amet", " elit", " sed", " do", " tempor", " ut",
    " labore", " et", " dolore", " magna", " aliqua", " enim",
];

/// The tokens of a text, in order.
pub(crate) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { rest: text }
}

/// How many tokens a text has.
pub(crate) fn count(text: &str) -> u64 {
    tokens(text).count() as u64
}

/// The number of bytes in the first `limit` tokens, and how many tokens that is.
pub(crate) fn prefix(text: &str, limit: u64) -> (usize, u64) {
    let mut tokens = tokens(text);
    let mut taken = 0;
    while taken < limit && tokens.next().is_some() {
        taken += 1;
    }
    (text.len() - tokens.rest.len(), taken)
}

/// The id of a token: a hash of its bytes.
pub(crate) fn id(token: &str) -> u64 {
    hash(token.as_bytes()) % VOCABULARY
}

/// A pretend log probability, between −1 and 0.
pub(crate) fn logprob(token: &str) -> f64 {
    -((hash(token.as_bytes()) / 7 % 1000) as f64) / 1000.0
}

/// The filler token at a position.
pub(crate) fn filler(position: u64) -> &'static str {
    FILLER[(position % FILLER.len() as u64) as usize]
}

/// FNV-1a with 64 bits (draft-eastlake-fnv).
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    hash_from(0xcbf2_9ce4_8422_2325, bytes)
}

/// Continues a hash.
pub(crate) fn hash_from(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Iterator over the tokens of a text.
#[derive(Debug, Clone)]
pub(crate) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let mut end = 0;
        let mut word = 0;
        for (i, c) in self.rest.char_indices() {
            if word == 0 && c.is_whitespace() {
                end = i + c.len_utf8();
                continue;
            }
            if c.is_alphanumeric() && word < MAX_WORD {
                word += 1;
                end = i + c.len_utf8();
                continue;
            }
            if word == 0 {
                end = i + c.len_utf8();
            }
            break;
        }
        if end == 0 {
            return None;
        }
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_follow_the_documented_rule() {
        let all: Vec<&str> = tokens("Hi, wonderful  world! \n").collect();
        assert_eq!(all, ["Hi", ",", " wonder", "ful", "  world", "!", " \n"]);
        assert_eq!(count(""), 0);
    }

    #[test]
    fn each_filler_word_is_one_token() {
        for i in 0..32 {
            assert_eq!(count(filler(i)), 1);
        }
    }

    proptest! {
        #[test]
        fn joining_the_tokens_gives_the_text(text in "\\PC*") {
            prop_assert_eq!(tokens(&text).collect::<String>(), text);
        }

        #[test]
        fn a_prefix_has_the_tokens_asked_for(text in "\\PC*", n in 0u64..20) {
            let (end, taken) = prefix(&text, n);
            prop_assert_eq!(tokens(&text).take(n as usize).collect::<String>(), &text[..end]);
            prop_assert!(taken <= n);
        }
    }
}
