//! What is new to a colleague in the calendar and in reports of visits, wherever that one is.

use super::Engine;
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use mera_business::appointment::AppointmentFact;
use mera_business::calendar::moments;
use mera_business::report::ReportFact;
use mera_device_api::{NewsRow, Refused};
use mera_schema::{RecordRef, Span, SpanOf};

/// How far somebody looks ahead for the next time of an appointment that comes again.
const AHEAD: Days = Days::new(400);

impl Engine {
    /// What is new to the colleague who uses this device.
    pub(super) fn news(&mut self) -> Result<Vec<NewsRow>, Refused> {
        let Some(me) = self.colleague()? else { return Ok(Vec::new()) };
        let (zone, today) = (self.world.zone(), self.world.today());
        let mut rows = Vec::new();
        for (record, fact) in self.views.calendar().all() {
            let Some(news) = fact.news(me) else { continue };
            let Some(when) = next_time(fact, today) else { continue };
            let from = moments(&when, zone).0.with_timezone(&zone).naive_local();
            // What is over and of which nothing was said since is in nobody's way.
            if news.comments == 0 && last_of(&when, zone) < self.now() {
                continue;
            }
            rows.push(NewsRow {
                record,
                subject: self.subject(fact),
                from,
                whole_days: matches!(when.of(), SpanOf::Days { .. }),
                place: fact.place.clone(),
                by: fact.organizer.map(|who| self.named(who)),
                new: news.new,
                changed: news.changed && !fact.cancelled,
                cancelled: fact.cancelled,
                comments: news.comments,
            });
        }
        rows.extend(self.views.reports().filter_map(|(record, report)| self.of_report(record, report, me)));
        rows.sort_by_key(|row| (row.from, row.record));
        Ok(rows)
    }

    /// A report is news to whom it is told, until read.
    fn of_report(&self, record: RecordRef, report: &ReportFact, me: RecordRef) -> Option<NewsRow> {
        let filed = report.filed.filter(|_| report.unread_by.contains(&me))?;
        let party = report.party.filter(|_| report.subject.is_empty());
        Some(NewsRow {
            record,
            subject: party.map_or_else(|| report.subject.clone(), |party| self.views.title(party)),
            from: filed.with_timezone(&self.world.zone()).naive_local(),
            whole_days: false,
            place: String::new(),
            by: report.author.map(|who| self.named(who)),
            new: true,
            changed: false,
            cancelled: false,
            comments: 0,
        })
    }
}

/// When an appointment is, seen from today: the next time, where it comes again.
fn next_time(fact: &AppointmentFact, today: NaiveDate) -> Option<Span> {
    let first = fact.when.first()?;
    let Some(rule) = fact.rule() else { return Some(first.clone()) };
    let ahead = today.max(first.day()).checked_add_days(AHEAD)?;
    let next = rule.days(first.day(), today, ahead).first().and_then(|day| first.on(*day));
    Some(next.unwrap_or_else(|| first.clone()))
}

fn last_of(when: &Span, zone: Tz) -> DateTime<Utc> {
    moments(when, zone).1
}
