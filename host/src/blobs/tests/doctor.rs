//! Mistakes that are planted in the clouds and found by the doctor, each with a way to mend it:
//! in a server of ours that speaks as Google does, and in the Azurite of the environment.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use ring::hmac;

use super::google::Faults;
use super::*;
use crate::doctor::planted::{self, Mistake, assert_named};
use crate::doctor::{self, Finding, Kind, Probe};
use crate::ports::Storage;
use crate::testing::environment::tested_over;

/// A deployment as it should be, for a mistake to be planted in.
struct Patient {
    kind: Kind,
    store: Blobs,
    sources: &'static str,
    thumbnails: &'static str,
    needs_conditions: bool,
}

impl Patient {
    fn probe(&self) -> Probe {
        Probe {
            kind: self.kind,
            at: Location::new(
                self.thumbnails,
                format!("thimble-doctor-{:016x}/small.png", fastrand::u64(..)),
            ),
            storage: Storage::default(),
            needs_conditions: self.needs_conditions,
        }
    }

    async fn examine(&self, probe: &Probe) -> Vec<Finding> {
        let buckets = [self.sources.to_owned()];
        let mut findings = doctor::sources(&self.store, self.kind, &buckets).await;
        findings.extend(doctor::probe(&self.store, None, probe).await);
        findings
    }
}

/// Assert that all is as it should be, the notifications apart, of which a cloud tells nothing.
#[track_caller]
fn assert_well(mut findings: Vec<Finding>) {
    findings.retain(|found| found.check != "notification");
    let checks = [
        "bucket",
        "read",
        "write",
        "clock",
        "checksums",
        "conditional-writes",
    ];
    planted::assert_well(&findings, &checks);
}

fn of_google(google: &Google) -> Patient {
    google.keep("images", "cat.png");
    Patient {
        kind: Kind::Google,
        store: google.store(),
        sources: "images",
        thumbnails: "images",
        needs_conditions: true,
    }
}

/// Something that a plant changes.
struct Planted {
    faults: Faults,
    patient: Patient,
}

impl Planted {
    fn refuse(&mut self, method: Method, status: u16, code: &'static str) {
        self.faults.refused = Some((method, status, code));
    }
}

const OF_GOOGLE: [Mistake<Planted>; 11] = [
    (
        |it| it.patient.sources = "nowhere",
        "bucket",
        "the bucket nowhere does not exist",
        "create it",
    ),
    (
        |it| it.patient.thumbnails = "nowhere",
        "thumbnails",
        "no such bucket",
        "THUMBNAILS_BUCKET",
    ),
    (
        |it| it.refuse(Method::GET, 403, "AccessDenied"),
        "read",
        "images of images cannot be read",
        "roles/storage.objectViewer on gs://images",
    ),
    (
        |it| it.refuse(Method::GET, 403, "AccessDenied"),
        "read",
        "thumbnails of images cannot be read",
        "roles/storage.objectViewer",
    ),
    (
        |it| it.refuse(Method::PUT, 403, "AccessDenied"),
        "write",
        "cannot be written to",
        "roles/storage.objectUser on gs://images",
    ),
    (
        |it| it.refuse(Method::PUT, 401, "AuthenticationRequired"),
        "credentials",
        "the credentials are refused",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ),
    (
        |it| it.refuse(Method::PUT, 403, "RequestTimeTooSkewed"),
        "clock",
        "refused for their time",
        "NTP",
    ),
    (
        |it| it.refuse(Method::DELETE, 403, "AccessDenied"),
        "remove",
        "thimble-doctor-",
        "remove it yourself",
    ),
    (
        |it| it.faults.ahead = 3_600,
        "clock",
        "s behind the store",
        "NTP",
    ),
    (
        |it| it.faults.ahead = -900,
        "clock",
        "s ahead of the store",
        "NTP",
    ),
    (
        |it| it.faults.is_heedless = true,
        "conditional-writes",
        "ignores the header If-None-Match",
        "heeds If-Match",
    ),
];

#[tokio::test]
async fn every_mistake_of_google_is_named_with_a_way_to_mend_it() {
    let google = Google::start(1_000).await;
    let patient = of_google(&google);
    let probe = patient.probe();
    assert_well(patient.examine(&probe).await);
    assert!(!google.has("images", &probe.at.key), "it is removed");
    for (plant, check, what, mend) in OF_GOOGLE {
        let google = Google::start(1_000).await;
        let mut planted = Planted {
            faults: Faults::default(),
            patient: of_google(&google),
        };
        plant(&mut planted);
        let Planted { faults, patient } = planted;
        google.fail(faults);
        let findings = patient.examine(&patient.probe()).await;
        assert_named(&findings, check, what, mend);
    }
}

#[tokio::test]
async fn a_cloud_that_is_not_asked_for_what_no_host_needs_is_not_wrong() {
    let google = Google::start(1_000).await;
    let patient = of_google(&google);
    google.fail(Faults {
        unlisted: true,
        ..Faults::default()
    });
    let findings = patient.examine(&patient.probe()).await;
    assert!(!findings.iter().any(Finding::is_wrong), "{findings:#?}");
    let is_told = |found: &Finding| {
        let told = serde_json::to_value(found).unwrap();
        told["result"] == "not-tried" && found.check == "read"
    };
    assert!(findings.iter().any(is_told), "{findings:#?}");
}

#[tokio::test]
async fn a_cloud_that_is_nowhere_is_told_with_its_endpoint() {
    let nowhere = [("STORAGE_EMULATOR_HOST", "127.0.0.1:1")];
    let patient = Patient {
        kind: Kind::Google,
        store: Blobs::new(Service::Google, nowhere.into_iter().collect()).unwrap(),
        sources: "images",
        thumbnails: "images",
        needs_conditions: false,
    };
    let findings = doctor::probe(&patient.store, None, &patient.probe()).await;
    assert_named(
        &findings,
        "store",
        "could not be reached",
        "STORAGE_EMULATOR_HOST",
    );
}

/// Credentials and containers of Azure.
struct Azure {
    account: String,
    key: String,
    endpoint: String,
    /// Permissions of a signature in the place of the key, and the end of its time.
    signature: Option<(&'static str, &'static str)>,
    sources: &'static str,
    thumbnails: &'static str,
}

impl Azure {
    /// `None` says that there is no emulator.
    fn well() -> Option<Self> {
        Some(Self {
            account: tested_over("Azure", "AZURE_STORAGE_ACCOUNT_NAME")?,
            key: std::env::var("AZURE_STORAGE_ACCOUNT_KEY").unwrap(),
            endpoint: std::env::var("AZURE_STORAGE_ENDPOINT").unwrap(),
            signature: None,
            sources: "images",
            thumbnails: "thumbnails",
        })
    }

    fn store(&self) -> Blobs {
        let signature = self
            .signature
            .map(|(permissions, end)| self.sign(permissions, end));
        let secret = match &signature {
            Some(signature) => ("AZURE_STORAGE_SAS_TOKEN", signature),
            None => ("AZURE_STORAGE_ACCOUNT_KEY", &self.key),
        };
        let variables = [
            ("AZURE_STORAGE_ACCOUNT_NAME", &self.account),
            ("AZURE_STORAGE_ENDPOINT", &self.endpoint),
            secret,
        ];
        let variables = variables.map(|(name, value)| (name, value.as_str()));
        Blobs::new(Service::Azure, variables.into_iter().collect()).unwrap()
    }

    /// A signature for the account, as Azure makes one.
    fn sign(&self, permissions: &str, end: &str) -> String {
        let parts = [
            &self.account,
            permissions,
            "b",
            "co",
            "",
            end,
            "",
            "https,http",
            "2019-12-12",
        ];
        let text: String = parts.iter().map(|part| format!("{part}\n")).collect();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(&self.key).unwrap());
        let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
        let signature = signature
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        let end = end.replace(':', "%3A");
        format!(
            "sv=2019-12-12&ss=b&srt=co&sp={permissions}&se={end}&spr=https%2Chttp&sig={signature}"
        )
    }
}

const LATER: &str = "2099-01-01T00:00:00Z";

const OF_AZURE: [Mistake<Azure>; 9] = [
    (
        |it| it.key = STANDARD.encode("another key"),
        "credentials",
        "the credentials are refused",
        "AZURE_STORAGE_ACCOUNT_KEY",
    ),
    (
        |it| it.signature = Some(("rwdlac", "2020-01-01T00:00:00Z")),
        "credentials",
        "the credentials are refused",
        "AZURE_STORAGE_SAS_TOKEN",
    ),
    (
        |it| it.account = "another".to_owned(),
        "credentials",
        "",
        "AZURE_STORAGE_ACCOUNT_NAME",
    ),
    (
        |it| it.sources = "nowhere",
        "bucket",
        "the container nowhere does not exist",
        "create it",
    ),
    (
        |it| it.thumbnails = "nowhere",
        "thumbnails",
        "no such bucket",
        "create the container",
    ),
    (
        |it| it.signature = Some(("rl", LATER)),
        "write",
        "cannot be written to",
        "`Storage Blob Data Contributor` at the container thumbnails",
    ),
    (
        |it| it.signature = Some(("wdlc", LATER)),
        "read",
        "thumbnails of thumbnails cannot be read",
        "`Storage Blob Data Reader`",
    ),
    (
        |it| it.signature = Some(("rwlc", LATER)),
        "remove",
        "thimble-doctor-",
        "remove it yourself",
    ),
    (
        |it| it.endpoint = "http://127.0.0.1:1/thimble".to_owned(),
        "store",
        "could not be reached",
        "AZURE_STORAGE_ENDPOINT",
    ),
];

#[tokio::test]
async fn every_mistake_of_azure_is_named_with_a_way_to_mend_it() {
    let Some(azure) = Azure::well() else {
        return;
    };
    let all = azure.store();
    let cat = Location::new("images", "doctor/cat.png");
    all.put(&cat, NewObject::new("cat")).await.unwrap();
    let patient = |azure: &Azure| Patient {
        kind: Kind::Azure,
        store: azure.store(),
        sources: azure.sources,
        thumbnails: azure.thumbnails,
        needs_conditions: true,
    };
    let well = patient(&azure);
    let probe = well.probe();
    assert_well(well.examine(&probe).await);
    assert!(all.head(&probe.at).await.is_err(), "it is removed");
    for (plant, check, what, mend) in OF_AZURE {
        let mut azure = Azure::well().unwrap();
        plant(&mut azure);
        let patient = patient(&azure);
        let probe = patient.probe();
        assert_named(&patient.examine(&probe).await, check, what, mend);
        let _ = all.delete(&probe.at).await;
    }
}

/// Azure tells by its answer that a signature is too old.
#[tokio::test]
async fn a_clock_that_azure_refuses_is_told() {
    let refusal = "<Error><Code>AuthenticationFailed</Code><Message>Request date header too old: \
                   'Mon, 30 Nov 2026 07:53:24 GMT'</Message></Error>";
    let server = Google::answering(403, refusal.to_owned()).await;
    let azure = Azure {
        account: "thimble".to_owned(),
        key: STANDARD.encode("a key"),
        endpoint: format!("http://{}/thimble", server.address()),
        signature: None,
        sources: "images",
        thumbnails: "thumbnails",
    };
    let patient = Patient {
        kind: Kind::Azure,
        store: azure.store(),
        sources: azure.sources,
        thumbnails: azure.thumbnails,
        needs_conditions: false,
    };
    let findings = patient.examine(&patient.probe()).await;
    assert_named(&findings, "clock", "refused for their time", "NTP");
}
