use super::*;

fn source(text: &str) -> Result<SourcePlace, PlaceError> {
    text.parse()
}

#[test]
fn sources_are_a_bucket_and_a_prefix() {
    for (text, of, bucket, prefix) in [
        ("s3://images", Buckets::S3, "images", ""),
        ("s3://images/", Buckets::S3, "images", ""),
        (
            "s3://images/2024/a b+c%2B/é",
            Buckets::S3,
            "images",
            "2024/a b+c%2B/é",
        ),
        ("s3://images//double", Buckets::S3, "images", "/double"),
        ("gs://images/2024", Buckets::Google, "images", "2024"),
        ("az://images/2024/", Buckets::Azure, "images", "2024/"),
    ] {
        let expected = SourcePlace::Cloud {
            of,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        };
        assert_eq!(source(text), Ok(expected), "{text}");
    }
    for text in ["s3://", "s3:///key", "gs://", "az:///key"] {
        let missing = source(text).unwrap_err().to_string();
        let advice = format!("write {}://BUCKET", &text[..2]);
        assert!(missing.contains(&advice), "{missing}");
    }
    assert!(matches!(source("s3://a b"), Err(PlaceError::BucketName(_))));
    assert!(matches!(
        source("https://bucket"),
        Err(PlaceError::NotASource(_))
    ));
    let url = "s3://images/2024".to_owned();
    assert_eq!(
        source("arn:aws:s3:::images/2024"),
        Err(PlaceError::BucketArn { url })
    );
}

#[test]
fn a_store_is_a_cloud_or_a_folder() {
    let store = |text: &str| text.parse::<StorePlace>();
    for (text, buckets) in [
        ("s3", Buckets::S3),
        ("s3://", Buckets::S3),
        ("gs://", Buckets::Google),
        ("az://", Buckets::Azure),
    ] {
        assert_eq!(store(text), Ok(StorePlace::Cloud(buckets)), "{text}");
    }
    for text in ["pictures", "file:pictures", "file://pictures"] {
        let folder = StorePlace::Folder(PathBuf::from("pictures"));
        assert_eq!(store(text), Ok(folder), "{text}");
    }
    let absolute = StorePlace::Folder(PathBuf::from("/srv/pictures"));
    assert_eq!(store("file:///srv/pictures"), Ok(absolute));
    for text in ["s3://bucket", "gs://bucket/prefix", "ftp://host"] {
        assert!(
            matches!(store(text), Err(PlaceError::NotAStore(_))),
            "{text}"
        );
    }
}

#[test]
fn a_folder_leads_to_its_bucket_and_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let text = |path: &str| format!("{}{path}", root.display());
    assert!(matches!(source(&text("")), Err(PlaceError::NotLocal(_))));
    fs::create_dir_all(root.join(".thimble/queue")).unwrap();
    for (path, bucket, prefix) in [
        ("", "images", ""),
        ("/images", "images", ""),
        ("/images/2024", "images", "2024"),
        ("/images/2024/", "images", "2024/"),
        ("/thumbnails/a/b", "thumbnails", "a/b"),
    ] {
        let expected = SourcePlace::Folder {
            root: root.to_owned(),
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        };
        assert_eq!(source(&text(path)), Ok(expected), "{path}");
    }
    assert_eq!(local_root(root).as_deref(), Ok(root));
    assert_eq!(
        local_root(&root.join(".thimble/queue")).as_deref(),
        Ok(root)
    );
    let nowhere = root.join("nowhere");
    assert!(matches!(local_root(&nowhere), Err(PlaceError::NoFolder(_))));
    assert!(matches!(
        queue_folder(&nowhere, "queue"),
        Err(PlaceError::NoFolder(_))
    ));
    let queue = root.join(".thimble/queue");
    assert!(matches!(
        queue_folder(&queue, "queue"),
        Err(PlaceError::NotAQueue(_))
    ));
    assert_eq!(queue_folder(root, "queue").as_deref(), Ok(queue.as_path()));
    let state = root.join(".thimble");
    for path in [root, &queue] {
        assert_eq!(queues_folder(path).as_deref(), Ok(state.as_path()));
    }
    assert!(matches!(
        queues_folder(&nowhere),
        Err(PlaceError::NoFolder(_))
    ));
}
