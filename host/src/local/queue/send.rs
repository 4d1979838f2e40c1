//! Sending: contents reach the disk first, and names after them.

use std::io;
use std::time::SystemTime;

use super::inner::{Failure, Inner};
use super::message::{self, Content, Name};
use super::state::State;
use crate::local::files::{self, HalfWritten, Written};
use crate::ports::Outgoing;
use crate::text::with_causes;

/// A message that has its content and has yet to get its name.
pub(super) struct Begun {
    token: Option<String>,
    content: Content,
    /// `None` if one that says the same waits.
    file: Option<HalfWritten>,
}

impl Begun {
    /// Its content, to be brought to the disk.
    pub(super) fn written(&mut self) -> Option<Written> {
        self.file.as_mut()?.content()
    }
}

impl Inner {
    /// Write messages out of sight.
    pub(super) fn begin_to_send(&self, messages: Vec<Outgoing>) -> Vec<Result<Begun, Failure>> {
        let mut state = self.lock();
        if !self.is_owner()
            && let Err(error) = state.refresh(&self.messages, false)
        {
            tracing::warn!(
                error.message = with_causes(&error),
                "a queue could not be looked at"
            );
        }
        let begin = |outgoing| self.begin_one(&state, outgoing);
        messages.into_iter().map(begin).collect()
    }

    /// Write one message out of sight, unless one of its token waits and says the same.
    fn begin_one(&self, state: &State, outgoing: Outgoing) -> Result<Begun, Failure> {
        let token = outgoing.token.as_deref().map(message::token);
        let content = Content::from(outgoing);
        let file = match self.same(state, token.as_deref(), &content) {
            Some(_) => None,
            None => Some(self.write(&content)?),
        };
        Ok(Begun {
            token,
            content,
            file,
        })
    }

    fn write(&self, content: &Content) -> io::Result<HalfWritten> {
        let bytes = serde_json::to_vec(content)?;
        HalfWritten::write(&self.new, &bytes)
    }

    /// The message of this token and content that waits, if there is one.
    fn same(&self, state: &State, token: Option<&str>, content: &Content) -> Option<String> {
        let name = state.waiting(token?)?;
        let known = self.content(name).ok()?;
        (known == *content).then(|| name.id.clone())
    }

    /// Give messages that were brought to the disk their names.
    pub(super) fn send_begun(
        &self,
        messages: Vec<Result<Begun, Failure>>,
    ) -> Vec<Result<String, Failure>> {
        let mut state = self.lock();
        let send = |begun: Result<Begun, Failure>| self.send_one(&mut state, begun?);
        messages.into_iter().map(send).collect()
    }

    /// Give one message its name. If another of its token waits and says the same, that
    /// is enough; if it says something else, it is replaced.
    fn send_one(&self, state: &mut State, begun: Begun) -> Result<String, Failure> {
        let Begun {
            token,
            content,
            file,
        } = begun;
        if let Some(id) = self.same(state, token.as_deref(), &content) {
            return Ok(id);
        }
        let waiting = token.as_deref().and_then(|token| state.waiting(token));
        let waiting = waiting.cloned();
        let file = match file {
            Some(file) => file,
            // The one that said the same was handed out meanwhile.
            None => self.write(&content)?.synced()?,
        };
        let name = Name::new(SystemTime::now(), token);
        file.rename(&self.messages.join(name.to_string()))?;
        let id = name.id.clone();
        state.insert(name);
        if let Some(name) = waiting {
            self.remove(state, &name)?;
        }
        Ok(id)
    }

    /// Send one message at once, where one may block.
    pub(super) fn send_now(&self, message: Outgoing) -> Result<(), Failure> {
        for begun in self.begin_to_send(vec![message]) {
            let mut begun = begun?;
            begun.file = begun.file.map(HalfWritten::synced).transpose()?;
            for sent in self.send_begun(vec![Ok(begun)]) {
                sent?;
            }
        }
        Ok(files::sync_folder(&self.messages)?)
    }
}
