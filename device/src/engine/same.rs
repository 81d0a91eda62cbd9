//! A company or person who is in the records twice: suggested, made one, and taken apart again.

use super::edit::{refused, unwritten};
use super::{Engine, Open};
use mera_business::{change, same};
use mera_device_api::{Done, Page, Refused, Row};
use mera_schema::document;
use mera_schema::{Edit, RecordDef, RecordRef};
use std::collections::BTreeSet;

/// Rows of records that may be the same, at most.
const SUGGESTED: usize = 8;
/// What says in a name which form a company has, and nothing of which company it is.
const FORMS: [&str; 14] =
    ["a/s", "as", "aps", "i/s", "k/s", "p/s", "ivs", "gmbh", "ag", "ab", "oy", "ltd", "bv", "inc"];

impl Engine {
    /// Says that a record is another one, which stands for both from then on. One entry tells of both records, so that nobody ever
    /// has half of it.
    pub(super) fn merge(&mut self, record: RecordRef, into: RecordRef) -> Result<Done, Refused> {
        let into = self.views.whole(into);
        let (one, whole) = (self.tree(record)?, self.tree(into)?);
        let merging = same::merge(&one, &whole).map_err(|refusal| refused(&refusal))?;
        change::allowed(&whole, &merging.whole).map_err(|refusal| refused(&refusal))?;
        let mut chunks = Vec::new();
        for (record, edits) in [(into, merging.whole), (record, merging.one)] {
            match self.written_in(record, &edits) {
                Ok(chunk) if chunk.is_empty() => {}
                Ok(chunk) => chunks.push((record, chunk)),
                Err(refused) => {
                    // What was applied and is not told is not kept either.
                    chunks.iter().for_each(|(record, _)| drop(self.open.remove(record)));
                    return Err(refused);
                }
            }
        }
        if !chunks.is_empty() {
            self.commit(chunks)?;
        }
        self.done(into, None)
    }

    /// Says that a record is no other one after all.
    pub(super) fn take_apart(&mut self, record: RecordRef) -> Result<Done, Refused> {
        self.must_exist(record)?;
        if !RecordDef::of(record.kind).may_be_another() {
            return Err(refused(&mera_business::Refusal::NotTheSame));
        }
        self.edit_as_it_stands(record, &same::apart())?;
        self.done(record, None)
    }

    /// Records of the same kind with the same number, or with the same name in whatever form of company.
    pub(super) fn duplicates(&mut self, record: RecordRef) -> Result<Page, Refused> {
        self.must_exist(record)?;
        let nothing = Page { total: 0, rows: Vec::new() };
        let whole = self.views.whole(record);
        if !RecordDef::of(record.kind).may_be_another() || whole != record {
            return Ok(nothing);
        }
        let mut found = BTreeSet::new();
        if let Some(number) = self.number_of(record)? {
            found.extend(self.views.reached_by(number..number.next()));
        }
        let name = bare(&self.views.title(record));
        if name.len() > 2 {
            let (_, named) = self.views.search(record.kind, &mut crate::views::Query::of(&name), 0, SUGGESTED * 4);
            found.extend(named.into_iter().filter(|other| bare(&self.views.title(*other)) == name));
        }
        let others = found.into_iter().filter(|other| other.kind == record.kind).map(|other| self.views.whole(other));
        let others: BTreeSet<RecordRef> = others.filter(|other| *other != record).collect();
        let rows: Vec<Row> = others.iter().take(SUGGESTED).filter_map(|other| self.row(*other)).collect();
        Ok(Page { total: others.len(), rows })
    }

    /// What edits of a record as it stands add to it; nothing is committed yet.
    fn written_in(&mut self, record: RecordRef, edits: &[Edit]) -> Result<Vec<u8>, Refused> {
        let moment = self.moment();
        let Open { doc, .. } = self.document(record)?;
        let seen = document::heads(doc);
        document::apply(doc, RecordDef::of(record.kind), &seen, edits, moment).map_err(|fault| unwritten(&fault))
    }
}

/// A name without what says the form of a company.
fn bare(name: &str) -> String {
    let name = name.to_lowercase();
    let words = name.split_whitespace().map(|word| word.trim_matches(['.', ',']));
    words.filter(|word| !FORMS.contains(word) && !word.is_empty()).collect::<Vec<_>>().join(" ")
}
