//! "Did you mean": the nearest valid name.

/// The name of `valid` that `given` was most likely meant to be.
pub(crate) fn nearest<'a>(
    given: &str,
    valid: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let given = fold(given);
    if given.is_empty() {
        return None;
    }
    valid
        .into_iter()
        .map(|name| (distance(&given, &fold(name)), name))
        .filter(|(distance, _)| *distance <= (given.chars().count() + 1) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Spellings that people mix up count as the same: case, `-`, `_` and spaces.
fn fold(name: &str) -> String {
    name.chars()
        .take(128)
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

fn distance(given: &str, name: &str) -> usize {
    let edits = strsim::damerau_levenshtein(given, name);
    // A short form of a longer name (`timeout` for `timeout_seconds`) is near.
    if given.len() >= 4 && name.starts_with(given) {
        edits.min(2)
    } else {
        edits
    }
}

/// A list for a sentence: "`a`, `b` and `c`".
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
