//! The two clouds, and clients of their buckets made from variables.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::list::PaginatedListStore;
use object_store::{
    BackoffConfig, ClientOptions, HeaderMap, HeaderValue, ObjectStore, RetryConfig,
};

use crate::text::excerpt;

/// Time for a connection to come about.
const CONNECT: Duration = Duration::from_secs(3);

/// Silence after which an answer is given up; a long body that comes is none.
const READ: Duration = Duration::from_secs(30);

/// Attempts at a request besides the first, with growing pauses. What lasts longer is the
/// queue's to try again.
const RETRIES: usize = 3;

/// A cloud with objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

/// The variables of the environment that configure a client.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, String>);

/// A cloud that the environment does not describe.
#[derive(Debug, thiserror::Error)]
#[error("{service} is not configured ({why}); {}", .service.advice())]
pub struct Unconfigured {
    service: Service,
    why: String,
}

/// A client of one bucket: all that is asked of one.
pub(super) trait Bucket: ObjectStore + PaginatedListStore {}

impl<T: ObjectStore + PaginatedListStore> Bucket for T {}

impl Variables {
    /// Those of this process whose names and values are text.
    pub fn of_environment() -> Self {
        let all = std::env::vars_os();
        all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Keys of the configuration of a client, from the variables whose names begin with `start`.
    fn keys<'a, K: std::str::FromStr>(
        &'a self,
        start: &'a str,
    ) -> impl Iterator<Item = (K, &'a str)> {
        let named = self
            .0
            .iter()
            .filter(move |(name, _)| name.starts_with(start));
        named.filter_map(|(name, value)| {
            Some((name.to_ascii_lowercase().parse().ok()?, value.as_str()))
        })
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Variables {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(pairs: T) -> Self {
        let pairs = pairs.into_iter();
        Self(
            pairs
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl Service {
    /// The client of a bucket, as `variables` describe the way to it.
    pub(super) fn bucket(
        self,
        variables: &Variables,
        name: &str,
    ) -> Result<Arc<dyn Bucket>, Unconfigured> {
        let made = match self {
            Self::Google => google(variables, name),
            Self::Azure => azure(variables, name),
        };
        made.map_err(|error| Unconfigured {
            service: self,
            why: excerpt(&error.to_string()),
        })
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Google => {
                "set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account, or run where \
                 there is one"
            }
            Self::Azure => {
                "set AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY, \
                 AZURE_STORAGE_SAS_TOKEN or AZURE_CLIENT_ID with AZURE_CLIENT_SECRET and \
                 AZURE_TENANT_ID, or run where there is a managed identity"
            }
        }
    }
}

fn google(variables: &Variables, name: &str) -> object_store::Result<Arc<dyn Bucket>> {
    // The variable of an emulator, as the clients of Google read it.
    let emulator = variables.get("STORAGE_EMULATOR_HOST").map(|host| {
        let scheme = if host.contains("://") { "" } else { "http://" };
        format!("{scheme}{}", host.trim_end_matches('/'))
    });
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_retry(retries())
        .with_client_options(options(emulator.as_deref()));
    for (key, value) in variables.keys("GOOGLE_") {
        builder = builder.with_config(key, value);
    }
    if let Some(emulator) = emulator {
        // It knows nobody, and asks for nothing.
        builder = builder.with_base_url(&emulator).with_bearer_token("");
    }
    Ok(Arc::new(builder.with_bucket_name(name).build()?))
}

fn azure(variables: &Variables, name: &str) -> object_store::Result<Arc<dyn Bucket>> {
    let endpoint = ["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"];
    let endpoint = endpoint.iter().find_map(|name| variables.get(name));
    let mut builder = MicrosoftAzureBuilder::new()
        .with_retry(retries())
        .with_client_options(options(endpoint));
    for (key, value) in variables.keys("AZURE_") {
        builder = builder.with_config(key, value);
    }
    if let Some(identity) = variables.get("IDENTITY_ENDPOINT") {
        builder = builder.with_msi_endpoint(identity);
    }
    Ok(Arc::new(builder.with_container_name(name).build()?))
}

/// Times of a client. What is not encrypted is spoken only where an endpoint asks for it.
fn options(endpoint: Option<&str>) -> ClientOptions {
    // Without it Google decodes what is stored as gzip, and says no length.
    let mut headers = HeaderMap::new();
    headers.insert("accept-encoding", HeaderValue::from_static("gzip"));
    ClientOptions::new()
        .with_connect_timeout(CONNECT)
        .with_read_timeout(READ)
        .with_timeout_disabled()
        .with_default_headers(headers)
        .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")))
}

fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: RETRIES,
        retry_timeout: 2 * READ,
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Google => "Google Cloud Storage",
            Self::Azure => "Azure Blob Storage",
        })
    }
}
