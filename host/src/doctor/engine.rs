//! The engine: keys that are believed, the channel, and the presets that it has to make.

use super::Finding;
use crate::engines::{ChannelFetch, ChannelName, EngineStore, WithoutKey};
use crate::error::with_causes;
use crate::service::{Plan, Service, StartError};
use crate::trust::Trust;

/// A finding about the keys of a host that follows a channel.
pub fn keys(trust: &Trust, without_key: WithoutKey) -> Finding {
    let check = "keys";
    if trust.asks_for_signatures() {
        return Finding::ok(check, "engines are believed by their signatures");
    }
    match without_key {
        WithoutKey::Compile => Finding::ok(
            check,
            "no key is configured: the engine of the channel is believed whoever wrote it, and \
             compiled here",
        ),
        WithoutKey::Refuse => Finding::wrong(
            check,
            "there is an engine store and no key, and ENGINE_UNSIGNED=refuse: no engine is ever \
             taken from it",
            "set ENGINE_KEYS to the public key that `thimble engine keygen` told",
        ),
    }
}

/// A finding about a channel and the engine that it names.
pub async fn channel(store: &EngineStore, name: &ChannelName, trust: &Trust) -> Finding {
    let check = "channel";
    let error = match store.fetch_channel(name, trust, None).await {
        Ok(ChannelFetch::Read(read)) => {
            let current = &read.channel.current;
            match store.release(current, trust).await {
                Ok(release) => match store.wasm(&release.get().wasm).await {
                    Ok(_) => return Finding::ok(check, format!("{name} names {current}")),
                    Err(error) => error,
                },
                Err(error) => error,
            }
        }
        Ok(ChannelFetch::NotFound | ChannelFetch::NotModified) => {
            return Finding::wrong(
                check,
                format!("the engine store {store} has no channel {name}"),
                "make an engine live with `thimble engine promote latest`, or name the right \
                 channel in ENGINE_CHANNEL",
            );
        }
        Err(error) => error,
    };
    let mend = match error.kind() {
        "signature" => {
            "add the public key of its author to ENGINE_KEYS, or sign it anew: `thimble engine \
             publish` and `thimble engine promote` with a key that is believed here"
        }
        "store" => {
            "allow this host to read the engine store, and look at its place in ENGINE_STORE"
        }
        "format" => "run a newer version here",
        _ => {
            "publish the engine again, and promote it; `thimble engine verify` tells what is damaged"
        }
    };
    Finding::wrong(check, with_causes(&error), mend)
}

/// A finding about the host that `plan` describes: its engine is loaded, and tries every
/// preset.
pub async fn presets(plan: Plan) -> Finding {
    let check = "presets";
    let sets = plan.settings.recipes.sets();
    let count = sets.iter().map(Vec::len).sum::<usize>();
    match Service::start(plan).await {
        Ok(service) => Finding::ok(check, format!("{} makes {count} presets", service.engine)),
        Err(error) => {
            let mend = match &error {
                StartError::Engine(_) | StartError::Store(_) => {
                    "change the preset in PRESETS or in the configuration file, or take an engine \
                     that can make it: `thimble help formats` tells what an engine can"
                }
                StartError::NoEngine => {
                    "name an engine with --engine or in THIMBLE_ENGINE, or a store in ENGINE_STORE"
                }
                StartError::Runtime(_) => {
                    "give the host more address space (ulimit -v), or another machine"
                }
            };
            Finding::wrong(check, with_causes(&error), mend)
        }
    }
}
