//! The module as its users see it, against stock encoders and decoders.

mod damage;
mod decoding;
mod encoding;
mod inverse;
mod sources;
