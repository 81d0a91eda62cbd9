//! The trail as text for whoever checks it without this program; `docs/audit.md` tells the form and how to check it.

use super::super::Engine;
use super::ROWS;
use csv::Writer;
use mera_device_api::{
    AuditAct, AuditField, AuditFilter, AuditForm, AuditPlace, AuditRecord, AuditRow, AuditText, PersonOn, Refused,
};
use serde::Serialize;
use serde_json::{Value, json};

/// The version of the form.
const FORM: u32 = 1;
/// Records of one entry that are told: all there are.
const ALL: usize = usize::MAX;
/// The columns of the sheet.
const COLUMNS: [&str; 16] = [
    "number",
    "device",
    "person",
    "person_name",
    "device_name",
    "at",
    "standing",
    "did",
    "record",
    "title",
    "field",
    "part",
    "before",
    "after",
    "hash",
    "signature",
];

impl Engine {
    /// A part of the whole trail, newest first.
    pub(in crate::engine) fn audit_text(
        &mut self,
        form: AuditForm,
        from: Option<&AuditPlace>,
    ) -> Result<AuditText, Refused> {
        let all = AuditFilter::default();
        self.may_audit(&all)?;
        let page = self.audit_rows(&all, from, (ROWS, ALL))?;
        let text = match form {
            AuditForm::Csv => sheet(&page.rows, from.is_none()),
            AuditForm::JsonLines => lines(&page.rows, from.is_none().then(|| self.heading())),
        };
        Ok(AuditText { text, rows: page.rows.len(), next: page.next })
    }

    /// The first line: what this is, of which company, and who took it out of the house.
    fn heading(&self) -> Value {
        let (company, device) = (self.identity.workspace, self.device);
        json!({ "mera_audit": FORM, "company": company, "exported_by": device, "statements": self.members.now().length() })
    }
}

fn lines(rows: &[AuditRow], heading: Option<Value>) -> String {
    let rows = rows.iter().map(|row| json!(row));
    heading.into_iter().chain(rows).map(|line| format!("{line}\n")).collect()
}

/// A row for each field; one for what has none.
fn sheet(rows: &[AuditRow], headed: bool) -> String {
    let mut sheet = Writer::from_writer(Vec::new());
    let mut put = |row: [String; 16]| sheet.write_record(row).expect("it is written to memory");
    if headed {
        put(COLUMNS.map(str::to_owned));
    }
    for row in rows {
        for said in told(&row.act) {
            put(cells(row, said));
        }
    }
    let bytes = sheet.into_inner().expect("it is written to memory");
    String::from_utf8(bytes).expect("every cell is a text")
}

/// What a row of the sheet says: record, title, field, part, before, after.
type Said = [String; 6];

fn cells(row: &AuditRow, [record, title, field, part, before, after]: Said) -> [String; 16] {
    let AuditRow { by, proof, .. } = row;
    [
        row.number.to_string(),
        row.device.map(|device| device.to_string()).unwrap_or_default(),
        row.person.map(|person| person.to_string()).unwrap_or_default(),
        by.person.clone(),
        by.device.clone(),
        row.at.to_rfc3339(),
        word(&row.standing),
        json!(row.act)["did"].as_str().unwrap_or_default().to_owned(),
        record,
        title,
        field,
        part,
        before,
        after,
        proof.hash.clone(),
        proof.signature.clone().unwrap_or_default(),
    ]
}

fn told(act: &AuditAct) -> Vec<Said> {
    let one =
        |title: String, after: String| vec![[String::new(), title, String::new(), String::new(), String::new(), after]];
    match act {
        AuditAct::Changed { records, .. } | AuditAct::Erased { records, .. } => {
            records.iter().flat_map(fields).collect()
        }
        AuditAct::Founded => one(String::new(), String::new()),
        AuditAct::Admitted { who, roles, .. } => one(named(who), roles.join(", ")),
        AuditAct::RolesSet { name, roles, .. } => one(name.clone(), roles.join(", ")),
        AuditAct::Revoked { who, .. } => one(who.iter().map(named).collect::<Vec<_>>().join(", "), String::new()),
        AuditAct::KeysRenewed { epoch } | AuditAct::RecoveryCodeReplaced { epoch } => {
            one(String::new(), epoch.to_string())
        }
        AuditAct::Recovered { who, .. } | AuditAct::Branched { who, .. } => one(named(who), String::new()),
        AuditAct::Judged { who, number, taken, note, .. } => {
            one(format!("{} {number}", named(who)), if *taken { "taken over".into() } else { note.clone() })
        }
        AuditAct::Repeated { records } => one(String::new(), records.to_string()),
        AuditAct::Checkpoint { records } => one(String::new(), records.to_string()),
        AuditAct::Unknown { kind } => one(String::new(), kind.to_string()),
    }
}

fn fields(record: &AuditRecord) -> Vec<Said> {
    let link = record.record.map(|record| record.to_string()).unwrap_or_default();
    let said = |field: &AuditField| {
        let (before, after) = (field.before.clone().unwrap_or_default(), field.after.clone().unwrap_or_default());
        [link.clone(), record.title.clone(), field.path.to_string(), field.part.clone(), before, after]
    };
    if record.fields.is_empty() {
        let says = word(&record.says);
        return vec![[link, record.title.clone(), String::new(), String::new(), String::new(), format!("({says})")]];
    }
    record.fields.iter().map(said).collect()
}

fn named(who: &PersonOn) -> String {
    format!("{} ({})", who.person, who.device)
}

/// The contract's word for something.
fn word(value: &impl Serialize) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}
