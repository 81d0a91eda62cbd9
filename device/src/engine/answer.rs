//! Answers requests of the contract.

use super::Engine;
use super::edit::moment_of;
use super::members::{erased_by, read_by, written_by};
use crate::DeviceFault;
use crate::vault::{Passphrase, Place};
use crate::views::Query;
use mera_device_api::{
    About, Answer, CONTRACT_VERSION, HistoryRow, Page, Refused, Reply, Request, Row, StockRow, SyncStatus, TaskRow,
    Waiting,
};
use mera_schema::document;
use mera_schema::{RecordKind, RecordRef};

/// Rows in one page at most.
const PAGE_LIMIT: usize = 500;
/// Rows of each kind that a search over everything gives.
const FOUND_OF_KIND: usize = 8;
/// Waiting records that are listed by name; the number of changes is told in full.
const WAITING_LIMIT: usize = 50;

impl Engine {
    /// Answers one request of a screen or script.
    pub fn answer(&mut self, request: Request) -> Answer {
        self.close_some();
        // What was not delivered is handed in also by whoever is a member no more.
        if let Some(expelled) = self.expelled().filter(|_| request != Request::HandIn) {
            return Answer::Refused(expelled);
        }
        match self.reply(request) {
            Ok(reply) => Answer::Ok(reply),
            Err(refused) => {
                if DeviceFault::DAMAGE.contains(&refused.code.as_str()) {
                    self.note_damage();
                }
                Answer::Refused(refused)
            }
        }
    }

    fn reply(&mut self, request: Request) -> Result<Reply, Refused> {
        Ok(match request {
            // An open device is not locked; whoever asks twice gets the same answer.
            Request::About | Request::Unlock { .. } => Reply::About(Box::new(self.about())),
            Request::KeepKey { passphrase, former } => {
                self.keep_key(passphrase.as_deref(), former.as_deref())?;
                Reply::About(Box::new(self.about()))
            }
            Request::Found { .. } | Request::Join { .. } | Request::Recover { .. } => {
                return Err(DeviceFault::DeviceExists(self.folder.clone()).into());
            }
            Request::List { kind, query, offset, limit } => {
                Reply::Page(self.list(kind, &mut Query::of(&query), offset, limit))
            }
            Request::Find { query } => Reply::Page(self.find(&query)),
            Request::Open { record, at } => Reply::Record(Box::new(self.page(record, at)?)),
            Request::Create { kind, values } => Reply::Done(self.create(kind, values)?),
            Request::Change { record, seen, edits } => Reply::Done(self.change(record, &seen, &edits)?),
            Request::AddItem { record, seen, item } => Reply::Done(self.add_item(record, &seen, item)?),
            Request::Quote { record, seen, verb, reason } => Reply::Done(self.step(record, &seen, verb, &reason)?),
            Request::Merge { record, into } => Reply::Done(self.merge(record, into)?),
            Request::TakeApart { record } => Reply::Done(self.take_apart(record)?),
            Request::Duplicates { record } => Reply::Page(self.duplicates(record)?),
            Request::BeforeErasing { record } => Reply::BeforeErasing(self.before_erasing(record)?),
            Request::Erase { record } => Reply::Erased(self.erase(record)?),
            Request::History { record } => Reply::History(self.history(record)?),
            Request::Clashes => Reply::Clashes(self.clashes()?),
            Request::Preview { record, path, value } => Reply::Figures(self.preview(record, &path, &value)?),
            Request::Tasks { done } => Reply::Tasks(self.tasks(done)),
            Request::QuoteStock => Reply::QuoteStock(self.quote_stock()),
            Request::Presence => Reply::Presence(self.presence()?),
            Request::IAm { employee } => Reply::Presence(self.i_am(employee)?),
            Request::SayPresence { employee, state, until, place } => {
                Reply::Presence(self.say_presence(employee, state, until, &place)?)
            }
            Request::Calls => Reply::Calls(self.calls_page()?),
            Request::TakeCall { call } => Reply::Calls(self.take_call(*call)?),
            Request::HandleCall { record, step } => Reply::Calls(self.handle_call(record, step)?),
            Request::Callers { text } => Reply::Page(self.callers(&text)?),
            Request::Calendar { from, to } => Reply::Calendar(Box::new(self.calendar(from, to)?)),
            Request::News => Reply::News(self.news()?),
            Request::BeginReport { appointment } => Reply::Done(self.begin_report(appointment)?),
            Request::Report { record, step } => Reply::Done(self.report_step(record, step)?),
            Request::CalendarFile { of } => Reply::CalendarFile(self.calendar_file(of)?),
            Request::CalendarFeed => Reply::CalendarFeed(self.calendar_feed()),
            Request::Agree { appointment } => Reply::Done(self.agree(*appointment)?),
            Request::Appointment { record, day, step } => Reply::Done(self.appointment_step(record, day, step)?),
            Request::Members => Reply::Members(self.members_page()),
            Request::Invite { person, name, roles, hours } => {
                Reply::Invitation(self.invite(person, &name, &roles, hours)?)
            }
            Request::Withdraw { code } => {
                self.withdraw(&code)?;
                Reply::Members(self.members_page())
            }
            Request::SetRoles { .. } | Request::Revoke { .. } | Request::RotateKeys => {
                self.wish(Self::intent(&request)?)?;
                Reply::Members(self.members_page())
            }
            Request::NewRecoveryCode => {
                self.wish_new_code()?;
                Reply::Members(self.members_page())
            }
            Request::GoOnWithoutOthers => {
                self.go_on_without_others()?;
                Reply::Members(self.members_page())
            }
            Request::SyncStatus => Reply::SyncStatus(self.sync_status()),
            Request::ImportProfiles | Request::Import { .. } | Request::StopImport => {
                return Err(Refused::new("import.no_device", "sheets are imported by a device that runs"));
            }
            Request::Backup { .. } => {
                return Err(Refused::new("backup.no_device", "a backup is taken by a device that runs"));
            }
            Request::Export { .. } | Request::StopSaving => {
                return Err(Refused::new("export.no_device", "files are written by a device that runs"));
            }
            Request::Checkpoint => {
                return Err(Refused::new("checkpoint.no_device", "a checkpoint is made by a device that runs"));
            }
            Request::SyncNow | Request::SetOnline { .. } => {
                return Err(Refused::new("sync.no_connection", "this device is not connected to a network here"));
            }
            Request::SetRelay { relay } => {
                self.redirect(relay)?;
                Reply::SyncStatus(self.sync_status())
            }
            Request::Audit { filter, from, limit } => Reply::Audit(self.audit(&filter, from.as_ref(), limit)?),
            Request::AuditExport { form, from } => Reply::AuditText(self.audit_text(form, from.as_ref())?),
            Request::Judging => Reply::Judging(self.judging()?),
            Request::TakeOver { device, number } => Reply::Judging(self.take_over(device, number)?),
            Request::LeaveOut { device, number, note } => Reply::Judging(self.leave_out(device, number, &note)?),
            Request::HandIn => Reply::HandedIn(self.hand_in()?),
            Request::OpenHandedIn { file } => Reply::HandedInOpened { changes: self.open_handed_in(&file)? },
            Request::AuditCheck | Request::StopAuditCheck => {
                return Err(Refused::new("audit.no_device", "signatures are checked by a device that runs"));
            }
            Request::Doctor => self.doctor()?,
        })
    }

    fn about(&mut self) -> About {
        let roles = self.my_roles();
        About {
            contract: CONTRACT_VERSION,
            version: env!("CARGO_PKG_VERSION").into(),
            device: self.device,
            name: self.identity.name.clone(),
            person: self.identity.person.clone(),
            desk: self.identity.desk.to_string(),
            workspace: self.identity.workspace,
            records: self.views.records(),
            today: self.world.today(),
            zone: self.world.zone().name().into(),
            roles: roles.iter().map(|role| role.as_str().into()).collect(),
            may_write: written_by(roles),
            may_read: read_by(roles),
            may_erase: erased_by(roles),
            recovery_code: self.recovery_code.take(),
            key: self.secret_kept().into(),
            last_backup: self.last_backup(),
        }
    }

    /// Keeps the key in another way. Where a passphrase opens the device, whoever asks must know it.
    fn keep_key(&mut self, passphrase: Option<&str>, former: Option<&str>) -> Result<(), Refused> {
        let place = match passphrase {
            Some(text) => Place::Passphrase(Passphrase::chosen(text).map_err(DeviceFault::from)?),
            None => Place::Keyring,
        };
        let opened = self.identity.is_opened_by(&self.folder, self.world.as_ref(), former);
        opened.map_err(|fault| Refused::from(fault).at("former"))?;
        Ok(self.keep_secret_in(&place)?)
    }

    fn list(&mut self, kind: RecordKind, query: &mut Query, offset: usize, limit: usize) -> Page {
        let (total, records) = self.views.search(kind, query, offset, limit.min(PAGE_LIMIT));
        Page { total, rows: records.into_iter().filter_map(|record| self.row(record)).collect() }
    }

    fn find(&mut self, query: &str) -> Page {
        // A telephone number is a question for whoever has it, however it is written.
        let reached = self.reached(query).into_iter().take(FOUND_OF_KIND);
        let mut rows: Vec<Row> = reached.filter_map(|record| self.row(record)).collect();
        let (mut total, mut query) = (rows.len(), Query::of(query));
        // What the law wants kept of an erased person is not looked up by name.
        let passed_over = [RecordKind::Device, RecordKind::Addressee, RecordKind::Presence];
        for kind in RecordKind::ALL.iter().filter(|kind| !passed_over.contains(kind)) {
            let found = self.list(*kind, &mut query, 0, FOUND_OF_KIND);
            let known: Vec<RecordRef> = rows.iter().map(|row| row.record).collect();
            let (again, fresh): (Vec<Row>, Vec<Row>) =
                found.rows.into_iter().partition(|row| known.contains(&row.record));
            total += found.total - again.len();
            rows.extend(fresh);
        }
        Page { total, rows }
    }

    /// A record as a row of a list; a quote's second line is its customer.
    pub(super) fn row(&self, record: RecordRef) -> Option<Row> {
        let listed = self.views.listed(record)?;
        let detail = match listed.about {
            Some(about) => self.views.title(about),
            None => listed.detail.to_string(),
        };
        Some(Row {
            record,
            number: listed.number.to_string(),
            title: listed.title.to_string(),
            detail,
            state: listed.state.to_string(),
            amount: listed.amount,
            clashes: self.views.clashes_of(record).len(),
        })
    }

    pub(super) fn history(&mut self, record: RecordRef) -> Result<Vec<HistoryRow>, Refused> {
        self.must_exist(record)?;
        let changes = document::history(&mut self.document(record)?.doc, record);
        let row = |change: document::Change| {
            let person = self.person(change.by.device);
            HistoryRow { by: change.by, person, heads: change.heads, fields: change.fields }
        };
        Ok(changes.into_iter().rev().map(row).collect())
    }

    fn tasks(&self, done: bool) -> Vec<TaskRow> {
        let row = |(record, task): (RecordRef, &crate::views::OpenTask)| TaskRow {
            record,
            title: self.views.title(record),
            due: task.due,
            done: task.done,
            about: task.about,
        };
        self.views.tasks(done).into_iter().map(row).collect()
    }

    fn quote_stock(&self) -> Vec<StockRow> {
        let row = |((stage, person), count, net): (crate::views::StockKey, usize, _)| StockRow {
            stage,
            salesperson: person.map(|person| self.views.title(person)).unwrap_or_default(),
            count,
            net,
        };
        self.views.stock().rows().map(row).collect()
    }

    fn sync_status(&self) -> SyncStatus {
        let mut waiting: Vec<Waiting> = Vec::new();
        for unsent in self.unsent.values() {
            for record in &unsent.records {
                if waiting.len() < WAITING_LIMIT && waiting.iter().all(|known| known.record != *record) {
                    let title = self.views.title(*record);
                    waiting.push(Waiting { record: *record, title, since: moment_of(unsent.since) });
                }
            }
        }
        SyncStatus {
            online: self.link.online,
            connected: self.link.connected,
            relay: self.identity.relay.clone(),
            last_spoke: self.link.last_spoke.map(moment_of),
            waiting,
            waiting_changes: self.unsent.len() as u64,
            clashes: self.views.clashes().count(),
            trouble: self.trouble(),
            nearby: self.nearby(),
            digest: self.books.digests.whole().to_string(),
            loading: self.loading(),
            checkpoint: self.checkpoint_row().map(Box::new),
        }
    }
}

/// Reads a request of the contract. What is none is refused with the place where it goes wrong.
pub(crate) fn understand(body: &str) -> Result<Request, Refused> {
    serde_json::from_str(body).map_err(|fault| Refused::new("request.unknown", format!("this is no request: {fault}")))
}

impl From<DeviceFault> for Answer {
    fn from(fault: DeviceFault) -> Self {
        Self::Refused(fault.into())
    }
}
