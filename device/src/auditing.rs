//! A check of every hash and signature that a screen asked for: in steps, so that everybody else is answered meanwhile,
//! with a notice after each. Whoever leaves before it is answered ends it.

use crate::handle::Shared;
use mera_device_api::{AuditReport, Notice, Refused};
use std::sync::Arc;

/// Reads everything from the disk again and checks it.
pub(crate) async fn check(shared: &Arc<Shared>) -> Result<AuditReport, Refused> {
    let under_way = || Refused::new("audit.under_way", "another check is under way; wait for its end, or stop it");
    let _one = shared.auditing.begin().ok_or_else(under_way)?;
    let mut check = shared.with(|engine| engine.audit_check()).await?;
    loop {
        if shared.auditing.shall_stop() {
            return Ok(check.report(true));
        }
        let (after, goes_on) = shared
            .with(move |engine| {
                let goes_on = engine.audit_check_step(&mut check);
                (check, goes_on)
            })
            .await;
        check = after;
        let (done, of) = check.progress();
        shared.announce(&[Notice::Auditing { done, of }]);
        if !goes_on? {
            return Ok(check.report(false));
        }
    }
}
