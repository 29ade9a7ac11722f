//! Server-sent events, taken from bytes as they come.

use super::Error;

/// The longest line of a stream.
const LINE_MAX: usize = 256 * 1024;

/// The lines that are not whole yet.
#[derive(Debug, Default)]
pub(super) struct Events {
    waiting: Vec<u8>,
    data: String,
    name: String,
}

/// An event: its name, if it has one, and its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) data: String,
}

impl Events {
    /// Takes bytes in; gives the events that are whole now.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Event>, Error> {
        self.waiting.extend_from_slice(bytes);
        let mut events = Vec::new();
        let mut begin = 0;
        while let Some(length) = memchr(b'\n', &self.waiting[begin..]) {
            let mut line = &self.waiting[begin..begin + length];
            if let Some((b'\r', rest)) = line.split_last() {
                line = rest;
            }
            let line = std::str::from_utf8(line).map_err(|_| Error::Garbage("it is no text"))?.to_owned();
            begin += length + 1;
            events.extend(self.line(&line)?);
        }
        self.waiting.drain(..begin);
        if self.waiting.len() > LINE_MAX {
            return Err(Error::Garbage("a line is too long"));
        }
        Ok(events)
    }

    /// What is left when the stream ends without an empty line.
    pub(super) fn rest(&mut self) -> Result<Option<Event>, Error> {
        let line = std::mem::take(&mut self.waiting);
        let line = String::from_utf8(line).map_err(|_| Error::Garbage("it is no text"))?;
        self.line(line.trim_end_matches('\r'))?;
        self.line("")
    }

    fn line(&mut self, line: &str) -> Result<Option<Event>, Error> {
        if line.is_empty() {
            let event = Event { name: std::mem::take(&mut self.name), data: std::mem::take(&mut self.data) };
            return Ok((!event.data.is_empty()).then_some(event));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.data.len() + value.len() > LINE_MAX {
                    return Err(Error::Garbage("an event is too long"));
                }
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "event" => value.clone_into(&mut self.name),
            // Comments keep the connection open; other fields are of no use here.
            _ => {}
        }
        Ok(None)
    }
}

fn memchr(wanted: u8, bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_the_same_however_their_bytes_are_cut() {
        let text = ": hello\r\n\r\nevent: a\ndata: {\"x\":\ndata: 1}\n\ndata:no space\nid: 4\n\ndata: ü€\n\n\n\ndata: [DONE]";
        let expected: Vec<Event> = [("a", "{\"x\":\n1}"), ("", "no space"), ("", "ü€"), ("", "[DONE]")]
            .map(|(name, data)| Event { name: name.to_owned(), data: data.to_owned() })
            .to_vec();
        for size in 1..text.len() {
            let mut events = Events::default();
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                found.extend(events.take(piece).unwrap());
            }
            found.extend(events.rest().unwrap());
            assert_eq!(found, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_too_long_or_no_text_is_refused() {
        assert_eq!(
            Events::default().take(&vec![b'x'; LINE_MAX + 1]),
            Err(Error::Garbage("a line is too long"))
        );
        assert_eq!(Events::default().take(b"data: \xff\n"), Err(Error::Garbage("it is no text")));
        let mut events = Events::default();
        let line = format!("data: {}\n", "x".repeat(200_000));
        assert_eq!(events.take(line.as_bytes()), Ok(Vec::new()));
        assert_eq!(events.take(line.as_bytes()), Err(Error::Garbage("an event is too long")));
    }
}
