//! The scenario, played through the contract without a person: two edit one quote offline, and meet again.

use super::cast::{Cast, Player};
use crate::outlet::Outlet;
use anyhow::{Context, Result, bail};
use mera_device_api::{ClashRow, NewItem, Reply, Request};
use mera_schema::{AnyRecord, Edit, ItemId, RecordKind, RecordRef};
use serde_json::json;
use std::path::Path;

/// Plays it in a folder of its own, and ends with one line of JSON.
pub async fn run(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    let cast = Cast::gather(folder).await?;
    cast.until_equal().await?;
    let [sales, office, warehouse] = cast.players.as_slice() else { bail!("there are not three devices") };
    let quote = first_quote(sales).await?;
    sales.plug(false).await?;
    edit_apart(quote, sales, office, warehouse).await?;
    let apart = sales.status().await?.digest != office.status().await?.digest;
    sales.plug(true).await?;
    cast.until_equal().await?;
    let found = clashes(office).await?;
    let shown_everywhere = clashes(sales).await?.len() == found.len() && clashes(warehouse).await?.len() == found.len();
    for clash in &found {
        settle(office, clash).await?;
    }
    cast.until_equal().await?;
    let mut left = 0;
    for player in &cast.players {
        left += clashes(player).await?.len();
    }
    let (mut records, mut views_equal) = (0, true);
    for player in &cast.players {
        let Reply::Doctor { records: held, views_equal: equal, complaints, .. } = player.ask(Request::Doctor).await?
        else {
            bail!("the doctor did not answer");
        };
        records = held;
        views_equal &= equal && complaints.is_empty();
    }
    let digests_equal = sales.status().await?.digest == office.status().await?.digest
        && office.status().await?.digest == warehouse.status().await?.digest;
    let net = sales.page(quote).await?.figures.map(|figures| figures.net.to_string());
    let well = apart && shown_everywhere && found.len() == 2 && left == 0 && views_equal && digests_equal;
    let line = json!({
        "devices": cast.players.len(), "records": records, "clashes_found": found.len(),
        "clashes_settled": found.len() - left.min(found.len()), "clashes_shown_everywhere": shown_everywhere,
        "digests_differed_offline": apart, "digests_equal": digests_equal, "views_equal": views_equal,
        "quote_net": net, "well": well,
    });
    cast.relay.stop().await?;
    Outlet { json: true }.say("", &line)?;
    if well { Ok(()) } else { bail!("the devices did not meet as they should; the line above says where") }
}

/// The same price; different fields; a line that one removes and the other edits; a new line on each side; one text.
async fn edit_apart(quote: RecordRef, sales: &Player, office: &Player, warehouse: &Player) -> Result<()> {
    let lines = lines_of(sales, quote).await?;
    let [first, second, third, ..] = lines.as_slice() else { bail!("the quote has too few lines") };
    change(sales, quote, vec![Edit::set_in("lines", *first, "unit_price", "379 DKK")]).await?;
    change(office, quote, vec![Edit::set_in("lines", *first, "unit_price", "385 DKK")]).await?;
    change(sales, quote, vec![Edit::set_in("lines", *second, "quantity", "10 pcs")]).await?;
    change(office, quote, vec![Edit::set_in("lines", *second, "discount", "12")]).await?;
    change(sales, quote, vec![Edit::set_in("lines", *third, "life", "removed")]).await?;
    change(warehouse, quote, vec![Edit::set_in("lines", *third, "quantity", "9 pcs")]).await?;
    for (player, text) in [(sales, "Montage, 4 timer"), (office, "Fragt")] {
        let seen = player.page(quote).await?.heads;
        let values = [("text", text), ("unit_price", "450 DKK"), ("vat_rate", "25")];
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        player
            .write(Request::AddItem { record: quote, seen, item: NewItem { collection: "lines".into(), values } })
            .await?;
    }
    Ok(())
}

async fn first_quote(player: &Player) -> Result<RecordRef> {
    let query = "CIP".to_owned();
    match player.ask(Request::List { kind: RecordKind::Quote, query, offset: 0, limit: 1 }).await? {
        Reply::Page(page) => Ok(page.rows.first().context("the quote is not there")?.record),
        other => bail!("the device listed something else: {other:?}"),
    }
}

async fn lines_of(player: &Player, quote: RecordRef) -> Result<Vec<ItemId>> {
    let AnyRecord::Quote(quote) = player.page(quote).await?.record else { bail!("this is no quote") };
    let mut lines: Vec<_> = quote.lines.iter().map(|(id, line)| (line.order.provisional().cloned(), *id)).collect();
    lines.sort();
    Ok(lines.into_iter().map(|(_, id)| id).collect())
}

async fn change(player: &Player, record: RecordRef, edits: Vec<Edit>) -> Result<()> {
    let seen = player.page(record).await?.heads;
    player.write(Request::Change { record, seen, edits }).await?;
    Ok(())
}

async fn clashes(player: &Player) -> Result<Vec<ClashRow>> {
    match player.ask(Request::Clashes).await? {
        Reply::Clashes(rows) => Ok(rows),
        other => bail!("the device told something else: {other:?}"),
    }
}

async fn settle(player: &Player, clash: &ClashRow) -> Result<()> {
    let value = clash.candidates.first().map(|candidate| candidate.value.clone());
    let edits = vec![Edit::Set { path: clash.path.clone(), value }];
    change(player, clash.record, edits).await
}
