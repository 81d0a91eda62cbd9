//! What the targets begin with: things as the house's own code writes them, so that fuzzing starts behind the first checks.

use crate::invitation::invitation;
use crate::shelf::{log, shelf};
use mera_schema::document::{self, Document, Moment};
use mera_schema::{DeviceId, Edit, ItemId, RecordDef, RecordKind};
use mera_sync_protocol::{
    Brought, Cursor, Entry, EntryKind, Frame, Hlc, Marks, PROTOCOL, Part, Payload, PeerState, Peers, Replica, Subject,
    Vector,
};
use mera_trust::fixture::{Fixture, card};
use mera_trust::{Act, Base, Checkpoint, Intent, RecoveryCode, Role, Roles, SignedStatement};
use uuid::Uuid;

/// A seed: the name of its file, and what stands in it.
pub type Seed = (String, Vec<u8>);

/// The seeds of a target. Those of `backup` are others each time, since no two devices have one secret.
pub fn of(target: &str) -> Vec<Seed> {
    match target {
        "frame" => frames(),
        "entry" => entries(),
        "chain" => chains(),
        "checkpoint" => crate::checkpoint::seeds(),
        "document" => documents(),
        #[cfg(feature = "device")]
        "backup" => crate::backup::seeds(),
        "sheet" => sheets(),
        "invitation" => invitations(),
        _ => Vec::new(),
    }
}

fn written(value: &impl serde::Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).expect("seeds are plain data in memory and always serialise")
}

fn frames() -> Vec<Seed> {
    let shelf = shelf();
    let (me, other) = (card(2).0, card(3).0.public().device());
    let chain = shelf.company.chain.clone();
    let (vector, cursor) = (Vector::from_iter([(other, 7)]), Cursor { epoch: [1; 16], arrival: 1 });
    let run = log(&shelf.company, 2, (0..2).map(|_| vec![(RecordKind::Quote, 5), (RecordKind::Task, 6)]));
    let workspace = shelf.company.workspace();
    let (protocol, proof) = (PROTOCOL, me.sign(b"something else"));
    let hello =
        Frame::Hello { protocol, workspace, key: me.public(), proof, cursor: Some(cursor), chain: shelf.chain() };
    let (marks, own, place) = (Marks::default(), 2, [4; 16]);
    let (time, back_proof) = (1, me.sign(b"I am back"));
    let back = Frame::Back { company: [9; 6], member: 1, arrival: 1, time, mark: [3; 4], proof: back_proof };
    let behind = PeerState { device: other, vector: Vector::default(), spoke: 1 };
    let peers = Peers::told(vector.clone(), vec![behind]);
    let extend = Frame::Extend(Box::new(chain[1].clone()));
    let said = |code: &str| (code.to_owned(), "a sentence that says why".to_owned());
    let ((code, says), (no, why)) = (said("membership.behind"), said("relay.full"));
    let singly = [
        ("challenge", Frame::Challenge { protocol, epoch: [1; 16], nonce: [7; 32] }),
        ("hello", hello),
        ("tell-chain", Frame::TellChain { after: 1 }),
        ("chain", Frame::Chain(chain[1..].to_vec())),
        ("extend", extend),
        ("not-extended", Frame::NotExtended { code, says }),
        ("await", Frame::Await { place, until: 4_000_000_000 }),
        ("meet", Frame::Meet { workspace, place, message: vec![5; 48] }),
        ("welcome", Frame::Welcome { own, have: Some(vector.clone()) }),
        ("refused", Frame::Refused { code: no, says: why }),
        ("have", Frame::Have(vector)),
        ("push", Frame::Push(vec![Brought::Whole(run.clone()), Brought::Onward(run.clone().into())])),
        ("ack", Frame::Ack { device: other, seq: 3 }),
        ("deliver", Frame::Deliver { runs: vec![run], cursor, more: false }),
        ("took", Frame::Took { arrival: 1, own, held: 5, marks }),
        ("ask-peers", Frame::AskPeers),
        ("peers", Frame::Peers(peers)),
        ("diverged", Frame::Diverged(other)),
        ("want", Frame::Want { device: other, after: 1 }),
        ("go-on", Frame::GoOn),
        ("back", back),
        ("welcome-back", Frame::WelcomeBack { complete: true }),
    ];
    let of = |names: &[&str]| {
        let frame = |name: &&str| singly.iter().find(|(own, _)| own == name).map(|(_, frame)| frame.clone());
        written(&names.iter().filter_map(frame).collect::<Vec<Frame>>())
    };
    let conversations = [
        ("at-the-relay", of(&["have", "took", "push", "ask-peers", "want", "await", "meet", "extend"])),
        ("at-a-device", of(&["chain", "welcome", "deliver", "ack", "peers", "not-extended", "meet", "diverged"])),
    ];
    let alone = singly.iter().map(|(name, frame)| ((*name).to_owned(), frame.encode()));
    alone.chain(conversations.map(|(name, bytes)| (name.to_owned(), bytes))).collect()
}

fn entries() -> Vec<Seed> {
    let shelf = shelf();
    let records = [(RecordKind::Quote, 5), (RecordKind::Customer, 6), (RecordKind::Task, 7)];
    let run = log(&shelf.company, 2, records.iter().map(|record| vec![*record]));
    let together = log(&shelf.company, 2, [records.to_vec()].into_iter());
    let mut erased = together.entries.clone();
    for entry in &mut erased {
        entry.erase(|subject| subject.collection.0 == 1);
    }
    let subjects = vec![Subject { collection: mera_sync_protocol::Collection(1), id: [6; 16] }];
    let (time, payload) = (Hlc { millis: u64::MAX, counter: u32::MAX }, Payload::default());
    let erasure = Entry { time, kind: EntryKind::ERASURE, epoch: 0, subjects: subjects.clone(), payload };
    let gone = Payload(vec![Part::Erased { hash: [1; 32], length: u64::MAX }]);
    let later = Entry { kind: EntryKind(9), payload: gone, ..erasure.clone() };
    vec![
        ("run".into(), written(&run)),
        ("run-of-the-shelf".into(), written(&shelf.run)),
        ("entries".into(), written(&run.entries)),
        ("of-three-records".into(), written(&together.entries)),
        ("with-an-erased-part".into(), written(&erased)),
        ("erasure-and-a-kind-that-comes-later".into(), written(&vec![erasure, later])),
    ]
}

fn chains() -> Vec<Seed> {
    let mut company = Fixture::of(3);
    let cards = [2, 3, 4, 5].map(|n| card(n).2);
    let [second, third, newcomer, branch] = cards;
    let end = |seq| Base { seq, hash: [5; 32] };
    let checkpoint = Checkpoint {
        base: vec![(card(1).2.device.device(), end(4))],
        seen: vec![(card(2).2.device.device(), 1)],
        begun: 1,
        end: end(6),
        records: 2,
    };
    let intents = [
        Intent::Checkpoint(checkpoint),
        Intent::SetRoles { person: third.person, roles: [Role::Warehouse].into_iter().collect() },
        Intent::SetRoles { person: third.person, roles: Roles::all() },
        Intent::Admit { card: newcomer, roles: [Role::Sales, Role::Office].into_iter().collect() },
        Intent::Rotate,
        Intent::Revoke { device: second.device.device() },
        Intent::Branch { card: mera_trust::Card { person: card(1).2.person, ..branch } },
        Intent::NewRecovery { recovery: RecoveryCode::from_seed([8; 32]).card() },
    ];
    let before = company.chain.len();
    for intent in &intents {
        company.say(intent);
    }
    let acts = |said: &[SignedStatement]| written(&said.iter().map(|one| &one.statement.act).collect::<Vec<&Act>>());
    let mut seeds =
        vec![("chain".to_owned(), written(&company.chain)), ("acts".to_owned(), acts(&company.chain[before..]))];
    for (number, one) in company.chain.iter().enumerate().skip(before) {
        seeds.push((format!("act-{number}"), acts(std::slice::from_ref(one))));
    }
    seeds
}

/// Some edits that each kind takes.
fn documents() -> Vec<Seed> {
    let moment = Moment { device: DeviceId::new(Uuid::from_u128(1)), millis: 1_000 };
    let item = ItemId::new(Uuid::from_u128(3));
    let edits = |kind: RecordKind| -> Vec<Edit> {
        let named = match kind {
            RecordKind::Quote | RecordKind::Order | RecordKind::Task => "number",
            _ => "name",
        };
        let mut edits = vec![Edit::set(named, "Aalborg Værft A/S")];
        if kind == RecordKind::Quote {
            let line = |field, value: &str| Edit::set_in("lines", item, field, value);
            edits.extend([line("text", "Kugleventil DN50"), line("unit_price", "95 DKK"), line("quantity", "4 pcs")]);
        }
        edits
    };
    let mut seeds = Vec::new();
    for (number, kind) in (0_u8..).zip(RecordKind::ALL) {
        let def = RecordDef::of(*kind);
        let mut doc = Document::found(def);
        let founded = document::heads(&mut doc);
        let of_kind = |bytes: Vec<u8>| [vec![number], bytes].concat();
        let name = kind.as_str();
        for edit in edits(*kind) {
            let seen = document::heads(&mut doc);
            // An item that is not there yet is no edit's business; the others stand.
            document::apply(&mut doc, def, &seen, std::slice::from_ref(&edit), moment).ok();
        }
        seeds.push((format!("{name}-changes"), of_kind(doc.chunks_since(&founded))));
        seeds.push((format!("{name}-whole"), of_kind(doc.save())));
    }
    seeds
}

fn sheets() -> Vec<Seed> {
    let customers = "customer_id,company_name,contact_name,city,country,phone\n\
                     ALFKI,\"Alfreds, Futterkiste\",Maria Anders,Berlin,Germany,030-0074321\n";
    let orders = "order_id;customer_id;employee_id;order_date;freight\n10248;ALFKI;5;1996-07-04;\"32,38\"\n";
    let (latin, wide) = ("navn\tby\nVærft\tÅlborg\n", "name;city\nå;b\n");
    let latin: Vec<u8> = latin.chars().map(|sign| u8::try_from(u32::from(sign)).unwrap_or(b'?')).collect();
    let wide: Vec<u8> = std::iter::once(0xfeff).chain(wide.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let profile = "name = \"own\"\nsays = \"a profile\"\ncurrency = \"DKK\"\n\n[[sheets]]\nname = \"customers\"\n\
                   record = \"customer\"\nkey = \"id\"\n[sheets.fields]\nname = \"name\"\n";
    vec![
        ("customers".into(), customers.into()),
        ("orders".into(), orders.into()),
        ("latin-1".into(), latin),
        ("utf-16".into(), wide),
        ("quote-left-open".into(), "a,b\n\"1,2\n3,4\n".into()),
        ("profile".into(), profile.into()),
    ]
}

fn invitations() -> Vec<Seed> {
    vec![
        ("invitation".into(), invitation().to_string().into()),
        ("recovery-code".into(), RecoveryCode::from_seed([9; 32]).to_string().into()),
        (
            "recovery-code-of-a-company".into(),
            RecoveryCode::from_seed([9; 32]).of(shelf().company.workspace()).to_string().into(),
        ),
        ("newer".into(), "MERA2-00000-00000".into()),
        ("words".into(), b"i want to come in".to_vec()),
    ]
}
