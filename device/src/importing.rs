//! An import that a screen or script asked for through the contract: in steps, so that everybody else is answered
//! meanwhile; with a notice after each; stopped between two of them when asked.

use crate::engine::{IMPORTED_AT_A_TIME, Imported};
use crate::handle::{Shared, at_the_disk};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mera_device_api::{ImportFile, ImportProfile, ImportReport, Notice, ProfileRow, Refused, RefusedRow};
use mera_import::{Plan, PlanFault, Profile, Sheets, plan};
use std::sync::Arc;

/// Refused rows that a report lists; the number is told in full.
const ROWS_TOLD: usize = 500;

/// The profiles that come with the program.
pub(crate) fn profiles() -> Vec<ProfileRow> {
    let row = |name| {
        let profile = Profile::read(Profile::shipped(name)?).ok()?;
        let reads = profile.reads().into_iter().map(str::to_owned).collect();
        Some(ProfileRow { name: profile.name, says: profile.says, reads })
    };
    Profile::all_shipped().filter_map(row).collect()
}

/// Imports files; with `check` only says what would be taken and what refused.
pub(crate) async fn import(
    shared: &Arc<Shared>,
    profile: ImportProfile,
    files: Vec<ImportFile>,
    check: bool,
) -> Result<ImportReport, Refused> {
    let under_way = || Refused::new("import.under_way", "another import is under way; wait for its end, or stop it");
    let _one = shared.importing.begin().ok_or_else(under_way)?;
    let (profile, sheets) = at_the_disk(move || read(&profile, files)).await?;
    let (plan, profile) = shared
        .with(move |engine| plan(&profile, &sheets, |record| engine.knows(record)).map(|plan| (plan, profile)))
        .await
        .map_err(|fault| not_planned(&fault))?;
    let (plan, source) = (Arc::new(plan), profile.name);
    let (mut imported, mut done) = (Imported::default(), 0);
    while !check && done < plan.drafts.len() && !shared.importing.shall_stop() {
        let next = (done + IMPORTED_AT_A_TIME).min(plan.drafts.len());
        let (drafts, source) = (plan.clone(), source.clone());
        imported.add(shared.with(move |engine| engine.import(&source, &drafts.drafts[done..next])).await?);
        done = next;
        shared.announce(&[Notice::Importing { done, of: plan.drafts.len() }]);
    }
    let stopped = !check && done < plan.drafts.len();
    Ok(ImportReport { checked: check, stopped, ..report(&plan, imported) })
}

fn not_planned(fault: &PlanFault) -> Refused {
    let mut refused = Refused::new(fault.code(), fault.to_string());
    let words: &[(&str, &String)] = match fault {
        PlanFault::NothingFits { profile, wants, there } => &[("profile", profile), ("wants", wants), ("there", there)],
        PlanFault::NoColumn { sheet, column, there } => &[("sheet", sheet), ("column", column), ("there", there)],
        PlanFault::Sheet { sheet, .. } => &[("file", sheet)],
    };
    refused.args = words.iter().map(|(name, word)| ((*name).to_owned(), (*word).clone())).collect();
    refused
}

fn read(profile: &ImportProfile, files: Vec<ImportFile>) -> Result<(Profile, Sheets), Refused> {
    let toml = match profile {
        ImportProfile::Own(toml) => toml.as_str(),
        ImportProfile::Shipped(name) => Profile::shipped(name).ok_or_else(|| {
            let there = Profile::all_shipped().collect::<Vec<_>>().join(", ");
            Refused::new("profile.none", format!("no profile {name:?} comes with the program; there are {there}"))
        })?,
    };
    let profile = Profile::read(toml).map_err(|fault| Refused::new(fault.code(), fault.to_string()))?;
    let mut sheets = Sheets::default();
    for ImportFile { name, content } in files {
        let bytes = STANDARD.decode(content);
        let bytes = bytes.map_err(|fault| Refused::new("import.not_base64", format!("{name}: {fault}")))?;
        sheets.add(&name, &bytes).map_err(|fault| {
            let mut refused = Refused::new(fault.code(), format!("{name}: {fault}"));
            refused.args.insert("file".into(), name.clone());
            refused
        })?;
    }
    Ok((profile, sheets))
}

fn report(plan: &Plan, imported: Imported) -> ImportReport {
    let all = || plan.refused.iter().chain(&imported.refused);
    let row = |refused: &mera_import::Refused| RefusedRow {
        sheet: refused.sheet.clone(),
        line: refused.line,
        column: refused.column.clone(),
        code: refused.code.clone(),
        says: refused.says.clone(),
    };
    ImportReport {
        checked: false,
        stopped: false,
        records: plan.drafts.len(),
        read: plan.read.iter().map(|read| (read.sheet.clone(), read.rows)).collect(),
        missing: plan.missing.clone(),
        unused: plan.unused.clone(),
        refused: all().count(),
        rows: all().take(ROWS_TOLD).map(row).collect(),
        created: imported.created,
        changed: imported.changed,
        unchanged: imported.unchanged,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Device, Engine, Founding, Place, RealWorld};
    use mera_device_api::{Answer, Reply, Request};
    use mera_schema::{Desk, RecordKind};

    const PROFILE: &str = "name = \"erp\"\n[[sheets]]\nname = \"kunder\"\nrecord = \"customer\"\nkey = \"nr\"\nfields = { name = \"navn\", discount = \"rabat\" }\n";

    fn device() -> (tempfile::TempDir, Device) {
        let folder = tempfile::tempdir().unwrap();
        let (person, name, series) = ("Anna".into(), "pc".into(), "A1".into());
        let founding = Founding { person, name, desk: Desk::Sales, series, relay: None, vault: Place::InFolder };
        let engine = Engine::found(folder.path(), founding, Arc::new(RealWorld)).unwrap();
        (folder, Device::start(engine))
    }

    fn asked(sheet: &str, check: bool) -> Request {
        let files = vec![ImportFile { name: "Kunder.csv".into(), content: STANDARD.encode(sheet) }];
        Request::Import { profile: ImportProfile::Own(PROFILE.into()), files, check }
    }

    async fn imported(device: &Device, request: Request) -> ImportReport {
        match device.request(request).await {
            Answer::Ok(Reply::Import(report)) => report,
            other => panic!("not imported: {other:?}"),
        }
    }

    async fn refused(device: &Device, request: Request) -> String {
        match device.request(request).await {
            Answer::Refused(refused) => refused.code,
            other => panic!("not refused: {other:?}"),
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_screen_looks_first_then_imports_and_hears_how_far_it_is() {
        let (_folder, device) = device();
        let rows: String = (0..60).map(|n| format!("{n};Kunde {n};{n}\n")).collect();
        let sheet = format!("nr;navn;rabat\n{rows}x;Kunde X;meget\n");
        let looked = imported(&device, asked(&sheet, true)).await;
        assert_eq!((looked.checked, looked.records, looked.refused), (true, 60, 1));
        let row = &looked.rows[0];
        assert_eq!((row.line, row.column.as_deref(), row.code.as_str()), (62, Some("rabat"), "row.no_figure"));
        let all = || Request::List { kind: RecordKind::Customer, query: String::new(), offset: 0, limit: 1 };
        let Answer::Ok(Reply::Page(page)) = device.request(all()).await else { panic!() };
        assert_eq!(page.total, 0, "nothing was written");

        let mut notices = device.notices();
        let report = imported(&device, asked(&sheet, false)).await;
        assert_eq!((report.created[&RecordKind::Customer], report.refused, report.stopped), (60, 1, false));
        let mut steps = Vec::new();
        while let Ok(notice) = notices.try_recv() {
            if let Ok(Notice::Importing { done, of }) = serde_json::from_str(&notice) {
                steps.push((done, of));
            }
        }
        assert_eq!(steps, [(25, 60), (50, 60), (60, 60)]);
        let again = imported(&device, asked(&sheet, false)).await;
        assert_eq!((again.created.len(), again.unchanged[&RecordKind::Customer]), (0, 60));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_import_is_stopped_between_two_steps_and_goes_on_when_it_is_asked_for_again() {
        let (_folder, device) = device();
        let rows: String = (0..2_000).map(|n| format!("{n};Kunde {n};5\n")).collect();
        let sheet = format!("nr;navn;rabat\n{rows}");
        let mut notices = device.notices();
        let running = {
            let (device, sheet) = (device.clone(), sheet.clone());
            tokio::spawn(async move { imported(&device, asked(&sheet, false)).await })
        };
        while !notices.recv().await.unwrap().contains("importing") {}
        assert_eq!(refused(&device, asked(&sheet, false)).await, "import.under_way");
        device.request(Request::StopImport).await;
        let report = running.await.unwrap();
        let first = report.created[&RecordKind::Customer];
        assert!(report.stopped && first < 2_000, "{first}");
        let rest = imported(&device, asked(&sheet, false)).await;
        assert_eq!(
            (rest.created[&RecordKind::Customer], rest.unchanged[&RecordKind::Customer]),
            (2_000 - first, first)
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_imported_is_refused_with_a_code() {
        let (_folder, device) = device();
        let with = |profile: ImportProfile, content: &str| {
            let files = vec![ImportFile { name: "kunder.csv".into(), content: content.into() }];
            Request::Import { profile, files, check: false }
        };
        let own = || ImportProfile::Own(PROFILE.into());
        for (request, code) in [
            (with(ImportProfile::Shipped("southwind".into()), ""), "profile.none"),
            (with(ImportProfile::Own("name = 1".into()), ""), "profile.unreadable"),
            (with(own(), "%%%"), "import.not_base64"),
            (with(own(), &STANDARD.encode(b"\x89PNG\r\n\x1a\n\0\0\0\r")), "sheet.not_text"),
            (with(own(), &STANDARD.encode("a,b\n1,2\n")), "import.no_column"),
        ] {
            assert_eq!(refused(&device, request).await, code);
        }
        let Answer::Ok(Reply::ImportProfiles(profiles)) = device.request(Request::ImportProfiles).await else {
            panic!()
        };
        assert_eq!(profiles[0].name, "northwind");
        assert!(profiles[0].reads.contains(&"customers".to_owned()));
    }
}
