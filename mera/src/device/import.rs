//! `mera device import`.

use super::Folder;
use crate::outlet::{NotDone, Outlet};
use crate::progress;
use crate::until_stopped::Stop;
use anyhow::{Context, Result, bail};
use mera_device::{Engine, IMPORTED_AT_A_TIME, Imported};
use mera_device_api::Refused;
use mera_import::{Plan, PlanFault, Profile, ProfileFault, SheetFault, Sheets, plan, sheet};
use serde_json::json;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What a folder is searched for.
const ENDINGS: [&str; 6] = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls"];

/// What is imported.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    folder: Folder,
    /// Which column is which field: the name of a profile that comes with the program, or a file of one's own.
    #[arg(long)]
    profile: String,
    /// Only says what would be taken and what refused; writes nothing.
    #[arg(long)]
    check: bool,
    /// Files of CSV or Excel, or a folder with them.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Reads everything, says what is refused, then writes.
pub fn run(options: &Options, outlet: Outlet) -> Result<()> {
    let stop = Stop::listen()?;
    let profile = profile(&options.profile)?;
    let mut engine = options.folder.open()?;
    let sheets = sheets(&profile, &options.files, outlet)?;
    let plan = plan(&profile, &sheets, |record| engine.knows(record)).map_err(|fault| not_planned(&fault))?;
    tell_read(&plan, outlet)?;
    if options.check {
        for refused in &plan.refused {
            outlet.say(&refused.to_string(), &json!({ "refused_row": refused }))?;
        }
        let (take, refuse) = (plan.drafts.len(), plan.refused.len());
        let sentence = format!("{take} records would be taken; {refuse} rows are refused. Nothing was written.");
        return Ok(outlet.say(&sentence, &json!({ "checked": { "records": take, "refused": refuse } }))?);
    }
    let (imported, written) = write(&mut engine, &profile, &plan, &stop, outlet)?;
    report(&plan, &imported, outlet)?;
    if written < plan.drafts.len() {
        let says = format!("stopped: {written} of {} records were taken; start it again to go on", plan.drafts.len());
        return Err(NotDone(Refused::new("import.stopped", says)).into());
    }
    match plan.refused.len() + imported.refused.len() {
        0 => Ok(()),
        rows => {
            let says = format!("{rows} rows were refused, the others are in; mend those rows and import again");
            Err(NotDone(Refused::new("import.rows_refused", says)).into())
        }
    }
}

fn profile(named: &str) -> Result<Profile> {
    let toml = match Profile::shipped(named) {
        Some(toml) => toml.to_owned(),
        None => fs::read_to_string(named).with_context(|| {
            let shipped = Profile::all_shipped().collect::<Vec<_>>().join(", ");
            format!(
                "{named:?} is neither a profile that comes with the program ({shipped}) nor a file that can be read"
            )
        })?,
    };
    Profile::read(&toml).map_err(|fault: ProfileFault| NotDone(Refused::new(fault.code(), fault.to_string())).into())
}

/// The sheets of all files; a folder gives those of its files that the profile reads.
fn sheets(profile: &Profile, paths: &[PathBuf], outlet: Outlet) -> Result<Sheets> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(of_folder(profile, path)?);
        } else {
            files.push(path.clone());
        }
    }
    let mut sheets = Sheets::default();
    let bar = progress::counting(outlet, files.len(), "reading files");
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let unread = |fault: SheetFault| NotDone(Refused::new(fault.code(), format!("{}: {fault}", path.display())));
        let file = fs::File::open(&path).with_context(|| format!("{} cannot be opened", path.display()))?;
        let mut bytes = Vec::new();
        let limit = sheet::FILE_LIMIT as u64 + 1;
        file.take(limit).read_to_end(&mut bytes).with_context(|| format!("{} cannot be read", path.display()))?;
        sheets.add(&name, &bytes).map_err(unread)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(sheets)
}

fn of_folder(profile: &Profile, folder: &Path) -> Result<Vec<PathBuf>> {
    let wanted = |path: &Path| {
        let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().to_lowercase();
        let (stem, ending) = (part(path.file_stem()), part(path.extension()));
        ENDINGS.contains(&ending.as_str()) && profile.reads().iter().any(|name| name.to_lowercase() == stem)
    };
    let entries = fs::read_dir(folder).with_context(|| format!("the folder {} cannot be read", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|path| wanted(path));
    files.sort();
    if files.is_empty() {
        let reads = profile.reads().join(", ");
        bail!("the folder {} has none of the sheets that the profile reads: {reads}", folder.display());
    }
    Ok(files)
}

fn not_planned(fault: &PlanFault) -> NotDone {
    NotDone(Refused::new(fault.code(), fault.to_string()))
}

fn tell_read(plan: &Plan, outlet: Outlet) -> Result<()> {
    for read in &plan.read {
        let how = match &read.dialect {
            sheet::Dialect::Text { encoding, separator } => format!("{encoding}, separated by {separator:?}"),
            sheet::Dialect::Workbook { leaf } => format!("leaf {leaf} of a workbook"),
        };
        outlet.say(&format!("read {}: {} rows ({how})", read.sheet, read.rows), &json!({ "read": read }))?;
    }
    for missing in &plan.missing {
        outlet.say(&format!("not given: {missing}"), &json!({ "missing": missing }))?;
    }
    for unused in &plan.unused {
        outlet
            .say(&format!("not used: {unused}, of which the profile does not speak"), &json!({ "unused": unused }))?;
    }
    Ok(())
}

/// Writes until all is written or the person stops it; gives how many records were looked at.
fn write(
    engine: &mut Engine,
    profile: &Profile,
    plan: &Plan,
    stop: &Stop,
    outlet: Outlet,
) -> Result<(Imported, usize)> {
    let bar = progress::counting(outlet, plan.drafts.len(), "writing records");
    let (mut imported, mut written) = (Imported::default(), 0);
    for drafts in plan.drafts.chunks(IMPORTED_AT_A_TIME) {
        if stop.asked() {
            break;
        }
        imported.add(engine.import(&profile.name, drafts)?);
        written += drafts.len();
        bar.inc(drafts.len() as u64);
    }
    bar.finish_and_clear();
    Ok((imported, written))
}

fn report(plan: &Plan, imported: &Imported, outlet: Outlet) -> Result<()> {
    for refused in plan.refused.iter().chain(&imported.refused) {
        outlet.say(&refused.to_string(), &json!({ "refused_row": refused }))?;
    }
    let counts = [("new", &imported.created), ("changed", &imported.changed), ("as before", &imported.unchanged)];
    let said =
        counts.iter().flat_map(|(word, counts)| counts.iter().map(move |(kind, n)| format!("{n} {kind} {word}")));
    let said = said.collect::<Vec<_>>().join(", ");
    let refused = plan.refused.len() + imported.refused.len();
    let sentence = format!("{}; {refused} rows refused", if said.is_empty() { "nothing" } else { &said });
    let (created, changed, unchanged) = (&imported.created, &imported.changed, &imported.unchanged);
    let json = json!({ "created": created, "changed": changed, "unchanged": unchanged, "refused": refused });
    Ok(outlet.say(&sentence, &json!({ "imported": json }))?)
}
