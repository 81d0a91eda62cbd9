//! One device's clock is wrong, by an hour or a year, forward or back: everybody ends with the same, and a history is told in
//! the order in which people saw each other's work.

use super::*;

const HOUR: i64 = 3_600_000;
const YEAR: i64 = 365 * 24 * HOUR;

/// Sets a device's clock forward, or back.
fn wrong_by(millis: i64, seed: u64) -> Arc<Told> {
    let told = Told::new(seed);
    let now = told.clock.load(Ordering::Relaxed);
    told.clock.store(now.checked_add_signed(millis).unwrap(), Ordering::Relaxed);
    told
}

#[test]
fn whose_clock_is_wrong_holds_the_same_and_stands_in_the_history_where_it_was_seen() {
    for wrong in [HOUR, -HOUR, YEAR, -YEAR] {
        let (desks, quote, line) = Desks::with_quote();
        let Desks { folders, anna, bo } = desks;
        drop(bo);
        let bo = Engine::open(folders[1].path(), wrong_by(wrong, 5)).unwrap();
        let mut desks = Desks { folders, anna, bo };
        // They answer each other, so that each has seen what it writes upon.
        for quantity in 1..=3 {
            change(&mut desks.anna, quote, of_line(line, "quantity"), &format!("{quantity} pcs"));
            desks.meet();
            change(&mut desks.bo, quote, of_line(line, "quantity"), &format!("{quantity}0 pcs"));
            desks.meet();
        }
        // And once they do not.
        change(&mut desks.anna, quote, of_line(line, "unit_price"), "95 DKK");
        change(&mut desks.bo, quote, of_line(line, "unit_price"), "90 DKK");
        desks.meet();
        assert_eq!(page(&mut desks.anna, quote).clashes.len(), 1, "{wrong}: a wrong clock wins no dispute");
        let told = [&mut desks.anna, &mut desks.bo].map(|engine| quantities(engine, quote));
        assert_eq!(told[0], ["30 pcs", "3 pcs", "20 pcs", "2 pcs", "10 pcs", "1 pcs"], "{wrong}: newest first");
        assert_eq!(told[0], told[1]);
        // Set right again, it goes on.
        let Desks { folders, anna, bo } = desks;
        drop(bo);
        let bo = Engine::open(folders[1].path(), Told::new(6)).unwrap();
        let mut desks = Desks { folders, anna, bo };
        change(&mut desks.bo, quote, of_line(line, "quantity"), "40 pcs");
        desks.meet();
        assert_eq!(quantities(&mut desks.anna, quote)[0], "40 pcs", "{wrong}");
        let log = desks.bo.runs_after(desks.bo.device(), 0, 0).unwrap().remove(0).entries;
        assert!(log.windows(2).all(|two| two[0].time < two[1].time), "{wrong}: no log goes back in time");
        assert_eq!(status(&mut desks.anna).trouble, None);
    }
}

fn quantities(engine: &mut Engine, quote: RecordRef) -> Vec<String> {
    let Answer::Ok(Reply::History(rows)) = engine.answer(Request::History { record: quote }) else { panic!() };
    let fields = rows.into_iter().flat_map(|row| row.fields);
    fields.filter(|(path, _, _)| path.field == "quantity").filter_map(|(_, _, after)| after).collect()
}
