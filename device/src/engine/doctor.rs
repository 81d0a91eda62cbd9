//! The doctor: opens every document and checks that facts, views and digest are what a rebuild from nothing gives.

use super::Engine;
use crate::DeviceFault;
use crate::views::Views;
use mera_business::facts;
use mera_device_api::Reply;
use mera_schema::document::{self, Document};
use mera_sync_protocol::{Digests, Subject};

impl Engine {
    /// Rebuilds everything beside what stands and compares. Nothing is changed; damage is noted for the next start.
    pub(super) fn doctor(&mut self) -> Result<Reply, DeviceFault> {
        let (mut rebuilt, mut digests, mut complaints, mut records) =
            (Views::default(), Digests::default(), Vec::new(), 0);
        for row in self.store.rows() {
            let (record, row) = row?;
            records += 1;
            let bytes = match self.store.document_of(record, &row, self.members.keys()) {
                Ok(bytes) => bytes,
                Err(fault) if fault.is_damage() => {
                    complaints.push(format!("{record}: {fault}"));
                    self.note_damage();
                    continue;
                }
                Err(fault) => return Err(fault),
            };
            let Ok(mut doc) = Document::open(&bytes) else {
                complaints.push(format!("{record}: its document cannot be read"));
                continue;
            };
            let heads = document::heads(&mut doc);
            let facts = facts::facts(&document::read(&mut doc, record));
            if heads != row.heads || facts != row.facts {
                complaints.push(format!("{record}: what lists say of it is not what it says"));
            }
            digests.toggle(record, &heads);
            rebuilt.replace(record, &[], facts);
        }
        self.walk(|at, signed| {
            let erased = |subject: &&Subject| self.erasures.has(subject);
            for subject in signed.entry.subjects.iter().filter(erased) {
                if signed.entry.clone().erase(|one| one == subject) {
                    let (id, seq) = (uuid::Uuid::from_bytes(subject.id), at.seq);
                    complaints.push(format!("{id} was erased, and entry {seq} of {} still speaks of it", at.device));
                }
            }
            Ok(())
        })?;
        for author in self.store.authors() {
            let author = author?;
            if !self.store.is_whole(&author)? {
                complaints.push(format!("the log of {} is not whole", author.key.device()));
                // Starting reads no whole logs, for it would take too long; the next start puts the store aside.
                self.note_damage();
            }
        }
        if digests.whole() != self.books.digests.whole() {
            complaints.push("the digest is not that of the records".into());
        }
        let views_equal = rebuilt == self.views;
        Ok(Reply::Doctor { records, views_equal, digest: digests.whole().to_string(), complaints })
    }
}
