//! A company on one machine: a relay, and a device for each person.

use crate::person::Person;
use futures_util::future::select_all;
use mera_device::{Arriving, Device, Engine, Founding, Returning, join, recover};
use mera_device_api::{Answer, ClashRow, Done, NewItem, RecordPage, Refused, Reply, Request, SyncStatus};
use mera_schema::{AnyRecord, Desk, Edit, ItemId, RecordKind, RecordRef};
use mera_sync_server::{RelayConfig, RelayHandle, start};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::timeout;

/// What takes longer than this will not come.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Company {
    pub devices: Vec<Device>,
    /// The company's recovery code, once it is founded.
    pub recovery_code: String,
    folder: TempDir,
    address: SocketAddr,
    relay: Option<RelayHandle>,
}

impl Company {
    pub async fn of(people: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut company = Self { devices: Vec::new(), recovery_code: String::new(), folder, address, relay: None };
        company.start_relay().await;
        for person in people {
            company.join(person).await;
        }
        company
    }

    pub async fn start_relay(&mut self) {
        let folder = self.folder.path().join("relay");
        let relay = start(RelayConfig::new(self.address, folder)).await.unwrap();
        self.address = relay.address();
        self.relay = Some(relay);
    }

    pub async fn stop_relay(&mut self) {
        self.relay.take().unwrap().stop().await.unwrap();
    }

    pub fn lose_the_relays_disk(&self) {
        std::fs::remove_dir_all(self.folder.path().join("relay")).unwrap();
    }

    /// Where the relay keeps what it is given.
    pub fn relay_folder(&self) -> PathBuf {
        self.folder.path().join("relay")
    }

    /// Where everybody's devices save files.
    pub fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }

    fn world(&self) -> Arc<Person> {
        Arc::new(Person { saves_into: self.downloads() })
    }

    /// The relay is stopped, and its disk is that of a copy which was made earlier.
    pub fn set_the_relays_disk_back(&self, copy: &Path) {
        self.lose_the_relays_disk();
        copy_files(copy, &self.relay_folder());
    }

    /// The relay is stopped, and its disk is copied.
    pub fn copy_the_relays_disk(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_files(&self.relay_folder(), copy.path());
        copy
    }

    pub fn relay_address(&self) -> String {
        format!("ws://{}/sync", self.address)
    }

    /// A device of a company of its own that knows no relay.
    pub async fn hermit(&self) -> Device {
        Device::start(self.founded("Hermit", None).0)
    }

    /// A person comes with every role: the first founds the company, others are invited by the first.
    pub async fn join(&mut self, person: &str) -> usize {
        self.join_as(person, &["sales", "office", "warehouse", "finance", "administrator"]).await
    }

    /// A person comes with these roles.
    pub async fn join_as(&mut self, person: &str, roles: &[&str]) -> usize {
        let engine = match self.devices.first() {
            None => {
                let (engine, code) = self.founded(person, Some(self.relay_address()));
                self.recovery_code = code;
                engine
            }
            Some(first) => {
                self.until(first, async || status(first).await.connected).await;
                let code = invitation(first, person, roles).await;
                self.arrive(person, &code).await.unwrap()
            }
        };
        self.devices.push(Device::start(engine));
        self.devices.len() - 1
    }

    /// A device comes with an invitation.
    pub async fn arrive(&self, person: &str, invitation: &str) -> Result<Engine, Refused> {
        let arriving = Arriving {
            invitation: invitation.to_owned(),
            name: format!("{person}s pc"),
            desk: Desk::Sales,
            series: person[..1].into(),
            vault: mera_device::Place::InFolder,
        };
        join(&self.folder.path().join(person), arriving, self.world()).await
    }

    pub async fn device_at(&self, relay: &str) -> Device {
        Device::start(self.founded("Stranger", Some(relay.to_owned())).0)
    }

    /// Somebody copies the folder of a person's device and uses the copy.
    pub fn copy_of(&self, person: &str) -> Device {
        let copy = self.folder.path().join(format!("{person} again"));
        copy_files(&self.folder.path().join(person), &copy);
        Device::start(Engine::open(&copy, self.world()).unwrap())
    }

    /// A person comes back with a recovery code, on a machine that has nothing else.
    pub async fn recover(&self, person: &str, code: &str, company: Option<&str>) -> Result<Engine, Refused> {
        let returning = Returning {
            code: code.to_owned(),
            company: company.map(str::to_owned),
            relay: self.relay_address(),
            person: person.to_owned(),
            name: format!("{person}s pc"),
            desk: Desk::Office,
            series: person[..1].into(),
            vault: mera_device::Place::InFolder,
        };
        recover(&self.folder.path().join(person), returning, self.world()).await
    }

    /// Whether anything stands in the folder of a person's device.
    pub fn has_folder_of(&self, person: &str) -> bool {
        self.folder.path().join(person).exists()
    }

    fn founded(&self, person: &str, relay: Option<String>) -> (Engine, String) {
        let founding = Founding {
            name: format!("{person}s pc"),
            person: person.into(),
            desk: Desk::Sales,
            series: person[..1].into(),
            relay,
            vault: mera_device::Place::InFolder,
        };
        let mut engine = Engine::found(&self.folder.path().join(person), founding, self.world()).unwrap();
        // The recovery code is told to whoever asks first; a screen would stop to show it.
        let Answer::Ok(Reply::About(about)) = engine.answer(Request::About) else { panic!("it has just been founded") };
        (engine, about.recovery_code.unwrap())
    }

    pub async fn plug(&self, device: &Device, online: bool) {
        ok(device, Request::SetOnline { online }).await;
        self.until(device, async || status(device).await.connected == online).await;
    }

    /// Waits until something holds; looks again at each notice of the device.
    pub async fn until(&self, device: &Device, holds: impl AsyncFn() -> bool) {
        await_all(std::slice::from_ref(device), holds).await;
    }

    /// Waits until all devices that are plugged in hold the same and nothing waits.
    pub async fn until_equal(&self) {
        await_all(&self.devices, async || equal(&self.devices).await).await;
    }

    /// Waits until some of the devices hold the same.
    pub async fn until_equal_records(&self, places: &[usize]) {
        let devices: Vec<Device> = places.iter().map(|place| self.devices[*place].clone()).collect();
        await_all(&devices, async || equal(&devices).await).await;
    }

    /// Rebuild == incremental on each device, and none has anything to complain of.
    pub async fn doctor(&self) {
        for device in &self.devices {
            assert_eq!(status(device).await.trouble, None);
            let Reply::Doctor { views_equal, complaints, .. } = ok(device, Request::Doctor).await else { panic!() };
            assert!(views_equal && complaints.is_empty(), "{complaints:?}");
        }
    }
}

/// Whether devices hold the same and nothing waits.
async fn equal(devices: &[Device]) -> bool {
    let (mut digests, mut waiting) = (Vec::new(), 0);
    for device in devices {
        let status = status(device).await;
        digests.push(status.digest);
        waiting += status.waiting_changes;
    }
    waiting == 0 && digests.iter().all(|digest| *digest == digests[0])
}

fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_files(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// Waits until something holds; looks again at each notice of any of the devices.
pub async fn await_all(devices: &[Device], holds: impl AsyncFn() -> bool) {
    let mut notices: Vec<_> = devices.iter().map(Device::notices).collect();
    let waiting = async {
        while !holds().await {
            select_all(notices.iter_mut().map(|notices| Box::pin(notices.recv()))).await.0.ok();
        }
    };
    timeout(PATIENCE, waiting).await.expect("it came in time");
}

/// Invites a new person.
pub async fn invitation(device: &Device, person: &str, roles: &[&str]) -> String {
    let roles = roles.iter().map(|role| (*role).into()).collect();
    let invite = Request::Invite { person: None, name: person.into(), roles, hours: 1 };
    let Reply::Invitation(row) = ok(device, invite).await else { panic!() };
    row.code
}

pub async fn ok(device: &Device, request: Request) -> Reply {
    match device.request(request).await {
        Answer::Ok(reply) => reply,
        Answer::Refused(refused) => panic!("{refused:?}"),
    }
}

pub async fn done(device: &Device, request: Request) -> Done {
    let Reply::Done(done) = ok(device, request).await else { panic!() };
    done
}

pub async fn status(device: &Device) -> SyncStatus {
    let Reply::SyncStatus(status) = ok(device, Request::SyncStatus).await else { panic!() };
    status
}

pub async fn clashes(device: &Device) -> Vec<ClashRow> {
    let Reply::Clashes(rows) = ok(device, Request::Clashes).await else { panic!() };
    rows
}

pub async fn page(device: &Device, record: RecordRef) -> RecordPage {
    let Reply::Record(page) = ok(device, Request::Open { record, at: None }).await else { panic!() };
    *page
}

pub fn line_of(page: &RecordPage) -> ItemId {
    let AnyRecord::Quote(quote) = &page.record else { panic!() };
    *quote.lines.keys().next().unwrap()
}

/// A quote with one line, at 25 % VAT.
pub async fn new_quote(device: &Device, text: &str, price: &str) -> RecordRef {
    let made = done(device, Request::Create { kind: RecordKind::Quote, values: vec![] }).await;
    let record = made.record.unwrap();
    let values = [("text", text), ("unit_price", price), ("vat_rate", "25")];
    let values = values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let item = NewItem { collection: "lines".into(), values };
    done(device, Request::AddItem { record, seen: made.heads, item }).await;
    record
}

/// The first device gives the quote's first line another price than the second while it is unplugged, and they meet again.
pub async fn disagree_about_price(company: &Company, quote: RecordRef) {
    let [first, second, ..] = company.devices.as_slice() else { panic!("it takes two to disagree") };
    company.until_equal().await;
    company.plug(first, false).await;
    change_line(first, quote, "unit_price", "95 DKK").await;
    change_line(second, quote, "unit_price", "90 DKK").await;
    company.plug(first, true).await;
    company.until_equal().await;
}

/// Changes a field of the quote's first line.
pub async fn change_line(device: &Device, record: RecordRef, field: &str, value: &str) {
    let shown = page(device, record).await;
    let edits = vec![Edit::set_in("lines", line_of(&shown), field, value)];
    done(device, Request::Change { record, seen: shown.heads, edits }).await;
}
