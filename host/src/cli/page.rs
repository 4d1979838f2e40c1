//! The status page of a command that works: its options, its beginning and its end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Failure, secret};
use crate::http::Server;
use crate::page::{Access, BOUNDS, Page, Parts};
use crate::report::MessageReport;
use crate::text::printable;

/// Time that browsers have at the end; they lose nothing but a page.
const CLOSING: Duration = Duration::from_secs(2);

/// Pause between two looks at the file of the token.
const POLL: Duration = Duration::from_secs(5);

/// Variable with the token, where no file is named.
const TOKEN: &str = "THIMBLE_PAGE_TOKEN";

/// Access to the status page.
#[derive(Debug, Args)]
pub(super) struct PageOptions {
    /// The file with the token of the status page: whoever shows it may redrive there. Another
    /// token in it counts within seconds. Without, THIMBLE_PAGE_TOKEN has it, or else the page is
    /// read only
    #[arg(long, value_name = "FILE")]
    page_token_file: Option<PathBuf>,

    /// Let everybody who can reach the status page look at it, without the token
    #[arg(long)]
    page_open: bool,

    /// A name that the status page may be called by, besides localhost and addresses, behind a
    /// proxy for instance; may be given several times
    #[arg(long, value_name = "NAME")]
    page_name: Vec<String>,
}

/// A status page that has its address, and shows nothing yet.
pub(super) struct Door {
    server: Server,
    access: Access,
    address: SocketAddr,
    /// The file with the token and the word that it had, if a file has it.
    token: Option<(PathBuf, String)>,
}

/// A status page that is shown.
pub(super) struct Shown {
    page: Page,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    following: Option<JoinHandle<()>>,
}

impl PageOptions {
    /// Take the address that was given with `option`, if one was.
    pub(super) async fn door(
        &self,
        option: &str,
        address: Option<SocketAddr>,
    ) -> Result<Option<Door>, Failure> {
        let Some(address) = address else {
            return self.refuse_without(option);
        };
        let token = secret::word(self.page_token_file.as_deref(), TOKEN)?;
        let access = self.access(address, token.as_deref())?;
        let server = Server::bind(address, BOUNDS).await.map_err(|error| {
            Failure::Usage(format!(
                "{option} cannot listen at {address}; choose another address or port: {error}"
            ))
        })?;
        let address = server.address()?;
        Ok(Some(Door {
            server,
            access,
            address,
            token: self.page_token_file.clone().zip(token),
        }))
    }

    fn refuse_without(&self, option: &str) -> Result<Option<Door>, Failure> {
        let is_asked_for =
            self.page_token_file.is_some() || self.page_open || !self.page_name.is_empty();
        if is_asked_for {
            return Err(Failure::Usage(format!(
                "there is no status page to have options; say {option} as well"
            )));
        }
        Ok(None)
    }

    fn access(&self, address: SocketAddr, token: Option<&str>) -> Result<Access, Failure> {
        let is_open = self.page_open || address.ip().is_loopback();
        let access = match token {
            Some(token) => Access::with_token(token, is_open),
            None if is_open => Access::open(),
            None => {
                return Err(Failure::Usage(format!(
                    "others can reach {address}; set {TOKEN} or --page-token-file, or say --page-open"
                )));
            }
        };
        let mut names = self.page_name.iter();
        if let Some(name) = names.find(|name| name.contains(['/', ':'])) {
            return Err(Failure::Usage(format!(
                "--page-name is a name alone, such as thumbs.example, without scheme and port: {}",
                printable(name)
            )));
        }
        Ok(access.called(self.page_name.clone()))
    }
}

impl Door {
    /// The address, for a browser.
    pub(super) fn address(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Show `parts` from now on.
    pub(super) fn open(self, parts: Parts) -> Shown {
        let page = Page::new(parts, self.access);
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(page.clone().serve(self.server, stopped));
        let follow = |(file, known)| tokio::spawn(follow(file, known, page.clone()));
        Shown {
            following: self.token.map(follow),
            page,
            stop,
            serving,
        }
    }
}

/// Let `page`, which asks for the token `known`, ask for the one that is in `file`, as long as
/// there is one.
async fn follow(file: PathBuf, mut known: String, page: Page) {
    loop {
        tokio::time::sleep(POLL).await;
        let Some(word) = read(&file).await.filter(|word| *word != known) else {
            continue;
        };
        page.renew(&word);
        tracing::info!("the status page has another token; sessions of the one before are over");
        known = word;
    }
}

/// The token in `file`: none while it is replaced.
async fn read(file: &Path) -> Option<String> {
    let file = file.to_owned();
    let word = move || secret::word(Some(&file), TOKEN).ok().flatten();
    tokio::task::spawn_blocking(word).await.ok().flatten()
}

impl Shown {
    /// A listener that the page hears through.
    pub(super) fn listener(&self) -> impl Fn(&MessageReport) + Send + Sync + use<> {
        let page = self.page.clone();
        move |report| page.hear(report)
    }

    /// End what goes on there.
    pub(super) async fn end(self) {
        drop(self.stop);
        if let Some(following) = self.following {
            following.abort();
        }
        let abort = self.serving.abort_handle();
        if tokio::time::timeout(CLOSING, self.serving).await.is_err() {
            abort.abort();
        }
    }
}
