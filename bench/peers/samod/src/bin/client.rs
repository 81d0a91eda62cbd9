//! A repository of samod with a document for each record, in files. It is told what to do, one JSON object a line, and says when it is done.

use anyhow::{Context, Result, bail};
use automerge::transaction::Transactable;
use automerge::{Automerge, AutomergeError, ObjId, ObjType, ROOT, ReadDoc};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use samod::storage::TokioFilesystemStorage;
use samod::{BackoffConfig, DialError, Dialer, DialerHandle, DocHandle, DocumentId, Repo, Transport, Url};
use samod_peer::say;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// The field that is changed.
const FIELD: &str = "outcome_reason";
/// Documents made, or asked for, at the same time.
const AT_A_TIME: usize = 500;

#[tokio::main]
async fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let folder = words.next().context("say where documents are kept")?;
    let server = words.next().context("say where the server is")?;
    let repo = Repo::build_tokio().with_storage(TokioFilesystemStorage::new(folder)).load().await;
    let mut desk = Desk { repo, server, line: None, documents: HashMap::new(), awaited: Arc::default() };
    let mut told = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(tokio::io::stdin()));
    while let Some(line) = told.next_line().await? {
        let word: Value = serde_json::from_str(&line)?;
        match desk.obey(&word).await {
            Ok(()) => say(&json!({ "done": word["do"] }))?,
            Err(fault) => say(&json!({ "failed": word["do"], "says": format!("{fault:#}") }))?,
        }
    }
    Ok(())
}

/// Values that come one by one.
#[derive(Default)]
struct Awaited {
    missing: Mutex<(HashSet<String>, String)>,
    whole: Notify,
}

impl Awaited {
    fn missing(&self) -> MutexGuard<'_, (HashSet<String>, String)> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn came(&self, id: &str, value: Option<&str>) {
        let mut missing = self.missing();
        if value == Some(&missing.1) && missing.0.remove(id) && missing.0.is_empty() {
            self.whole.notify_one();
        }
    }
}

struct Desk {
    repo: Repo,
    server: String,
    line: Option<DialerHandle<std::io::Error>>,
    documents: HashMap<String, DocHandle>,
    awaited: Arc<Awaited>,
}

impl Desk {
    async fn obey(&mut self, word: &Value) -> Result<()> {
        match word["do"].as_str() {
            Some("fill") => self.fill(text(word, "work")?, text(word, "ids")?).await,
            Some("connect") => self.connect(),
            Some("disconnect") => {
                self.line.take().context("there is no line")?.close();
                Ok(())
            }
            Some("change") => self.change(&ids(word)?, text(word, "value")?).await,
            Some("await") => self.until(ids(word)?, text(word, "value")?).await,
            Some("know") => self.know(text(word, "ids")?).await,
            Some("holds") => {
                let count = word["count"].as_u64().context("how many?")?;
                if (self.documents.len() as u64) < count {
                    bail!("{} documents are here", self.documents.len());
                }
                Ok(())
            }
            _ => bail!("nobody has told what that is"),
        }
    }

    async fn fill(&mut self, work: &str, ids: &str) -> Result<()> {
        let records = BufReader::new(File::open(work)?).lines().map(|line| record(&line?));
        let records: Vec<(String, Automerge)> = records.collect::<Result<_>>()?;
        let repo = self.repo.clone();
        let made = stream::iter(records).map(|(id, doc)| {
            let repo = repo.clone();
            async move { anyhow::Ok((id, repo.create(doc).await?)) }
        });
        let made: Vec<(String, DocHandle)> = made.buffer_unordered(AT_A_TIME).try_collect().await?;
        let known = made.iter().map(|(id, document)| (id.clone(), document.document_id().to_string().into()));
        fs::write(ids, Value::Object(known.collect::<Map<_, _>>()).to_string())?;
        made.into_iter().for_each(|(id, document)| self.hold(id, document));
        Ok(())
    }

    fn hold(&mut self, id: String, document: DocHandle) {
        let (awaited, watched, name) = (self.awaited.clone(), document.clone(), id.clone());
        let mut changes = document.changes();
        self.documents.insert(id, document);
        tokio::spawn(async move {
            while changes.next().await.is_some() {
                awaited.came(&name, value(&watched).as_deref());
            }
        });
    }

    fn connect(&mut self) -> Result<()> {
        let dialer = Server(self.server.trim_start_matches("ws://").to_owned());
        self.line = Some(self.repo.dial(BackoffConfig::default(), Arc::new(dialer))?);
        Ok(())
    }

    async fn change(&self, ids: &[String], value: &str) -> Result<()> {
        for id in ids {
            let document = self.documents.get(id).with_context(|| format!("{id} is not here"))?;
            let value = value.to_owned();
            let change = move |doc: &mut Automerge| {
                doc.transact::<_, _, AutomergeError>(|tx| tx.put(ROOT, FIELD, value))
                    .map(|_| ())
                    .map_err(|fault| fault.error)
            };
            document.with_document_async(change).await??;
        }
        Ok(())
    }

    async fn until(&self, ids: Vec<String>, wanted: &str) -> Result<()> {
        *self.awaited.missing() = (ids.iter().cloned().collect(), wanted.to_owned());
        for id in &ids {
            let document = self.documents.get(id).with_context(|| format!("{id} is not here"))?;
            self.awaited.came(id, value(document).as_deref());
        }
        while !self.awaited.missing().0.is_empty() {
            self.awaited.whole.notified().await;
        }
        Ok(())
    }

    /// Nobody can ask this server what there is; the application brings the list.
    async fn know(&mut self, ids: &str) -> Result<()> {
        let known: Map<String, Value> = serde_json::from_str(&fs::read_to_string(ids)?)?;
        let repo = self.repo.clone();
        // A document that is asked for before there is a line is not found.
        self.line
            .as_ref()
            .context("there is no line")?
            .established()
            .await
            .map_err(|fault| anyhow::anyhow!("{fault:?}"))?;
        let found = stream::iter(known).map(|(id, document)| {
            let repo = repo.clone();
            async move {
                let name: DocumentId = document.as_str().context("a name")?.parse()?;
                let document = repo.find(name).await?.with_context(|| format!("the server has no {id}"))?;
                anyhow::Ok((id, document))
            }
        });
        let found: Vec<(String, DocHandle)> = found.buffer_unordered(AT_A_TIME).try_collect().await?;
        found.into_iter().for_each(|(id, document)| self.hold(id, document));
        Ok(())
    }
}

/// The server over TCP. samod's own dialer lets small messages wait for more to send; nobody who measures time would.
struct Server(String);

impl Dialer for Server {
    type Error = std::io::Error;

    fn url(&self) -> Url {
        Url::parse(&format!("tcp://{}", self.0)).expect("an address of this machine is one")
    }

    fn connect(&self) -> BoxFuture<'static, Result<Transport, DialError<Self::Error>>> {
        let address = self.0.clone();
        async move {
            let stream = TcpStream::connect(address).await.map_err(DialError::transient)?;
            stream.set_nodelay(true).map_err(DialError::transient)?;
            Ok(Transport::from_tokio_io(stream))
        }
        .boxed()
    }
}

fn value(document: &DocHandle) -> Option<String> {
    document.with_document(|doc| doc.get(ROOT, FIELD).ok().flatten()?.0.as_str().map(str::to_owned))
}

/// A record as a document, and its identity.
fn record(line: &str) -> Result<(String, Automerge)> {
    let mut fields: Map<String, Value> = serde_json::from_str(line)?;
    let id = fields.remove("id").and_then(|id| id.as_str().map(str::to_owned)).context("a record without identity")?;
    let mut doc = Automerge::new();
    doc.transact::<_, _, AutomergeError>(|tx| write(tx, &ROOT, &fields)).map_err(|fault| fault.error)?;
    Ok((id, doc))
}

fn write(tx: &mut impl Transactable, into: &ObjId, fields: &Map<String, Value>) -> Result<(), AutomergeError> {
    for (name, value) in fields {
        match value {
            Value::Array(items) => {
                let list = tx.put_object(into, name, ObjType::List)?;
                for (at, item) in items.iter().enumerate() {
                    let map = tx.insert_object(&list, at, ObjType::Map)?;
                    item.as_object().map_or(Ok(()), |item| write(tx, &map, item))?;
                }
            }
            Value::String(text) => tx.put(into, name, text.as_str())?,
            other => tx.put(into, name, other.to_string())?,
        }
    }
    Ok(())
}

fn text<'a>(word: &'a Value, name: &str) -> Result<&'a str> {
    word[name].as_str().with_context(|| format!("{name} is not told"))
}

fn ids(word: &Value) -> Result<Vec<String>> {
    let ids = word["ids"].as_array().context("ids are not told")?;
    ids.iter().map(|id| id.as_str().map(str::to_owned).context("an id that is none")).collect()
}
