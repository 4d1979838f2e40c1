//! Pictures: thumbnails of the last images, and sources of dead letters.

use super::*;

async fn put(site: &Site, bucket: &str, key: &str, body: impl Into<Bytes>) {
    let location = Location::new(bucket, key);
    let new = NewObject::new(body);
    site.world.store.put(&location, new).await.unwrap();
}

#[tokio::test]
async fn a_thumbnail_is_shown_by_its_number_and_under_the_type_of_its_bytes() {
    let site = Site::new(Access::open()).await;
    site.image("cat.png", "png cat").await;
    let page = site.get("/").await;
    let address = between(&page, "<img src=\"", "\"").to_owned();
    assert!(address.starts_with("/picture/"), "{page}");
    assert!(page.contains("alt=\"small.png\""), "{page}");
    // The engine of the test makes texts, and they are no pictures whatever their names say.
    let answer = site.get(&address).await;
    assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
    put(&site, THUMBNAILS, "cat.png/small.png", PNG).await;
    let request = format!("GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let answer = site.ask_for_bytes(&request).await;
    assert!(answer.ends_with(PNG));
    let head = String::from_utf8_lossy(&answer).to_lowercase();
    assert!(head.contains("content-type: image/png\r\n"), "{head}");
    assert!(
        head.contains("content-security-policy: default-src 'none'; sandbox;"),
        "{head}"
    );
    assert!(head.contains("x-content-type-options: nosniff"), "{head}");
    let (folder, _) = address.rsplit_once('/').unwrap();
    for other in ["/9", "/x", "/-1", "/0/0", "/18446744073709551616"] {
        let answer = site.get(&format!("{folder}{other}")).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{other}: {answer}");
    }
}

#[tokio::test]
async fn a_picture_of_an_image_that_is_remembered_no_more_is_not_sent() {
    let site = Site::new(Access::open()).await;
    site.image("first.png", "png").await;
    put(&site, THUMBNAILS, "first.png/small.png", PNG).await;
    let page = site.get("/").await;
    let address = between(&page, "<img src=\"", "\"").to_owned();
    assert!(site.get(&address).await.starts_with("HTTP/1.1 200"));
    for number in 0..recent::IMAGES {
        site.image(&format!("{number}.png"), "png").await;
    }
    assert!(site.get(&address).await.starts_with("HTTP/1.1 404"));
}

/// Pictures that wait for their clients are in memory, and so there are no more of them.
#[tokio::test]
async fn a_picture_takes_its_place_until_it_is_sent() {
    let most = crate::page::pictures::AT_ONE_TIME;
    let site = Site::new(Access::open()).await;
    site.image("cat.png", "png cat").await;
    let mut large = PNG.to_vec();
    large.resize(7 << 20, 0);
    put(&site, THUMBNAILS, "cat.png/small.png", large).await;
    let page = site.get("/").await;
    let address = between(&page, "<img src=\"", "\"").to_owned();
    let request = format!("GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut clients = Vec::new();
    for _ in 0..most {
        let mut client = TcpStream::connect(site.address).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(client.read_u8().await.unwrap(), b'H');
        clients.push(client);
    }
    let free = || site.page.inner.pictures.available_permits();
    assert_eq!(free(), 0, "nobody has read a picture");
    drop(clients);
    while free() < most {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The picture of a letter, or the reason why there is none.
#[tokio::test]
async fn the_source_of_a_letter_is_shown_as_far_as_it_can_be() {
    let site = Site::new(Access::open()).await;
    let large = vec![0; (8 << 20) + 1];
    let sources: [(&str, &str, &[u8], &str); 6] = [
        (
            "drawn.png",
            "malformed",
            PNG,
            "as far as this browser draws it",
        ),
        ("huge.png", "huge", PNG, "Draw it in this browser"),
        ("trap.png", "trap", PNG, "Draw it in this browser"),
        (
            "photo.heic",
            "other",
            b"x",
            "No picture: browsers do not draw this format",
        ),
        ("empty.png", "malformed", b"", "No picture: it is empty"),
        (
            "large.png",
            "malformed",
            &large,
            "No picture: it has more than 8 MiB",
        ),
    ];
    for (key, body, bytes, words) in sources {
        site.image(key, body).await;
        put(&site, IMAGES, key, bytes.to_vec()).await;
        let page = site.get("/letters").await;
        let letter = page.split("<li id=\"letter-").nth(1).unwrap_or_default();
        assert!(letter.contains(&format!("images/{key}")), "{key}: {letter}");
        assert!(letter.contains(words), "{key}: {letter}");
        if words.starts_with("No picture") {
            continue;
        }
        let address = between(letter, "\"/source/", "\"");
        let request = format!("GET /source/{address} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(site.ask_for_bytes(&request).await.ends_with(PNG), "{key}");
    }
    site.message("no event".to_owned()).await;
    assert!(
        site.get("/letters")
            .await
            .contains("No picture: the message names no image")
    );
}

#[tokio::test]
async fn a_page_of_html_is_no_picture_whatever_its_name() {
    let site = Site::new(Access::open()).await;
    site.image("page.png", "malformed").await;
    put(
        &site,
        IMAGES,
        "page.png",
        &b"<html><script>evil()</script>"[..],
    )
    .await;
    let page = site.get("/letters").await;
    let address = between(&page, "<img src=\"", "\"").to_owned();
    let answer = site.get(&address).await;
    assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
    assert!(!answer.contains("evil"), "{answer}");
}
