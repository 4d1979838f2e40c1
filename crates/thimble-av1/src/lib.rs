//! Pictures of AV1, for AVIF: one frame out of its bytes.
//!
//! The decoder is [`rav1d`], dav1d in Rust, in the fork whose errors are no panics. Its
//! interface is that of C: all that is unsafe about it is here, behind a function and a type.
//!
//! | | |
//! |---|---|
//! | depths | 8, 10 and 12 bits, handed out as 16 |
//! | planes | luma alone, or with color differences, halved in no direction, across, or in both |
//! | film grain | is applied |
//! | layers | the best one, or the one that is asked for |
//! | in-loop filters | may be left out: what is predicted from is unfiltered, so no error grows |
//! | threads | none |
//!
//! ```
//! let wanted = thimble_av1::Wanted { most_pixels: 1 << 20, ..Default::default() };
//! assert!(thimble_av1::decode(b"no picture", &wanted).is_err());
//! ```
//!
//! # Limits
//!
//! [`Wanted::most_pixels`] is checked against the header of the frame before anything is
//! allocated for it; 8,192 by 8,192 pixels are the most in any case.
//!
//! # Errors
//!
//! [`Error`], if no frame comes out. The decoder has asserts of its own: within the sandbox
//! one that fails is a trap, and costs one image.
//!
//! No bench: the code is another project's. The fuzz target is `avif`, in `fuzz/` of the
//! repository.

use std::error;
use std::ffi::c_int;
use std::fmt::{self, Display, Formatter};
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::slice;

use rav1d::include::dav1d::data::Dav1dData;
use rav1d::include::dav1d::dav1d::{
    DAV1D_INLOOPFILTER_NONE, Dav1dContext, Dav1dLogger, Dav1dSettings,
};
use rav1d::include::dav1d::picture::Dav1dPicture;
use rav1d::src::lib::{
    dav1d_close, dav1d_data_create, dav1d_data_unref, dav1d_default_settings, dav1d_get_picture,
    dav1d_open, dav1d_picture_unref, dav1d_send_data,
};

/// Pixels of the largest frame that is decoded: as many as the decoder allows where
/// addresses have 32 bits.
pub const MOST_PIXELS: u32 = 8192 * 8192;

/// The decoder wants more data before there is a frame, or less.
const AGAIN: c_int = -11;

/// The request of a caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Pixels of the largest frame that is allowed, at least 1.
    pub most_pixels: u32,
    /// Leaves the in-loop filters out: blocks show, unless the picture gets much smaller.
    pub without_filters: bool,
    /// The layer that is the picture; without, it is the best one.
    pub layer: Option<u16>,
    /// The operating point to decode.
    pub operating_point: u8,
}

/// No frame could be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error;

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("no frame of AV1 can be decoded")
    }
}

impl error::Error for Error {}

/// Colors as the stream describes them, by the numbers of ITU-T H.273.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colors {
    /// Primaries.
    pub primaries: u8,
    /// Transfer characteristics.
    pub transfer: u8,
    /// Matrix coefficients.
    pub matrix: u8,
    /// Samples use all values of their depth.
    pub is_full_range: bool,
}

/// A decoded frame.
pub struct Frame {
    picture: Dav1dPicture,
    colors: Colors,
}

/// Decodes the frame of a still picture.
///
/// # Errors
///
/// [`Error`], if there is none, or it is larger than is allowed.
pub fn decode(bytes: &[u8], wanted: &Wanted) -> Result<Frame, Error> {
    let mut decoder = Decoder::open(wanted)?;
    let mut data = Data::of(bytes)?;
    loop {
        if data.0.sz > 0 {
            decoder.send(&mut data)?;
        }
        match decoder.next()? {
            Some(frame) if wanted.layer.is_none_or(|layer| frame.layer() == layer) => {
                return Ok(frame);
            }
            None if data.0.sz == 0 => return Err(Error),
            _ => {}
        }
    }
}

/// An open decoder.
struct Decoder(Option<Dav1dContext>);

impl Decoder {
    fn open(wanted: &Wanted) -> Result<Self, Error> {
        let mut settings = MaybeUninit::<Dav1dSettings>::uninit();
        // SAFETY: the pointer is to a place for settings, which the call fills.
        let mut settings = unsafe {
            dav1d_default_settings(NonNull::new(settings.as_mut_ptr()).ok_or(Error)?);
            settings.assume_init()
        };
        // It would write to standard error.
        // SAFETY: without a callback there is nothing that the cookie could break.
        settings.logger = unsafe { Dav1dLogger::new(None, None) };
        settings.n_threads = 1;
        settings.max_frame_delay = 1;
        settings.frame_size_limit = wanted.most_pixels.clamp(1, MOST_PIXELS);
        settings.all_layers = wanted.layer.is_some().into();
        settings.operating_point = wanted.operating_point.min(31).into();
        if wanted.without_filters {
            settings.inloop_filters = DAV1D_INLOOPFILTER_NONE;
        }
        let mut context = None;
        // SAFETY: both pointers are to values that live until after the call.
        let opened = unsafe { dav1d_open(NonNull::new(&mut context), NonNull::new(&mut settings)) };
        if opened.0 == 0 {
            Ok(Decoder(context))
        } else {
            Err(Error)
        }
    }

    fn send(&mut self, data: &mut Data) -> Result<(), Error> {
        // SAFETY: the context is open, and the data is from `dav1d_data_create`.
        match unsafe { dav1d_send_data(self.0, NonNull::new(&mut data.0)) }.0 {
            0 | AGAIN => Ok(()),
            _ => Err(Error),
        }
    }

    /// The next frame, if the data sent so far has one.
    fn next(&mut self) -> Result<Option<Frame>, Error> {
        let mut picture = Dav1dPicture::default();
        // SAFETY: the context is open, and the pointer is to an empty picture.
        match unsafe { dav1d_get_picture(self.0, NonNull::new(&mut picture)) }.0 {
            0 => Frame::of(picture).map(Some),
            AGAIN => Ok(None),
            _ => Err(Error),
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the context is open, or none; it is not used again.
        unsafe { dav1d_close(NonNull::new(&mut self.0)) }
    }
}

/// Bytes in the hands of the decoder.
struct Data(Dav1dData);

impl Data {
    fn of(bytes: &[u8]) -> Result<Self, Error> {
        let mut data = Data(Dav1dData::default());
        if bytes.is_empty() {
            return Err(Error);
        }
        // SAFETY: the pointer is to a place for data, and the call makes room for as many
        // bytes as are copied into it.
        unsafe {
            let room = dav1d_data_create(NonNull::new(&mut data.0), bytes.len());
            let room = NonNull::new(room).ok_or(Error)?;
            room.as_ptr()
                .copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        Ok(data)
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        // SAFETY: the data is from `dav1d_data_create`, or empty.
        unsafe { dav1d_data_unref(NonNull::new(&mut self.0)) }
    }
}

impl Frame {
    fn of(picture: Dav1dPicture) -> Result<Self, Error> {
        let mut frame = Frame {
            picture,
            colors: Colors {
                primaries: 2,
                transfer: 2,
                matrix: 2,
                is_full_range: false,
            },
        };
        // SAFETY: a picture that was handed out keeps its header until it is released.
        let header = unsafe { frame.picture.seq_hdr.ok_or(Error)?.as_ref() };
        frame.colors = Colors {
            primaries: header.pri as u8,
            transfer: header.trc as u8,
            matrix: header.mtrx as u8,
            is_full_range: header.color_range != 0,
        };
        let is_sound = frame.picture.p.w > 0
            && frame.picture.p.h > 0
            && (0..frame.planes()).all(|plane| frame.picture.data[plane].is_some());
        if is_sound { Ok(frame) } else { Err(Error) }
    }

    /// Width and height.
    #[must_use]
    pub fn sides(&self) -> (u32, u32) {
        (
            self.picture.p.w.unsigned_abs(),
            self.picture.p.h.unsigned_abs(),
        )
    }

    /// Bits a sample.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.picture.p.bpc.unsigned_abs()
    }

    /// Planes: 1, or 3 with color differences.
    #[must_use]
    pub fn planes(&self) -> usize {
        if self.picture.p.layout == 0 { 1 } else { 3 }
    }

    /// Color differences are halved across, and down.
    #[must_use]
    pub fn halved(&self) -> (bool, bool) {
        let layout = self.picture.p.layout;
        (layout == 1 || layout == 2, layout == 1)
    }

    /// Description of the colors.
    #[must_use]
    pub fn colors(&self) -> Colors {
        self.colors
    }

    fn layer(&self) -> u16 {
        // SAFETY: a picture that was handed out keeps its header until it is released.
        let header = self
            .picture
            .frame_hdr
            .map(|header| unsafe { header.as_ref() });
        header.map_or(0, |header| header.spatial_id.into())
    }

    /// Columns and rows of a plane.
    fn extent(&self, plane: usize) -> (usize, usize) {
        let (width, height) = self.sides();
        let (across, down) = if plane == 0 {
            (false, false)
        } else {
            self.halved()
        };
        let side = |side: u32, halved: bool| side.div_ceil(1 + u32::from(halved)) as usize;
        (side(width, across), side(height, down))
    }

    /// Copies a row of a plane, as many samples as both have. Below the last row is that
    /// row again.
    pub fn row(&self, plane: usize, y: usize, samples: &mut [u16]) {
        let (width, height) = self.extent(plane);
        let stride = self.picture.stride[usize::from(plane > 0)];
        let data = self.picture.data.get(plane).copied().flatten();
        let Some(data) = data.filter(|_| plane < self.planes()) else {
            return;
        };
        let offset = stride.saturating_mul(y.min(height - 1).cast_signed());
        // SAFETY: a plane has as many rows as the sides say, each a stride behind the one
        // before; a row has as many samples, of one byte or, aligned, of two.
        unsafe {
            let row = data.as_ptr().cast::<u8>().offset(offset);
            if self.depth() == 8 {
                let row = slice::from_raw_parts(row, width);
                samples
                    .iter_mut()
                    .zip(row)
                    .for_each(|(to, from)| *to = u16::from(*from));
            } else {
                let row = slice::from_raw_parts(row.cast::<u16>(), width);
                samples
                    .iter_mut()
                    .zip(row)
                    .for_each(|(to, from)| *to = *from);
            }
        }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // SAFETY: the picture is from `dav1d_get_picture`, and is not used again.
        unsafe { dav1d_picture_unref(NonNull::new(&mut self.picture)) }
    }
}
