//! E-mail addresses.
//!
//! `local@domain` as addresses in use have it: a part of the atoms of RFC 5322 (3.2.3) with the letters that RFC
//! 6531 adds, and a domain of two labels and more (RFC 5321, 4.1.2; labels by RFC 1123, 2.1), whose last one has
//! letters only or is an A-label (RFC 5890). Quoted local parts and domain literals are left out.
//!
//! What only looks like one is not taken: remotes (`git@host:group/project`), user information of URLs (RFC 3986,
//! 3.2.1), versions of packages (`name@1.2.3-beta.x`) and names of files (`logo@2x.png`).

use std::ops::Range;

use memchr::memchr_iter;

use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

/// Limits of RFC 5321, 4.5.3.1 and RFC 1035, 2.3.4.
const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 253;
const LONGEST_LABEL: usize = 63;

/// The longest top-level domain there is has 24 letters as an A-label.
const LONGEST_TOP: usize = 24;

/// Endings of file names that are no top-level domains.
const FILES: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "bmp", "ico", "tif", "tiff", "pdf", "json",
    "jsonl", "html", "htm", "xhtml", "css", "scss", "js", "mjs", "cjs", "jsx", "ts", "tsx", "vue",
    "xml", "yaml", "yml", "toml", "ini", "cfg", "conf", "txt", "csv", "tsv", "log", "lock", "exe",
    "dll", "dmg", "pkg", "deb", "rpm", "apk", "jar", "war", "whl", "gem", "tgz", "gz", "tar", "bz",
    "xz", "rar", "iso", "img", "bin", "service", "timer", "socket", "target", "mount", "py",
    "java", "cpp", "hpp", "rb", "go", "php", "swift", "wasm",
];

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    if !region.traits().all(Traits::AT | Traits::DOT) || !findings.wants(Entity::Email) {
        return;
    }
    let (text, start) = (region.text(), region.start());
    let mut left = start;
    for at in memchr_iter(b'@', region.body().as_bytes()) {
        let at = start + at;
        if let Some(range) = address(text, left, at) {
            left = range.end;
            findings.push(Finding {
                range,
                entity: Entity::Email,
                scheme: "address",
                confidence: confidence::CERTAIN,
                checked: false,
            });
        }
    }
}

/// The address around the `@` at `at`.
fn address(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let before = text.get(from..at)?;
    let after = text.get(at + 1..)?;
    let local = local(before)?;
    let domain = domain(after)?;
    let start = at - local.len();
    let end = at + 1 + domain.len();
    let lead = text.get(from..start)?;
    let rest = text.get(end..)?;
    (!is_remote(local, rest) && !is_user_information(lead)).then_some(start..end)
}

/// The longest local part at the end of `before`.
fn local(before: &str) -> Option<&str> {
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, char)| is_atom(*char) || *char == '.')
        .last()?
        .0;
    let local =
        before[start..].trim_start_matches(|char: char| !char.is_alphanumeric() && char != '_');
    let fits = (1..=LONGEST_LOCAL).contains(&local.len()) && !local.ends_with('.');
    fits.then_some(local)
}

/// The atoms of RFC 5322, without those that set an address off from what is before it in fields, paths, queries
/// and markup: `= & / ? | { } ' ` and the back quote.
fn is_atom(char: char) -> bool {
    char.is_alphanumeric()
        || matches!(
            char,
            '_' | '-' | '+' | '%' | '!' | '#' | '$' | '*' | '^' | '~'
        )
}

/// The domain at the beginning of `after`.
fn domain(after: &str) -> Option<&str> {
    let end = after
        .find(|char: char| !char.is_alphanumeric() && !matches!(char, '-' | '.'))
        .unwrap_or(after.len());
    // A sentence may go on after the address, or a file name or a version may.
    let mut domain = after[..end].trim_end_matches(['.', '-']);
    if let Some(double) = domain.find("..") {
        domain = &domain[..double];
    }
    if after[end..].starts_with('@') || domain.len() > LONGEST_DOMAIN {
        return None;
    }
    let mut labels = domain.rsplit('.');
    let top = labels.next()?;
    let second = labels.next()?;
    let fits = is_top(top) && is_label(second) && labels.all(is_label);
    (fits && !is_version(domain) && !is_file(domain, top)).then_some(domain)
}

fn is_label(label: &str) -> bool {
    (1..=LONGEST_LABEL).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

fn is_top(label: &str) -> bool {
    let letters = label.chars().all(char::is_alphabetic);
    let coded = || {
        label
            .get(..4)
            .is_some_and(|head| head.eq_ignore_ascii_case("xn--"))
            && is_label(label)
    };
    label.chars().nth(1).is_some() && label.len() <= LONGEST_TOP * 2 && (letters || coded())
}

/// `1.2.3-beta.x`: the first two labels are numbers.
fn is_version(domain: &str) -> bool {
    let mut labels = domain.split('.');
    let mut number = || {
        let label = labels.next().unwrap_or_default();
        label.bytes().all(|byte| byte.is_ascii_digit())
    };
    number() && number()
}

fn is_file(domain: &str, top: &str) -> bool {
    let scaled = || {
        let name = domain.split(['.', '-']).next().unwrap_or_default();
        name.strip_suffix('x')
            .is_some_and(|scale| scale.bytes().all(|byte| byte.is_ascii_digit()))
    };
    FILES.iter().any(|ending| top.eq_ignore_ascii_case(ending)) || scaled()
}

/// `git@host:group/project`.
fn is_remote(local: &str, rest: &str) -> bool {
    rest.strip_prefix(':').is_some_and(|path| {
        matches!(local, "git" | "hg" | "svn" | "gitea" | "forgejo") && !path.is_empty()
            || path
                .split(char::is_whitespace)
                .next()
                .is_some_and(|path| path.contains('/') && !path.starts_with("//"))
    })
}

/// `scheme://user:word@host`: nothing but user information stands between the slashes and the `@`.
fn is_user_information(lead: &str) -> bool {
    lead.rfind("://").is_some_and(|scheme| {
        let authority = &lead[scheme + 3..];
        !authority.contains(['/', '?', '#'])
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::detect::testing;

    fn found(text: &str) -> Vec<&str> {
        testing::find(find, text)
            .into_iter()
            .map(|(_, _, text, _)| text)
            .collect()
    }

    #[test]
    fn addresses_of_all_kinds() {
        for text in [
            "mara@voss.example",
            "mara.voss+news@mail.voss-partner.co.uk",
            "m_v-1%x@a.io",
            "mara@1and1.com",
            "mara@163.com",
            "иван@почта.рф",
            "jörg@müller.de",
            "mara@xn--mller-kva.xn--p1ai",
            "_mara@voss.example",
            "MARA@VOSS.EXAMPLE",
            "git@voss.example",
        ] {
            assert_eq!(found(text), [text]);
            for (lead, tail) in [
                ("mailto:", "?subject=x"),
                ("(", ")."),
                ("user=", "&a=1"),
                ("From:", ":"),
                ("**", "**"),
                ("https://x.example/?to=", "#a"),
            ] {
                assert_eq!(
                    found(&format!("{lead}{text}{tail}")),
                    [text],
                    "{lead}{text}{tail}"
                );
            }
        }
    }

    #[test]
    fn two_in_one_token() {
        assert_eq!(
            found("a@b.example/c@d.example"),
            ["a@b.example", "c@d.example"]
        );
    }

    #[test]
    fn the_end_of_a_sentence_is_no_part_of_it() {
        assert_eq!(found("mara@voss.example..."), ["mara@voss.example"]);
        assert_eq!(found("mara@voss.example.-"), ["mara@voss.example"]);
    }

    #[test]
    fn what_only_looks_like_one() {
        for text in [
            "mara@voss",
            "@scope/package.name",
            "@app.route",
            "logo@2x.png",
            "logo@2x-dark.io",
            "app@bundle.min.js",
            "git@github.com:group/project.git",
            "deploy@host.example:/srv/www",
            "https://user:word@host.example/path",
            "ssh://git@host.example/a",
            "left-pad@1.3.0",
            "tokio@1.0.0-rc.beta",
            "v1.2@sha256:0f.ab",
            "mara@-voss.example",
            "mara@voss.e",
            "mara@voss.c0m",
            ".@voss.example",
            "mara.@voss.example",
            "getty@tty1.service",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    proptest! {
        #[test]
        fn any_plain_address(local in "[a-z][a-z0-9]{0,20}([.+_-][a-z0-9]{1,8}){0,2}", domain in "[a-z]{3,12}(-[a-z]{1,4})?", top in "(com|org|de|co\\.uk|example)") {
            let text = format!("{local}@{domain}.{top}");
            prop_assert_eq!(found(&text), [text.as_str()]);
        }

        #[test]
        fn any_text_can_be_looked_at(text in "[a-z0-9é@.:/_+-]{0,60}") {
            let _ = found(&text);
        }
    }
}
