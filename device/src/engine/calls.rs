//! Telephone calls: taken for a colleague, found who is calling, handled once and settled on every device.

use super::Engine;
use super::edit::refused;
use super::presence::nobody;
use crate::DeviceFault;
use crate::views::Query;
use mera_business::call::{self, CallFact, Step, Told};
use mera_business::facts::Fact;
use mera_business::phone::{self, E164};
use mera_device_api::{CallRow, CallStep, CallsPage, Named, NewCall, Page, Refused, Row};
use mera_schema::{AnyRecord, RecordId, RecordKind, RecordRef};
use std::collections::BTreeSet;

/// Rows of those who may be calling, at most.
const CALLERS: usize = 12;
/// Whoever may be calling, in the order in which they are told: a company before its people, who are found by its name too.
const CALLING: [RecordKind; 3] = [RecordKind::Customer, RecordKind::Contact, RecordKind::Supplier];

impl Engine {
    /// Every call that is not settled.
    pub(super) fn calls_page(&mut self) -> Result<CallsPage, Refused> {
        let me = self.colleague()?;
        let mut rows: Vec<CallRow> = self.views.calls().map(|(record, call)| self.call_row(record, call, me)).collect();
        rows.sort_by_key(|row| (!row.mine, !row.urgent, std::cmp::Reverse(row.taken), row.record));
        let unseen = rows.iter().filter(|row| row.unseen).count();
        Ok(CallsPage { me, now: self.now(), unseen, rows })
    }

    /// Takes a call for a colleague. What is not said of the caller follows from the record that was chosen.
    pub(super) fn take_call(&mut self, new: NewCall) -> Result<CallsPage, Refused> {
        self.must_be_colleague(new.for_whom, "for_whom")?;
        for copy in &new.copies {
            self.must_be_colleague(*copy, "copies")?;
        }
        let NewCall { for_whom, caller, party, contact, phone, subject, urgency, copies, notes } = new;
        let told = self.completed(Told { caller, party, contact, phone, subject, notes })?;
        let record = RecordRef::new(RecordKind::Call, RecordId::new(self.fresh_id()?));
        let edits = call::taken(record, &told, urgency, for_whom, &copies, self.now());
        self.found_record(record, &edits.map_err(|refusal| refused(&refusal))?)?;
        self.calls_page()
    }

    /// Takes a step. Whoever comes second, at the same desk or after a merge, changes nothing: it is taken.
    pub(super) fn handle_call(&mut self, record: RecordRef, step: CallStep) -> Result<CallsPage, Refused> {
        let AnyRecord::Call(call) = AnyRecord::read(&self.tree(record)?) else {
            return Err(Refused::new("call.none", format!("{record} is no call")).at("record"));
        };
        let step = match step {
            CallStep::See => Step::See { colleague: self.colleague()?.ok_or_else(nobody)? },
            CallStep::CallBack => Step::CallBack,
            CallStep::Close => Step::Close,
            CallStep::Reopen => Step::Reopen,
            CallStep::PassOn { to } => {
                self.must_be_colleague(to, "to")?;
                Step::PassOn { to }
            }
        };
        let edits = call::step(&call, step, self.now());
        if !edits.is_empty() {
            self.edit_as_it_stands(record, &edits)?;
        }
        self.calls_page()
    }

    /// Who may be calling: found by the beginning of a number, however it is written, or by name.
    pub(super) fn callers(&mut self, text: &str) -> Result<Page, Refused> {
        let mut found: Vec<RecordRef> = self.reached(text).into_iter().collect();
        // A colleague who calls is no customer.
        found.retain(|record| CALLING.contains(&record.kind));
        // A person who has the number says more than a company that has it.
        found.sort_by_key(|record| (record.kind != RecordKind::Contact, *record));
        // Where a number is known, pieces of it that stand elsewhere say nothing.
        if found.is_empty() && !text.trim().is_empty() {
            let mut query = Query::of(text);
            found = CALLING.iter().flat_map(|kind| self.views.search(*kind, &mut query, 0, CALLERS).1).collect();
        }
        let (total, first) = (found.len(), found.into_iter().take(CALLERS));
        let mut rows: Vec<Row> = first.filter_map(|record| self.row(record)).collect();
        for row in &mut rows {
            row.number = self.number_of(row.record)?.map(E164::spoken).unwrap_or_default();
        }
        Ok(Page { total, rows })
    }

    /// Who is reached by a number that begins so; of those that are the same, the one that stands for all.
    pub(super) fn reached(&self, text: &str) -> BTreeSet<RecordRef> {
        let reached = phone::begun(text).into_iter().flat_map(|numbers| self.views.reached_by(numbers));
        reached.map(|record| self.views.whole(record)).collect()
    }

    /// The number by which a record is reached, as its facts tell.
    pub(super) fn number_of(&self, record: RecordRef) -> Result<Option<E164>, DeviceFault> {
        let facts = self.store.row(record)?.map(|row| row.facts).unwrap_or_default();
        Ok(facts.into_iter().find_map(|fact| match fact {
            Fact::Phone { number } => Some(number),
            _ => None,
        }))
    }

    /// A contact is of a party, and whoever is in the records has a name and mostly a number.
    fn completed(&mut self, told: Told) -> Result<Told, Refused> {
        let mut told = told;
        for (link, field) in [(told.contact, "contact"), (told.party, "party")] {
            let fits = |kind| if field == "contact" { kind == RecordKind::Contact } else { is_party(kind) };
            if let Some(link) = link {
                if !fits(link.kind) {
                    return Err(Refused::new("call.no_caller", format!("{link} cannot be who called")).at(field));
                }
                self.must_exist(link)?;
            }
        }
        if let Some(contact) = told.contact.filter(|_| told.party.is_none()) {
            told.party = self.views.listed(contact).and_then(|row| row.about).filter(|party| is_party(party.kind));
        }
        if told.caller.trim().is_empty() {
            told.caller = told.contact.or(told.party).map(|who| self.views.title(who)).unwrap_or_default();
        }
        if told.phone.trim().is_empty() {
            for who in [told.contact, told.party].into_iter().flatten() {
                if let Some(number) = self.number_of(who)? {
                    told.phone = number.spoken();
                    break;
                }
            }
        }
        Ok(told)
    }

    fn call_row(&self, record: RecordRef, call: &CallFact, me: Option<RecordRef>) -> CallRow {
        let named = |links: &[RecordRef]| links.iter().map(|link| self.named(*link)).collect();
        CallRow {
            record,
            caller: call.caller.clone(),
            dial: E164::read(&call.phone).map(|number| number.to_string()),
            phone: call.phone.clone(),
            subject: call.subject.clone(),
            party: call.party.map(|party| self.named(party)),
            contact: call.contact.map(|contact| self.named(contact)),
            for_whom: named(&call.for_whom),
            copies: named(&call.copies),
            mine: me.is_some_and(|me| call.for_whom.contains(&me) || call.copies.contains(&me)),
            unseen: me.is_some_and(|me| call.unseen_by.contains(&me)),
            urgent: call.urgent,
            state: call.state,
            taken: call.taken,
            by: self.person(call.by),
        }
    }

    pub(super) fn named(&self, record: RecordRef) -> Named {
        Named { record, name: self.views.title(record) }
    }
}

fn is_party(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Customer | RecordKind::Supplier)
}
