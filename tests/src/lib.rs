//! Parts of the test programs: a corpus, hostile images, a sandbox of their own.

pub mod corpus;
pub mod hostile_images;
pub mod sandbox;
pub mod section;
