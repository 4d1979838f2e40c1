//! Scenes of the sample photos.

pub(crate) mod aurora;
pub(crate) mod balloons;
pub(crate) mod beach;
pub(crate) mod flower;
pub(crate) mod mountains;
pub(crate) mod poster;
