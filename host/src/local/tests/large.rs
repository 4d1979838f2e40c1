//! Files that are larger than what is read.

use super::*;
use crate::object::ETag;

#[tokio::test]
async fn a_file_larger_than_what_is_read_is_told_from_its_versions_by_its_times() {
    let (_directory, folder) = folder();
    let path = folder.layout().images().join("video");
    let write = |size| {
        let file = fs::File::create(&path).unwrap();
        file.set_len(size).unwrap();
    };
    let location = Location::new(IMAGES, "video");
    let etag = async |most| {
        folder
            .store
            .head_within(&location, most)
            .await
            .unwrap()
            .etag
    };
    // To read it would take hours.
    write(1 << 40);
    let first = etag(1 << 20).await;
    assert_eq!(etag(1 << 20).await, first);
    write((1 << 40) + 1);
    assert_ne!(etag(1 << 20).await, first);
    write(200_000);
    assert_eq!(etag(1 << 20).await, ETag::of(&vec![0; 200_000]));
}
