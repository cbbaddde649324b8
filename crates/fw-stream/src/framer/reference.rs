// The parsing rules of the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream",
// written down as they stand there and without a thought for speed. Shared by the tests and the fuzz
// target. Works on bytes: decoding to UTF-8 with replacement commutes with all of it.

/// The name and the data of every event that the standard dispatches.
pub(crate) fn dispatched(stream: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    // "One leading U+FEFF BYTE ORDER MARK character must be ignored if any are present."
    let stream = stream.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(stream);
    let mut events = Vec::new();
    let mut data = Vec::new();
    let mut event_type = Vec::new();
    for line in complete_lines(stream) {
        if line.is_empty() {
            // "If the data buffer is an empty string, set the data buffer and the event type buffer
            // to the empty string and return."
            if !data.is_empty() {
                // "If the data buffer's last character is a U+000A LINE FEED (LF) character, then
                // remove the last character from the data buffer."
                data.pop();
                events.push((event_type.clone(), data.clone()));
            }
            data.clear();
            event_type.clear();
        } else if line[0] == b':' {
            // "Ignore the line."
        } else {
            let (field, value) = match line.iter().position(|byte| *byte == b':') {
                Some(colon) => {
                    let value = &line[colon + 1..];
                    (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
                }
                None => (&line[..], &b""[..]),
            };
            match field {
                b"event" => event_type = value.to_vec(),
                b"data" => {
                    data.extend_from_slice(value);
                    data.push(b'\n');
                }
                _ => {}
            }
        }
    }
    // "Once the end of the file is reached, any pending data must be discarded."
    events
}

/// Lines that end in CRLF, LF or CR. What follows the last line end is no line yet.
fn complete_lines(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    let mut line = Vec::new();
    let mut at = 0;
    while at < stream.len() {
        match stream[at] {
            b'\r' | b'\n' => {
                lines.push(std::mem::take(&mut line));
                if stream[at..].starts_with(b"\r\n") {
                    at += 1;
                }
            }
            byte => line.push(byte),
        }
        at += 1;
    }
    lines
}
