//! The endpoint of S3, and what is different at one that is not AWS's own.

use aws_config::SdkConfig;
use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_types::service_config::ServiceConfigKey;

/// The domains of AWS's own endpoints, in all of its partitions.
const OF_AWS: [&str; 9] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "amazonwebservices.com.cn",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];

/// The endpoint that is configured for S3: in code, for this service, or for
/// all services, in the SDK's own order.
pub(super) fn of_s3(config: &SdkConfig) -> Option<String> {
    let for_all = || config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return for_all();
    }
    setting(config, "AWS_ENDPOINT_URL", "endpoint_url").or_else(for_all)
}

/// Checksums of uploads at an endpoint that is not AWS's own: only those that
/// an operation cannot do without, because many stores refuse the headers of
/// the others. `None` leaves it to the SDK, as at AWS itself, and wherever a
/// user has decided.
pub(super) fn checksums(
    config: &SdkConfig,
    endpoint: Option<&str>,
) -> Option<RequestChecksumCalculation> {
    let is_foreign = endpoint.is_some_and(|endpoint| !is_of_aws(endpoint));
    let is_decided = || {
        let (variable, profile) = (
            "AWS_REQUEST_CHECKSUM_CALCULATION",
            "request_checksum_calculation",
        );
        setting(config, variable, profile).is_some()
    };
    (is_foreign && !is_decided()).then_some(RequestChecksumCalculation::WhenRequired)
}

/// A setting for S3 as the SDK finds it: a variable of the environment, or an
/// entry of the profile.
fn setting(config: &SdkConfig, variable: &str, profile: &str) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id("S3")
        .env(variable)
        .profile(profile)
        .build();
    config.service_config()?.load_config(key.ok()?)
}

fn is_of_aws(endpoint: &str) -> bool {
    let behind = endpoint
        .split_once("://")
        .map_or(endpoint, |(_, rest)| rest);
    let authority = behind.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = host
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    OF_AWS.iter().any(|domain| {
        host.strip_suffix(domain)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_of_aws_is_told_from_one_that_only_looks_like_it() {
        for own in [
            "https://s3.eu-central-1.amazonaws.com",
            "https://bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com/",
            "https://S3.CN-NORTH-1.amazonaws.com.cn:443",
            "https://s3.eusc-de-east-1.amazonaws.eu",
            "s3.dualstack.us-east-1.amazonaws.com",
        ] {
            assert!(is_of_aws(own), "{own}");
        }
        for foreign in [
            "http://127.0.0.1:4566",
            "https://account.r2.cloudflarestorage.com",
            "https://amazonaws.com.example.org",
            "https://notamazonaws.com",
            "https://minio.example/amazonaws.com",
            "https://amazonaws.com@minio.example",
            "",
        ] {
            assert!(!is_of_aws(foreign), "{foreign}");
        }
    }
}
