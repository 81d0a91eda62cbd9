//! Where colleagues are, and which of them uses this device.

use super::Engine;
use super::calendar::ByCalendar;
use chrono::{DateTime, Utc};
use mera_business::phone::E164;
use mera_device_api::{PresenceBoard, PresenceRow, PresenceSaid, Refused};
use mera_schema::{AnyRecord, DeviceId, Edit, RecordId, RecordKind, RecordRef, Standing, StandingFault, Whereabouts};

impl Engine {
    /// Every colleague by name, and what was said of each last.
    pub(super) fn presence(&mut self) -> Result<PresenceBoard, Refused> {
        let (me, now) = (self.colleague()?, self.now());
        let mut by_calendar = self.by_calendar(now);
        let colleagues = self.views.of_kind(RecordKind::Employee).into_iter();
        let row = |employee| self.presence_row(employee, by_calendar.remove(&employee), now);
        let mut rows: Vec<PresenceRow> = colleagues.filter_map(row).collect();
        rows.sort_by_cached_key(|row| (row.name.to_lowercase(), row.employee));
        Ok(PresenceBoard { me, now, rows })
    }

    /// Says which colleague uses this device.
    pub(super) fn i_am(&mut self, employee: RecordRef) -> Result<PresenceBoard, Refused> {
        self.must_be_colleague(employee, "employee")?;
        self.edit_as_it_stands(self.own_record(), &[Edit::set("employee", employee.to_string())])?;
        self.presence()
    }

    /// Says where a colleague is; without one, where the colleague is who uses this device.
    pub(super) fn say_presence(
        &mut self,
        employee: Option<RecordRef>,
        state: Whereabouts,
        until: Option<DateTime<Utc>>,
        place: &str,
    ) -> Result<PresenceBoard, Refused> {
        let employee = match employee {
            Some(employee) => employee,
            None => self.colleague()?.ok_or_else(nobody)?,
        };
        self.must_be_colleague(employee, "employee")?;
        let now = self.now();
        if until.is_some_and(|until| until <= now) {
            return Err(Refused::new("presence.past", "that is past; say when the colleague will be back").at("until"));
        }
        let standing = Standing::new(state, now, until, place).map_err(|fault| not_a_place(&fault))?;
        let record = RecordRef::presence_of(employee.id);
        if self.views.listed(record).is_some() {
            self.edit_as_it_stands(record, &[Edit::set("standing", standing.to_string())])?;
        } else {
            self.may_be_made(record)?;
            let values = [("employee", employee.to_string()), ("standing", standing.to_string())];
            self.write_new(record, values.map(|(field, value)| (field.to_owned(), value)).into())?;
        }
        self.presence()
    }

    /// The colleague who uses this device, as its record says, or that of another device of the same person.
    pub(super) fn colleague(&mut self) -> Result<Option<RecordRef>, Refused> {
        let others: Vec<DeviceId> = self.members.now().devices_of(self.identity.person_id).collect();
        for device in std::iter::once(self.device).chain(others) {
            let record = RecordRef::new(RecordKind::Device, RecordId::new(device.uuid()));
            if self.views.listed(record).is_none() {
                continue;
            }
            let AnyRecord::Device(device) = AnyRecord::read(&self.tree(record)?) else { continue };
            let employee = device.employee.provisional().copied();
            // One who was erased uses no device any more.
            if let Some(employee) = employee.filter(|employee| self.views.listed(*employee).is_some()) {
                return Ok(Some(employee));
            }
        }
        Ok(None)
    }

    /// What was said of a colleague last, by hand or by an appointment that has begun since.
    fn presence_row(
        &self,
        employee: RecordRef,
        by_calendar: Option<ByCalendar>,
        now: DateTime<Utc>,
    ) -> Option<PresenceRow> {
        let listed = self.views.listed(employee)?;
        let by_hand = self.views.presence(employee).map(|said| PresenceSaid {
            state: said.standing.state,
            since: said.standing.since,
            until: said.standing.until,
            overdue: said.standing.until.is_some_and(|until| until <= now),
            place: said.standing.place().to_owned(),
            by: Some(self.person(said.by)),
            appointment: None,
        });
        let by_calendar = by_calendar.map(|said| PresenceSaid {
            state: said.state,
            since: said.since,
            until: Some(said.until),
            overdue: false,
            place: said.place,
            by: None,
            appointment: Some(said.appointment),
        });
        // Whoever says something during an appointment knows better, until that is over in turn.
        let said = match (by_hand, by_calendar) {
            (Some(by_hand), Some(by_calendar)) if by_hand.overdue || by_hand.since < by_calendar.since => {
                Some(by_calendar)
            }
            (by_hand, by_calendar) => by_hand.or(by_calendar),
        };
        let number = self.number_of(employee).ok().flatten();
        Some(PresenceRow {
            employee,
            name: listed.title.to_string(),
            title: listed.detail.to_string(),
            phone: number.map(E164::spoken).unwrap_or_default(),
            dial: number.map(|number| number.to_string()),
            said,
        })
    }

    pub(super) fn must_be_colleague(&self, employee: RecordRef, field: &str) -> Result<(), Refused> {
        if employee.kind != RecordKind::Employee {
            return Err(Refused::new("presence.no_colleague", format!("{employee} is no colleague")).at(field));
        }
        self.must_exist(employee)
    }
}

pub(super) fn nobody() -> Refused {
    Refused::new("presence.nobody", "say first which colleague uses this device")
}

fn not_a_place(fault: &StandingFault) -> Refused {
    Refused::new("presence.place", fault.to_string()).at("place")
}
