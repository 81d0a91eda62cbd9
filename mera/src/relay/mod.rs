//! `mera relay`.

mod options;

use crate::outlet::Outlet;
use crate::until_stopped::{asked_to_look_again, asked_to_stop};
use anyhow::Result;
use clap::Subcommand;
use mera_sync_server::{RelayDisk, RelayFault, RelayHandle, Rules, SharedLog, SharedRelay, start};
use options::{LogOptions, Options};
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::block_in_place;
use tokio::time::interval;

/// How often certificate and list of companies are read again when nobody asks for it.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Runs a relay, or says something about its folder.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Command {
    #[command(subcommand)]
    word: Option<Word>,
    #[command(flatten)]
    options: Option<Options>,
    #[command(flatten)]
    log: LogOptions,
}

#[derive(Subcommand)]
enum Word {
    /// Says once that a folder, or the log that relays share, was put back from a backup, before its relays are started: before the
    /// members of a company change, each of its devices is to call.
    Restored {
        /// The folder of a relay that keeps its own log.
        #[arg(long, required_unless_present = "log", conflicts_with = "log")]
        folder: Option<PathBuf>,
        #[command(flatten)]
        log: LogOptions,
    },
}

/// Does what was asked for.
pub async fn run(command: Command, outlet: Outlet) -> Result<()> {
    match (command.word, command.options) {
        (Some(Word::Restored { folder, log }), _) => restored(folder, log.place(), outlet).await,
        (None, Some(options)) => serve(options, &command.log, outlet).await,
        (None, None) => Err(anyhow::Error::msg("say where the relay keeps what it is given, with --folder")),
    }
}

async fn restored(folder: Option<PathBuf>, log: Option<SharedLog>, outlet: Outlet) -> Result<()> {
    let companies = match (folder, log) {
        (Some(folder), _) => block_in_place(|| RelayDisk::restored(&folder)).map_err(RelayFault::from)?,
        (None, Some(log)) => SharedRelay::restored(log).await.map_err(RelayFault::from)?,
        (None, None) => return Err(anyhow::Error::msg("say what was put back, with --folder or --log")),
    };
    let says = format!(
        "Noted. Start the relay: the members of its {companies} companies change once every device has called, or an administrator \
         goes on without the rest."
    );
    Ok(outlet.say(&says, &serde_json::json!({ "restored": { "companies": companies } }))?)
}

/// Runs until it is asked to stop.
async fn serve(options: Options, log: &LogOptions, outlet: Outlet) -> Result<()> {
    // Whoever asks it to stop while it starts is heard as soon as it has started.
    let (asked, mut again) = (asked_to_stop()?, asked_to_look_again()?);
    let config = options.config(log)?;
    let (plain, mut rules) = (config.tls.is_none(), config.rules.clone());
    let relay = start(config).await?;
    let (url, admin) = (relay.url(), relay.admin());
    if plain && !options.behind_proxy && !relay.address().ip().is_loopback() {
        tracing::warn!(
            "what devices send can be read on the way; give --tls-cert and --tls-key, or put a proxy before it"
        );
    }
    tracing::info!(address = %relay.address(), tls = !plain, "the relay listens");
    outlet.say(
        &format!("The relay listens at {url}; Ctrl-C stops it."),
        &serde_json::json!({ "relay": { "url": url, "address": relay.address(), "admin": admin } }),
    )?;
    let mut every = interval(LOOK_AGAIN);
    tokio::pin!(asked);
    loop {
        tokio::select! {
            () = &mut asked => break,
            () = again.next() => {}
            _ = every.tick() => {}
        }
        block_in_place(|| look_again(&relay, &options, &mut rules));
    }
    tracing::info!("the relay stops");
    relay.stop().await?;
    outlet.say("The relay has stopped; everything it took is on disk.", &serde_json::json!({ "stopped": true }))?;
    Ok(())
}

/// Takes a renewed certificate and a changed list. What cannot be used is told, and the old one stays in force.
fn look_again(relay: &RelayHandle, options: &Options, rules: &mut Rules) {
    match relay.renew_certificate() {
        Ok(true) => tracing::info!("the relay shows its new certificate"),
        Ok(false) => {}
        Err(cause) => tracing::error!(%cause, "the new certificate cannot be used; the old one stays in use"),
    }
    match options.rules() {
        Ok(new) if new != *rules => {
            relay.rule(new.clone());
            *rules = new;
            tracing::info!("the relay follows its new list of companies");
        }
        Ok(_) => {}
        Err(cause) => tracing::error!(%cause, "the new list of companies cannot be used; the old one stays in force"),
    }
}
