//! The list of models as Anthropic's API gives it.

use serde::Serialize;

use super::list::ModelList;

/// Models on a page, unless `limit` says otherwise, and most of them.
const USUAL_PAGE: usize = 20;
const MAX_PAGE: usize = 1000;

#[derive(Serialize)]
struct Page<'a> {
    data: Vec<Model<'a>>,
    has_more: bool,
    first_id: Option<&'a str>,
    last_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Model<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    display_name: &'a str,
    created_at: &'a str,
}

/// Which page a query asks for.
#[derive(Debug, Default, PartialEq)]
struct Wanted {
    limit: Option<usize>,
    after: Option<String>,
    before: Option<String>,
}

impl ModelList {
    /// The answer to `GET /v1/models` as Anthropic's SDKs read it, by pages: `limit` (20 unless given, at most
    /// 1000), `after_id` and `before_id` of the request's query are followed. A page beside a model that is not
    /// listed is empty.
    ///
    /// ```
    /// use fw_provider::ModelList;
    ///
    /// let list = ModelList::new(1_795_246_800).model("a", "me", None).model("b", "me", None);
    /// assert_eq!(
    ///     list.anthropic_page(Some("limit=1")),
    ///     r#"{"data":[{"type":"model","id":"a","display_name":"a","created_at":"2026-11-21T07:40:00Z"}],"has_more":true,"first_id":"a","last_id":"a"}"#,
    /// );
    /// ```
    #[must_use]
    pub fn anthropic_page(&self, query: Option<&str>) -> String {
        let wanted = Wanted::of(query.unwrap_or_default());
        let ids: Vec<&str> = self.ids().collect();
        let limit = wanted.limit.unwrap_or(USUAL_PAGE).clamp(1, MAX_PAGE);
        let place = |id: &str| ids.iter().position(|listed| *listed == id);
        let (start, end) = match (&wanted.after, &wanted.before) {
            (Some(after), _) => match place(after) {
                Some(place) => (place + 1, ids.len().min(place + 1 + limit)),
                None => (0, 0),
            },
            (None, Some(before)) => {
                let end = place(before).unwrap_or(0);
                (end.saturating_sub(limit), end)
            }
            (None, None) => (0, ids.len().min(limit)),
        };
        let created_at = rfc3339(self.created());
        let data: Vec<Model<'_>> = ids
            .get(start..end)
            .unwrap_or_default()
            .iter()
            .map(|id| Model::new(id, &created_at))
            .collect();
        // More in the direction in which the pages are turned.
        let has_more = match (&wanted.after, &wanted.before) {
            (None, Some(_)) => start > 0,
            _ => end > 0 && end < ids.len(),
        };
        let page = Page {
            has_more,
            first_id: data.first().map(|model| model.id),
            last_id: data.last().map(|model| model.id),
            data,
        };
        serde_json::to_string(&page).unwrap_or_default()
    }

    /// One model as Anthropic's SDKs read it, by the names that [`model_json`](Self::model_json) takes.
    #[must_use]
    pub fn anthropic_model(&self, name: &str) -> Option<String> {
        let created_at = rfc3339(self.created());
        let model = Model::new(self.find(name)?, &created_at);
        serde_json::to_string(&model).ok()
    }
}

impl<'a> Model<'a> {
    fn new(id: &'a str, created_at: &'a str) -> Self {
        Self {
            kind: "model",
            id,
            display_name: id,
            created_at,
        }
    }
}

impl Wanted {
    fn of(query: &str) -> Self {
        let mut wanted = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "limit" => wanted.limit = value.parse().ok(),
                "after_id" => wanted.after = decoded(value),
                "before_id" => wanted.before = decoded(value),
                _ => {}
            }
        }
        wanted
    }
}

/// Percent-decoding, and a plus for a blank. `None` for nothing, and for what is no text.
fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| char::from(*tail.get(at)?).to_digit(16);
        rest = tail;
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high << 4 | low).ok()?);
                rest = tail.get(2..).unwrap_or_default();
            }
            (b'+', _, _) => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.is_empty())
}

/// Seconds since 1970 as RFC 3339 has them, in UTC. Days to date after Howard Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms".
fn rfc3339(unix: u64) -> String {
    let (days, seconds) = (unix / 86_400, unix % 86_400);
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> (Vec<String>, bool) {
        let list = ["a", "b", "x/c", "d", "e"]
            .iter()
            .fold(ModelList::new(0), |list, id| list.model(*id, "me", None));
        let page: serde_json::Value =
            serde_json::from_str(&list.anthropic_page(Some(query))).unwrap();
        let data = page["data"].as_array().unwrap();
        let ids: Vec<String> = data
            .iter()
            .map(|model| model["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(page["first_id"].as_str(), ids.first().map(String::as_str));
        assert_eq!(page["last_id"].as_str(), ids.last().map(String::as_str));
        (ids, page["has_more"].as_bool().unwrap())
    }

    #[test]
    fn pages_can_be_turned_forwards_and_backwards() {
        for (query, ids, has_more) in [
            ("", &["a", "b", "x/c", "d", "e"][..], false),
            ("limit=2&beta=true", &["a", "b"], true),
            ("limit=2&after_id=b", &["x/c", "d"], true),
            ("limit=2&after_id=x%2fc", &["d", "e"], false),
            ("after_id=e", &[], false),
            ("after_id=nobody", &[], false),
            ("limit=2&before_id=e", &["x/c", "d"], true),
            ("limit=9&before_id=b", &["a"], false),
            ("limit=0", &["a"], true),
            ("limit=many", &["a", "b", "x/c", "d", "e"], false),
        ] {
            let (found, more) = page(query);
            assert_eq!(
                (found, more),
                (ids.iter().map(|id| (*id).to_owned()).collect(), has_more),
                "{query}"
            );
        }
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        for (unix, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_826_154, "2000-02-29T12:09:14Z"),
            (1_795_246_800, "2026-11-21T07:40:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(unix), text);
        }
    }
}
