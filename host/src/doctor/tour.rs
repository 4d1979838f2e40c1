//! A round of checks in a cloud, in the order in which a request needs things.

use super::{Account, Finding, PATIENCE, QueueSettings, Source, bounded, clock, queue, source};
use crate::ports::ObjectStore;

/// The findings about an account, its queue at `url` and the buckets that are expected to
/// send to it.
pub async fn of_cloud(
    account: &dyn Account,
    objects: &dyn ObjectStore,
    url: Option<&str>,
    settings: &QueueSettings,
) -> Vec<Finding> {
    let mut findings = bounded("credentials", PATIENCE, signs(account)).await;
    if findings.iter().any(Finding::is_wrong) {
        findings.push(Finding::not_tried(
            "cloud",
            "nothing can be asked without credentials and a region",
        ));
        return findings;
    }
    let mut arn = None;
    if let Some(url) = url {
        let asked = async {
            let (found, named) = queue(account, url, settings).await;
            arn = named;
            found
        };
        findings.extend(bounded("queue", PATIENCE, asked).await);
    }
    findings.extend(sources(account, objects, url, arn.as_deref(), settings).await);
    findings.push(clock(account));
    findings
}

/// The findings about credentials and region.
async fn signs(account: &dyn Account) -> Vec<Finding> {
    let credentials = match account.credentials().await {
        Ok(()) => Finding::ok("credentials", "they are found"),
        Err(trouble) => trouble.found("credentials", "", ""),
    };
    let region = match account.region() {
        Some(region) => Finding::ok("region", region),
        None => Finding::wrong(
            "region",
            "no region is set",
            "set AWS_REGION to the region of the queue, such as AWS_REGION=eu-west-1",
        ),
    };
    vec![credentials, region]
}

async fn sources(
    account: &dyn Account,
    objects: &dyn ObjectStore,
    url: Option<&str>,
    arn: Option<&str>,
    settings: &QueueSettings,
) -> Vec<Finding> {
    if settings.buckets.is_empty() {
        let what = "no source bucket is named; name it with --bucket or in SOURCE_BUCKET";
        return vec![Finding::not_tried("bucket", what)];
    }
    let attributes = match url.filter(|_| arn.is_some()) {
        Some(url) => {
            let asked = tokio::time::timeout(PATIENCE, account.queue(url)).await;
            asked.ok().and_then(Result::ok)
        }
        None => None,
    };
    let mut findings = Vec::new();
    for bucket in &settings.buckets {
        let asked = Source {
            bucket,
            queue: arn,
            attributes: attributes.as_ref(),
        };
        findings.extend(bounded("bucket", PATIENCE, source(account, objects, &asked)).await);
    }
    findings
}
