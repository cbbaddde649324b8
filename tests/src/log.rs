//! The lines that a child process prints, as they come.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::watch;

use crate::within;

/// What a process printed so far.
#[derive(Clone, Debug)]
pub struct Log {
    lines: watch::Receiver<Arc<Vec<String>>>,
}

impl Log {
    /// Gathers lines until the process closes its end.
    pub(crate) fn follow(output: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let (sender, lines) = watch::channel(Arc::new(Vec::new()));
        tokio::spawn(async move {
            let mut input = BufReader::new(output).lines();
            while let Ok(Some(line)) = input.next_line().await {
                sender.send_modify(|lines| Arc::make_mut(lines).push(line));
            }
        });
        Self { lines }
    }

    /// The first line that contains `text`, as soon as it is there.
    ///
    /// # Panics
    ///
    /// When the process ends, or patience does, without such a line.
    pub async fn line_with(&self, text: &str) -> String {
        let mut lines = self.lines.clone();
        let found = within(
            &format!("a line with {text:?}"),
            lines.wait_for(|l| find(l, text).is_some()),
        )
        .await
        .map(|lines| find(&lines, text).unwrap().to_owned());
        match found {
            Ok(line) => line,
            Err(_) => panic!(
                "the process ended without a line with {text:?}; it said:\n{}",
                self.text()
            ),
        }
    }

    /// Everything so far.
    pub fn text(&self) -> String {
        self.lines.borrow().join("\n")
    }

    /// Everything, once the process has closed its end.
    pub async fn to_end(&self) -> String {
        let mut lines = self.lines.clone();
        within("the end of the log", async {
            while lines.changed().await.is_ok() {}
        })
        .await;
        self.text()
    }
}

fn find<'a>(lines: &'a [String], text: &str) -> Option<&'a str> {
    lines
        .iter()
        .find(|line| line.contains(text))
        .map(String::as_str)
}
