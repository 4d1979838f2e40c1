//! Answers of an engine, as they lie in its memory.
//!
//! The layout is that of the component model's canonical form: a record is its
//! fields one after the other, a list or a string is an address and a length.

/// The beginning of a PNG of these dimensions: all of it that a host looks at.
#[must_use]
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes
}

/// Answer of an engine to `generate`, true or not.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Media type, width, height and frames of the source.
    pub source: (&'static str, u32, u32, u32),
    /// Data, media type, width and height of each thumbnail.
    pub thumbnails: Vec<(Vec<u8>, &'static str, u32, u32)>,
    /// Texts of its warnings.
    pub warnings: Vec<&'static str>,
    /// The length of the list of thumbnails, if it is a lie.
    pub count: Option<u32>,
    /// The case and the text of an error that is returned instead.
    pub error: Option<(u32, &'static str)>,
}

impl Claim {
    /// The answer of any engine to the self-test's image and specs.
    #[must_use]
    pub fn good() -> Self {
        Self {
            source: ("image/png", 16, 8, 1),
            thumbnails: vec![
                (png(8, 4), "image/png", 8, 4),
                (png(5, 5), "image/png", 5, 5),
            ],
            warnings: Vec::new(),
            count: None,
            error: None,
        }
    }

    /// The `result<output, error>`.
    #[must_use]
    pub fn answer(&self) -> Answer {
        if let Some((case, text)) = self.error {
            return Answer(vec![
                Value::Number(1),
                Value::Number(case),
                Value::bytes(text),
            ]);
        }
        let (media_type, width, height, frames) = self.source;
        let thumbnail = |(data, media_type, width, height): &(Vec<u8>, &'static str, u32, u32)| {
            vec![
                Value::Bytes(data.clone()),
                Value::bytes(media_type),
                Value::Number(*width),
                Value::Number(*height),
            ]
        };
        let thumbnails = self.thumbnails.iter().map(thumbnail).collect();
        let warnings = self
            .warnings
            .iter()
            .map(|text| vec![Value::bytes(text)])
            .collect();
        Answer(vec![
            Value::Number(0),
            Value::bytes(media_type),
            Value::Number(width),
            Value::Number(height),
            Value::Number(frames),
            Value::List(thumbnails, self.count),
            Value::List(warnings, None),
        ])
    }
}

/// A record to be laid out in memory.
#[derive(Clone, Debug)]
pub struct Answer(Vec<Value>);

#[derive(Clone, Debug)]
enum Value {
    Number(u32),
    Bytes(Vec<u8>),
    /// Records, and the length that is claimed for them.
    List(Vec<Vec<Value>>, Option<u32>),
}

impl Value {
    fn bytes(text: &str) -> Self {
        Self::Bytes(text.into())
    }

    fn size(&self) -> usize {
        match self {
            Self::Number(_) => 4,
            Self::Bytes(_) | Self::List(..) => 8,
        }
    }
}

impl Answer {
    /// The `engine-info` of an engine that reads and writes PNG.
    #[must_use]
    pub fn description(name: &str, version: &str) -> Self {
        let png = || Value::List(vec![vec![Value::bytes("image/png")]], None);
        let none = || Value::List(Vec::new(), None);
        Self(vec![
            Value::bytes(name),
            Value::bytes(version),
            png(),
            png(),
            none(),
        ])
    }

    /// A data segment for this address, escaped for WebAssembly text.
    #[must_use]
    pub fn at(&self, address: u32) -> String {
        let mut memory = Memory {
            address,
            bytes: Vec::new(),
        };
        memory.lay_out(std::slice::from_ref(&self.0));
        memory
            .bytes
            .iter()
            .map(|byte| format!("\\{byte:02x}"))
            .collect()
    }
}

struct Memory {
    address: u32,
    bytes: Vec<u8>,
}

impl Memory {
    /// Writes records side by side, and what they refer to behind them.
    fn lay_out(&mut self, records: &[Vec<Value>]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        let start = self.bytes.len();
        let size: usize = records.iter().flatten().map(Value::size).sum();
        self.bytes.resize(start + size, 0);
        let mut at = start;
        for value in records.iter().flatten() {
            match value {
                Value::Number(number) => self.put(at, *number),
                Value::Bytes(bytes) => {
                    let pointer = self.address + u32::try_from(self.bytes.len()).unwrap();
                    self.bytes.extend(bytes);
                    self.put(at, pointer);
                    self.put(at + 4, u32::try_from(bytes.len()).unwrap());
                }
                Value::List(records, claimed) => {
                    let pointer = self.lay_out(records);
                    let length = u32::try_from(records.len()).unwrap();
                    self.put(at, pointer);
                    self.put(at + 4, claimed.unwrap_or(length));
                }
            }
            at += value.size();
        }
        self.address + u32::try_from(start).unwrap()
    }

    fn put(&mut self, at: usize, number: u32) {
        self.bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
}
