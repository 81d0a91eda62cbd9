//! samod as a sync server: it gives a document to whoever asks for it by its identity, and keeps all of them in files.

use anyhow::{Context, Result};
use samod::storage::TokioFilesystemStorage;
use samod::{Repo, ShareConfig, Url};
use samod_peer::say;
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("say where documents are kept")?;
    let storage = TokioFilesystemStorage::new(folder);
    let policy = ShareConfig::read_write().with_announce(false);
    let repo = Repo::build_tokio().with_storage(storage).with_share_policy(policy).load().await;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let guests = repo.make_acceptor(Url::parse(&format!("tcp://127.0.0.1:{port}"))?)?;
    say(&json!({ "port": port }))?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        guests.accept_tokio_io(stream)?;
    }
}
