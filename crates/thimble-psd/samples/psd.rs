//! Photoshop files, part by part.

/// A Photoshop file to write.
#[derive(Clone, Debug)]
pub struct Psd {
    /// 1, or 2 for a large picture.
    pub version: u16,
    /// Channels that are stored.
    pub channels: u16,
    /// Columns and rows.
    pub sides: (u32, u32),
    /// Bits of a sample.
    pub depth: u16,
    /// Number of the kind of colors.
    pub mode: u16,
    /// Red, green and blue of a palette, one behind the other.
    pub palette: Vec<u8>,
    /// Resources by their numbers.
    pub resources: Vec<(u16, Vec<u8>)>,
    /// The section of layers.
    pub layers: Vec<u8>,
    /// Compression and samples.
    pub data: Vec<u8>,
}

impl Psd {
    /// Kind of colors: a bit is an ink.
    pub const BITMAP: u16 = 0;
    /// Kind of colors: one channel.
    pub const GRAY: u16 = 1;
    /// Kind of colors: a palette.
    pub const INDEXED: u16 = 2;
    /// Kind of colors: red, green, blue.
    pub const RGB: u16 = 3;
    /// Kind of colors: inks, inverted.
    pub const CMYK: u16 = 4;

    /// A file of samples of 8 bits that are not compressed: all of the first channel, then all
    /// of the second.
    #[must_use]
    pub fn new(mode: u16, sides: (u32, u32), samples: &[u8]) -> Self {
        let pixels = (sides.0 * sides.1) as usize;
        Self {
            version: 1,
            channels: (samples.len() / pixels) as u16,
            sides,
            depth: 8,
            mode,
            palette: Vec::new(),
            resources: Vec::new(),
            layers: Vec::new(),
            data: [&[0, 0], samples].concat(),
        }
    }

    /// The same file with something changed.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The same file with rows that are packed, each as bytes as they are.
    #[must_use]
    pub fn packed(self) -> Self {
        let length = self.sides.0 as usize;
        let rows: Vec<Vec<u8>> = self.data[2..].chunks(length).map(pack).collect();
        let mut data = vec![0, 1];
        for row in &rows {
            if self.version == 2 {
                data.extend((row.len() as u32).to_be_bytes());
            } else {
                data.extend((row.len() as u16).to_be_bytes());
            }
        }
        data.extend(rows.concat());
        Self { data, ..self }
    }

    /// The same file with an alpha of its composite: one layer, whose number is negative.
    #[must_use]
    pub fn with_alpha(self) -> Self {
        let mut layers = if self.version == 2 {
            vec![0, 0, 0, 0]
        } else {
            Vec::new()
        };
        layers.extend([0, 0, 0, 2, 0xff, 0xff]);
        Self { layers, ..self }
    }

    /// The bytes.
    #[must_use]
    pub fn file(&self) -> Vec<u8> {
        let mut file = b"8BPS".to_vec();
        file.extend(self.version.to_be_bytes());
        file.extend([0; 6]);
        file.extend(self.channels.to_be_bytes());
        file.extend([self.sides.1.to_be_bytes(), self.sides.0.to_be_bytes()].as_flattened());
        file.extend([self.depth.to_be_bytes(), self.mode.to_be_bytes()].as_flattened());
        file.extend((self.palette.len() as u32).to_be_bytes());
        file.extend(&self.palette);
        let resources: Vec<u8> = self.resources.iter().flat_map(resource).collect();
        file.extend((resources.len() as u32).to_be_bytes());
        file.extend(resources);
        if self.version == 2 {
            file.extend([0; 4]);
        }
        file.extend((self.layers.len() as u32).to_be_bytes());
        file.extend(&self.layers);
        file.extend(&self.data);
        file
    }
}

fn resource((number, content): &(u16, Vec<u8>)) -> Vec<u8> {
    let mut resource = b"8BIM".to_vec();
    resource.extend(number.to_be_bytes());
    // No name.
    resource.extend([0, 0]);
    resource.extend((content.len() as u32).to_be_bytes());
    resource.extend(content);
    resource.resize(resource.len().next_multiple_of(2), 0);
    resource
}

/// Bytes as they are, up to 128 at a time.
fn pack(bytes: &[u8]) -> Vec<u8> {
    let runs = bytes.chunks(128);
    runs.flat_map(|run| [&[(run.len() - 1) as u8], run].concat())
        .collect()
}
