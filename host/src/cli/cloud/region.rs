//! The region of a queue, by its URL.

/// Reason why requests would not reach what they are for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RegionError {
    #[error(
        "the queue is in {queue}, but the region is {configured}; set AWS_REGION={queue} and try \
         again"
    )]
    Other { queue: String, configured: String },
    #[error("no region is set; set AWS_REGION, such as AWS_REGION={0}")]
    None(String),
}

/// The region that the URL of a queue names, if it is one of AWS itself.
fn of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split('/').next()?;
    let labels: Vec<&str> = host.split('.').collect();
    match labels.as_slice() {
        ["sqs" | "sqs-fips", region, "amazonaws", ..] => Some(region),
        [region, "queue", "amazonaws", ..] => Some(region),
        _ => None,
    }
}

/// Check that requests for the queue at `url` go where it is.
pub(super) fn check(url: &str, configured: Option<&str>) -> Result<(), RegionError> {
    match (of(url), configured) {
        (queue, None) => Err(RegionError::None(queue.unwrap_or("eu-west-1").to_owned())),
        (Some(queue), Some(configured)) if queue != configured => Err(RegionError::Other {
            queue: queue.to_owned(),
            configured: configured.to_owned(),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_of_a_queue_is_that_of_its_url() {
        for (url, region) in [
            ("https://sqs.eu-west-1.amazonaws.com/1/q", Some("eu-west-1")),
            (
                "https://sqs.cn-north-1.amazonaws.com.cn/1/q",
                Some("cn-north-1"),
            ),
            (
                "https://us-east-2.queue.amazonaws.com/1/q",
                Some("us-east-2"),
            ),
            ("http://127.0.0.1:4566/1/q", None),
            (
                "http://sqs.us-east-1.localhost.localstack.cloud:4566/1/q",
                None,
            ),
        ] {
            assert_eq!(of(url), region, "{url}");
        }
        let ours = "https://sqs.eu-west-1.amazonaws.com/1/q";
        assert_eq!(check(ours, Some("eu-west-1")), Ok(()));
        let wrong = check(ours, Some("us-east-1")).unwrap_err();
        assert!(wrong.to_string().contains("set AWS_REGION=eu-west-1"));
        let none = check(ours, None).unwrap_err();
        assert!(none.to_string().contains("AWS_REGION=eu-west-1"));
        assert_eq!(check("http://127.0.0.1:4566/1/q", Some("x")), Ok(()));
    }
}
