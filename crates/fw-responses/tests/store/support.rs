//! A clock, a file, and short ways to say things.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use fw_responses::{History, ListQuery, Owner, ResponseStore, ResponsesConfig, Turn};

pub(crate) const DAY: u64 = 86_400;

/// A clock that stands until it is moved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(pub(crate) Arc<AtomicU64>);

impl Clock {
    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn store(&self, config: &ResponsesConfig) -> ResponseStore {
        let time = Arc::clone(&self.0);
        ResponseStore::with_clock(config, move || time.load(Ordering::Relaxed)).unwrap()
    }
}

/// A file that goes when the test is over.
#[derive(Debug)]
pub(crate) struct File(pub(crate) PathBuf);

impl File {
    pub(crate) fn new(name: &str) -> Self {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = directory.join(format!("responses-{name}-{}.redb", std::process::id()));
        fs::remove_file(&path).ok();
        Self(path)
    }

    pub(crate) fn config(&self) -> ResponsesConfig {
        let mut config = ResponsesConfig::default();
        config.path = Some(self.0.clone());
        config
    }

    pub(crate) fn open(&self) -> ResponseStore {
        ResponseStore::open(&self.config()).unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

pub(crate) fn turn<'a>(id: &'a str, previous: Option<&'a str>, text: &'a str) -> Turn<'a> {
    Turn {
        id,
        previous,
        json: text.as_bytes(),
        input: vec![text],
        output: vec![id],
    }
}

pub(crate) fn items(history: History) -> Option<Vec<String>> {
    match history {
        History::Found(items) => Some(items),
        _ => None,
    }
}

pub(crate) fn ids(
    store: &ResponseStore,
    owner: Owner,
    query: &ListQuery,
) -> Option<(Vec<String>, bool)> {
    let page = store.list(owner, query).unwrap()?;
    Some((page.ids().map(str::to_owned).collect(), page.has_more()))
}

/// An id by number.
pub(crate) fn name(id: u8) -> String {
    format!("resp_{id}")
}

/// An owner by number.
pub(crate) fn owner(number: u8) -> Owner {
    Owner::new([number])
}
