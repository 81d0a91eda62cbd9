//! From when until when, as somebody types it.

use super::drag::span;
use crate::desk::Desk;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use mera_schema::{Span, SpanOf};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// How a field for a time writes it.
const MINUTE: &str = "%H:%M";

/// What is typed. Whoever sets another beginning moves the end along: it is as long as before.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    first: String,
    from: String,
    last: String,
    to: String,
    pub whole_days: bool,
}

impl Times {
    /// An hour.
    pub fn at(at: NaiveDateTime) -> Self {
        Self::between(at, at + TimeDelta::hours(1), false)
    }

    /// What is agreed.
    pub fn of(span: &Span) -> Self {
        match span.of() {
            SpanOf::Hours { from, to, .. } => Self::between(from, to, false),
            SpanOf::Days { first, last } => {
                Self::between(first.and_time(NaiveTime::MIN), last.and_time(NaiveTime::MIN), true)
            }
        }
    }

    fn between(from: NaiveDateTime, to: NaiveDateTime, whole_days: bool) -> Self {
        Self {
            first: from.date().to_string(),
            from: from.format(MINUTE).to_string(),
            last: to.date().to_string(),
            to: to.format(MINUTE).to_string(),
            whole_days,
        }
    }

    /// The first and the last minute; of whole days the first minute of the first and of the last.
    fn read(&self) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let time = |text: &str| NaiveTime::parse_from_str(text, MINUTE).ok();
        let (first, last) = (day(&self.first)?, day(&self.last)?);
        if self.whole_days {
            return Some((first.and_time(NaiveTime::MIN), last.and_time(NaiveTime::MIN)));
        }
        Some((first.and_time(time(&self.from)?), last.and_time(time(&self.to)?)))
    }

    /// The same in whole days, or not.
    #[must_use]
    pub fn in_days(self, whole_days: bool) -> Self {
        Self { whole_days, ..self }
    }

    /// The day on which it begins.
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.first.parse().ok()
    }

    /// What is agreed, if it is a time.
    pub fn span(&self, zone: &str) -> Option<Span> {
        let (from, to) = self.read()?;
        let to = if self.whole_days { to.date().succ_opt()?.and_time(NaiveTime::MIN) } else { to };
        span(from, to, self.whole_days, zone)
    }

    fn begun(mut self, change: impl FnOnce(&mut Self)) -> Self {
        let before = self.read();
        change(&mut self);
        if let (Some((from, to)), Some((now, _))) = (before, self.read()) {
            let to = to + (now - from);
            (self.last, self.to) = (to.date().to_string(), to.format(MINUTE).to_string());
        }
        self
    }
}

/// The fields in which it is typed.
pub fn fields(desk: &Desk, times: &Times, set: &Callback<Times>) -> Html {
    let field = |name: &'static str, kind: &'static str, value: &str, change: fn(Times, String) -> Times| {
        let (set, times) = (set.clone(), times.clone());
        let onchange = Callback::from(move |event: Event| {
            set.emit(change(times.clone(), event.target_unchecked_into::<HtmlInputElement>().value()));
        });
        html! {
            <div><label class="mera-label" for={name}>{ desk.words.say(name) }</label>
                <input class="mera-input" type={kind} id={name} data-testid={name} value={value.to_owned()} {onchange} /></div>
        }
    };
    html! {<>
        { field("cal-first", "date", &times.first, |times, day| times.begun(|times| times.first = day)) }
        if !times.whole_days { { field("cal-from", "time", &times.from, |times, time| times.begun(|times| times.from = time)) } }
        { field("cal-last", "date", &times.last, |times, day| Times { last: day, ..times }) }
        if !times.whole_days { { field("cal-to", "time", &times.to, |times, time| Times { to: time, ..times }) } }
    </>}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_sets_another_beginning_moves_the_end_along() {
        let times = |from: &str, to: &str| {
            let at = |text: &str| text.parse::<NaiveDateTime>().unwrap_or_default();
            Times::between(at(from), at(to), false)
        };
        let late = times("2026-11-30T22:00:00", "2026-11-30T23:00:00");
        let later = late.clone().begun(|times| times.from = "23:30".into());
        assert_eq!(later, times("2026-11-30T23:30:00", "2026-12-01T00:30:00"));
        let before = later.begun(|times| times.first = "2026-11-27".into());
        assert_eq!(before, times("2026-11-27T23:30:00", "2026-11-28T00:30:00"));
        let unread = late.clone().begun(|times| times.first = String::new());
        assert_eq!((unread.span("UTC"), unread.last), (None, late.last));
        for text in ["2026-11-30T09:00/2026-11-30T10:30[UTC]", "2026-12-24/2026-12-26"] {
            let span: Option<Span> = text.parse().ok();
            assert_eq!(span.as_ref().map(Times::of).and_then(|times| times.span("UTC")), span, "{text}");
        }
    }
}
