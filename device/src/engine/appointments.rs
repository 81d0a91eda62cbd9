//! Appointments: agreed, moved, called off and talked about, each of them or one time of those that come again.

use super::Engine;
use super::edit::refused;
use chrono::NaiveDate;
use mera_business::appointment::{self, AppointmentFact, Plan, Step};
use mera_business::calendar::{Recurrence, moments};
use mera_device_api::{AppointmentStep, Done, NewAppointment, Refused};
use mera_schema::document::{self, Document};
use mera_schema::{AnyRecord, Appointment, ItemId, RecordDef, RecordId, RecordKind, RecordRef};

impl Engine {
    /// Puts an appointment into the calendar. What is not said follows from what it came of.
    pub(super) fn agree(&mut self, new: NewAppointment) -> Result<Done, Refused> {
        let me = self.colleague()?;
        let mut plan = self.plan(new)?;
        if plan.present.is_empty() {
            plan.present.extend(me);
        }
        plan.organizer = me;
        let record = RecordRef::new(RecordKind::Appointment, RecordId::new(self.fresh_id()?));
        let edits = appointment::agreed(record, &plan, me).map_err(|refusal| refused(&refusal))?;
        self.found_record(record, &edits)
    }

    /// Takes a step with an appointment, or with one time of one that comes again.
    pub(super) fn appointment_step(
        &mut self,
        record: RecordRef,
        day: Option<NaiveDate>,
        step: AppointmentStep,
    ) -> Result<Done, Refused> {
        let me = self.colleague()?;
        let step = self.understood(step)?;
        let series = self.appointment(record)?;
        let Some(day) = day else {
            let ends = match step {
                Step::Cancel => Some(NaiveDate::MIN),
                Step::End { from } => Some(from),
                _ => None,
            };
            let done = self.take_step(&series, step, me)?;
            if let Some(from) = ends {
                self.call_off_moved(record, from, me)?;
            }
            return Ok(done);
        };
        // Whoever has read one time of an appointment has read all of them.
        if step == Step::Read {
            return self.take_step(&series, step, me);
        }
        let instead = RecordRef::new(RecordKind::Appointment, RecordId::occurrence_of(record.id, day));
        if self.views.listed(instead).is_some() {
            let one = self.appointment(instead)?;
            return self.take_step(&one, step, me);
        }
        self.single_out(&series, day, step, me)
    }

    /// One time of an appointment is not as the others from now on: it is written with its first step, in one entry.
    fn single_out(
        &mut self,
        series: &Appointment,
        day: NaiveDate,
        step: Step,
        me: Option<RecordRef>,
    ) -> Result<Done, Refused> {
        let none = || Refused::new("appointment.no_such_day", "it is not on that day; look at the calendar again");
        // What it is for stays with all of them: a text that two people copied apart would stand there twice.
        let (record, mut edits) = appointment::occurrence(series, day).ok_or_else(none)?;
        self.may_be_made(record)?;
        // What the step writes depends on what stands there before it.
        let def = RecordDef::of(RecordKind::Appointment);
        let mut draft = Document::found(def);
        let seen = document::heads(&mut draft);
        let moment = self.moment();
        let written = document::apply(&mut draft, def, &seen, &edits, moment);
        written.map_err(|fault| Refused::new("appointment.unwritten", fault.to_string()))?;
        let one = Appointment::read(&document::read(&mut draft, record));
        edits.extend(appointment::step(&one, step, me).map_err(|refusal| refused(&refusal))?);
        self.found_record(record, &edits)
    }

    /// An appointment that comes again does not any more: nor do its times that are not as the others, as far as they are not over.
    fn call_off_moved(&mut self, series: RecordRef, from: NaiveDate, me: Option<RecordRef>) -> Result<(), Refused> {
        let (zone, now) = (self.world.zone(), self.now());
        let ahead = |fact: &AppointmentFact| fact.when.iter().any(|when| moments(when, zone).1 > now);
        let moved = self.views.calendar().times_instead(series, from);
        let moved: Vec<RecordRef> = moved.filter(|(_, fact)| ahead(fact)).map(|(record, _)| record).collect();
        for record in moved {
            let one = self.appointment(record)?;
            self.take_step(&one, Step::Cancel, me)?;
        }
        Ok(())
    }

    fn take_step(&mut self, one: &Appointment, step: Step, me: Option<RecordRef>) -> Result<Done, Refused> {
        let edits = appointment::step(one, step, me).map_err(|refusal| refused(&refusal))?;
        if !edits.is_empty() {
            self.edit_as_it_stands(one.record, &edits)?;
        }
        self.done(one.record, None)
    }

    pub(super) fn appointment(&mut self, record: RecordRef) -> Result<Appointment, Refused> {
        match AnyRecord::read(&self.tree(record)?) {
            AnyRecord::Appointment(one) => Ok(one),
            _ => Err(Refused::new("appointment.none", format!("{record} is no appointment")).at("record")),
        }
    }

    fn understood(&self, step: AppointmentStep) -> Result<Step, Refused> {
        Ok(match step {
            AppointmentStep::Move { to, was } => Step::Move { to, was },
            AppointmentStep::Cancel => Step::Cancel,
            AppointmentStep::End { from } => Step::End { from },
            AppointmentStep::PutBack => Step::PutBack,
            AppointmentStep::Comment { text } => {
                Step::Comment { item: ItemId::new(self.fresh_id()?), text, at: self.now() }
            }
            AppointmentStep::Read => Step::Read,
            AppointmentStep::Put { who, part } => {
                self.must_be_listable(who, "who")?;
                Step::Put { who, part }
            }
            AppointmentStep::Leave { who } => Step::Leave { who },
            AppointmentStep::Expect { contact } => {
                self.must_be_contact(contact)?;
                Step::Expect { contact }
            }
            AppointmentStep::Unexpect { contact } => Step::Unexpect { contact },
        })
    }

    /// What is agreed, as the house understands it.
    fn plan(&mut self, new: NewAppointment) -> Result<Plan, Refused> {
        let NewAppointment { subject, sort, when, repeats, place, party, about, present, told, guests, purpose } = new;
        for who in &present {
            self.must_be_listable(*who, "present")?;
        }
        for who in &told {
            self.must_be_listable(*who, "told")?;
        }
        for contact in &guests {
            self.must_be_contact(*contact)?;
        }
        let repeats = Some(repeats).filter(|rule| !rule.trim().is_empty());
        let repeats = repeats.map(|rule| Recurrence::read(&rule)).transpose();
        let repeats = repeats.map_err(|fault| refused(&fault.into()))?;
        let plan =
            Plan { subject, sort, when, repeats, place, organizer: None, party, about, present, told, guests, purpose };
        let mut plan = self.as_it_came(plan)?;
        if plan.party.is_none() {
            // Whoever meets somebody of a company meets the company.
            plan.party = plan.guests.iter().find_map(|guest| self.views.listed(*guest)?.about);
        }
        if let Some(party) = plan.party {
            if !matches!(party.kind, RecordKind::Customer | RecordKind::Supplier) {
                let says = format!("{party} is neither a customer nor a supplier");
                return Err(Refused::new("appointment.no_party", says).at("party"));
            }
            self.must_exist(party)?;
        }
        Ok(plan)
    }

    /// Who called is who is visited, and of what was spoken is what is spoken of.
    fn as_it_came(&mut self, mut plan: Plan) -> Result<Plan, Refused> {
        let Some(about) = plan.about else { return Ok(plan) };
        let (party, contact, subject) = match AnyRecord::read(&self.tree(about)?) {
            AnyRecord::Call(call) => (call.party, call.contact, call.subject),
            AnyRecord::Quote(quote) => (quote.customer, quote.contact, quote.subject),
            AnyRecord::Order(order) => (order.customer, order.contact, order.number),
            _ => return Err(Refused::new("appointment.about", format!("nothing is agreed about {about}")).at("about")),
        };
        if plan.party.is_none() {
            plan.party = party.provisional().copied();
            if plan.guests.is_empty() {
                plan.guests.extend(contact.provisional().copied());
            }
        }
        if plan.subject.trim().is_empty() {
            plan.subject = subject.provisional().cloned().unwrap_or_default();
        }
        Ok(plan)
    }

    fn must_be_listable(&self, who: RecordRef, field: &str) -> Result<(), Refused> {
        if who.kind == RecordKind::Resource {
            return self.must_exist(who);
        }
        self.must_be_colleague(who, field)
    }

    fn must_be_contact(&self, contact: RecordRef) -> Result<(), Refused> {
        if contact.kind != RecordKind::Contact {
            return Err(Refused::new("appointment.no_guest", format!("{contact} is no contact")).at("guests"));
        }
        self.must_exist(contact)
    }
}
