//! Camera raw files of every maker.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble_engine::format::Format;

const RAW: [Format; 9] = [
    Format::CR2,
    Format::CR3,
    Format::NEF,
    Format::ARW,
    Format::DNG,
    Format::RAF,
    Format::ORF,
    Format::RW2,
    Format::PEF,
];

fuzz_target!(|source: &[u8]| {
    for format in RAW {
        thimble_fuzz::one_format(format, source);
    }
});
