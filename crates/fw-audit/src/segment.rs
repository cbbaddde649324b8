//! The names of the files.

const PREFIX: &str = "audit-";
const SUFFIX: &str = ".jsonl";

/// The name of the file whose first record has this number.
///
/// ```
/// assert_eq!(fw_audit::segment::file_name(7), "audit-00000000000000000007.jsonl");
/// ```
#[must_use]
pub fn file_name(first: u64) -> String {
    format!("{PREFIX}{first:020}{SUFFIX}")
}

/// The number of the first record in a file, from its name; `None` for other files.
#[must_use]
pub fn first_seq(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    if digits.len() != 20 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|first| *first > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_files_are_none_of_ours() {
        for name in [
            "audit.pub",
            "audit-1.jsonl",
            "audit-00000000000000000001.jsonl.gz",
            "audit-00000000000000000001.idx",
            "audit-+0000000000000000001.jsonl",
            "audit-00000000000000000000.jsonl",
            "audit-99999999999999999999.jsonl",
        ] {
            assert_eq!(first_seq(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn names_sort_as_numbers(a in 1_u64.., b in 1_u64..) {
            prop_assert_eq!(first_seq(&file_name(a)), Some(a));
            prop_assert_eq!(a.cmp(&b), file_name(a).cmp(&file_name(b)));
        }
    }
}
