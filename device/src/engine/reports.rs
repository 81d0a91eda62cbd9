//! Reports of visits: each who was there writes one, offline too; once filed those concerned are told.

use super::Engine;
use super::edit::refused;
use super::members::written_by;
use super::presence::nobody;
use mera_business::Refusal;
use mera_business::report::{self, Step};
use mera_device_api::{Done, Refused, ReportStep};
use mera_schema::{AnyRecord, Edit, FieldPath, Part, RecordId, RecordKind, RecordRef, Report};

impl Engine {
    /// Begins a report of a visit, or gives the one that the same colleague has begun.
    pub(super) fn begin_report(&mut self, appointment: RecordRef) -> Result<Done, Refused> {
        let me = self.colleague()?.ok_or_else(nobody)?;
        let visit = self.appointment(appointment)?;
        // What was told is told: of the next time that it comes again there is another report.
        let begun = self
            .views
            .reports()
            .find(|(_, one)| one.appointment == Some(appointment) && one.author == Some(me) && one.filed.is_none());
        if let Some(record) = begun.map(|(record, _)| record) {
            return self.done(record, None);
        }
        let present =
            mera_business::appointment::people(&visit).filter(|one| one.part.agreed() == Some(&Part::Present));
        let guests = visit.guests.values().filter(|guest| guest.is_live());
        let links =
            present.filter_map(|one| one.who.provisional()).chain(guests.filter_map(|one| one.contact.provisional()));
        let names: Vec<String> = links.map(|link| self.views.title(*link)).filter(|name| !name.is_empty()).collect();
        let record = RecordRef::new(RecordKind::Report, RecordId::new(self.fresh_id()?));
        let edits = report::begun(record, &visit, me, &names.join("\n"));
        self.found_record(record, &edits)
    }

    /// Takes a step with a report.
    pub(super) fn report_step(&mut self, record: RecordRef, step: ReportStep) -> Result<Done, Refused> {
        let AnyRecord::Report(one) = AnyRecord::read(&self.tree(record)?) else {
            return Err(Refused::new("report.none", format!("{record} is no report")).at("record"));
        };
        let me = self.colleague()?;
        let step = match step {
            ReportStep::File => {
                if one.author.provisional().is_some_and(|author| me != Some(*author)) {
                    return Err(Refused::new("report.not_yours", "only who writes a report is done with it"));
                }
                if one.party.is_clash() {
                    return Err(refused(&Refusal::Disputed { field: "party".to_owned() }));
                }
                self.tell_customer(&one)?;
                Step::File
            }
            ReportStep::Read => match me {
                Some(colleague) => Step::Read { colleague },
                // Nobody is told who is at this device.
                None => return self.done(record, None),
            },
            ReportStep::Copy { colleague } => {
                self.must_be_colleague(colleague, "colleague")?;
                Step::Copy { colleague }
            }
            ReportStep::NoCopy { colleague } => Step::NoCopy { colleague },
        };
        let edits = report::step(&one, step, self.now());
        if !edits.is_empty() {
            self.edit_as_it_stands(record, &edits)?;
        }
        self.done(record, None)
    }

    /// What a customer is interested in stands with the customer, before it is said that the report is done. Whoever may not write there
    /// leaves it in the report.
    fn tell_customer(&mut self, report: &Report) -> Result<(), Refused> {
        if !written_by(self.my_roles()).contains(&RecordKind::Customer) {
            return Ok(());
        }
        let Some(party) = report.party.agreed().filter(|party| party.kind == RecordKind::Customer) else {
            return Ok(());
        };
        let customer = self.views.whole(*party);
        let AnyRecord::Customer(known) = AnyRecord::read(&self.tree(customer)?) else { return Ok(()) };
        let fresh = report.interests.0.iter().filter(|interest| !known.interests.0.contains(*interest));
        let include = |member: &String| Edit::Include { path: FieldPath::root("interests"), member: member.clone() };
        let edits: Vec<Edit> = fresh.map(include).collect();
        if edits.is_empty() { Ok(()) } else { self.edit_as_it_stands(customer, &edits) }
    }
}
