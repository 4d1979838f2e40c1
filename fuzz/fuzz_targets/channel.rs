//! The document that says which engine is live: an answer to any bytes, and no
//! belief in what no trusted key signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble::engines::{ChannelFetch, ChannelName};
use thimble::trust::{Trust};
use thimble_fuzz::documents::{engines_with, somebody, wait};

fuzz_target!(|document: &[u8]| {
    let store = engines_with("channels/stable.json", document);
    let name = ChannelName::default();
    if let Ok(look) = wait(store.fetch_channel(&name, &Trust::default(), None)) {
        let ChannelFetch::Read(read) = look else {
            panic!("the channel is there: {look:?}");
        };
        assert_eq!(read.channel.channel, name);
    }
    assert!(wait(store.fetch_channel(&name, &somebody(), None)).is_err());
});
