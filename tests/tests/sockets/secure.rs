//! A company whose relay speaks TLS, with a certificate of an authority that only its devices know.

use mera_device::{Arriving, Authorities, Device, Engine, Founding, RealWorld, join};
use mera_device_api::SyncStatus;
use mera_schema::Desk;
use mera_sync_server::{RelayConfig, RelayHandle, TlsFiles, start};
use mera_tests::company::{await_all, change_line, invitation, new_quote, page, status};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes an authority, and a certificate that it gave for this machine.
fn certify(folder: &Path) -> TlsFiles {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    fs::write(folder.join("authority.pem"), authority.self_signed(&key).unwrap().pem()).unwrap();
    let (issuer, key) = (Issuer::new(authority, key), KeyPair::generate().unwrap());
    let files = TlsFiles { certificate: folder.join("chain.pem"), key: folder.join("key.pem") };
    let relay = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    fs::write(&files.certificate, relay.signed_by(&key, &issuer).unwrap().pem()).unwrap();
    fs::write(&files.key, key.serialize_pem()).unwrap();
    files
}

/// A person's folder, with the authority in it.
fn place(folder: &Path, person: &str) -> PathBuf {
    let place = folder.join(person);
    Authorities::read(&folder.join("authority.pem")).unwrap().keep_in(&place).unwrap();
    place
}

fn founded(folder: &Path, relay: &RelayHandle) -> Device {
    let relay = Some(format!("wss://localhost:{}/sync", relay.address().port()));
    let (name, person, series) = ("Annas pc".into(), "Anna".into(), "A".into());
    let vault = mera_device::Place::InFolder;
    let founding = Founding { name, person, desk: Desk::Sales, series, relay, vault };
    Device::start(Engine::found(&place(folder, "Anna"), founding, Arc::new(RealWorld)).unwrap())
}

async fn invited(folder: &Path, person: &str, by: &Device) -> Device {
    await_all(std::slice::from_ref(by), async || status(by).await.connected).await;
    let invitation = invitation(by, person, &["sales", "office"]).await;
    let (name, series) = (format!("{person}s pc"), person[..1].to_owned());
    let vault = mera_device::Place::InFolder;
    let arriving = Arriving { invitation, name, desk: Desk::Sales, series, vault };
    Device::start(join(&place(folder, person), arriving, Arc::new(RealWorld)).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_writes_reaches_another_over_tls_and_still_does_after_the_certificate_was_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Some(certify(folder.path()));
    let config = RelayConfig::new("127.0.0.1:0".parse().unwrap(), folder.path().join("relay"));
    let relay = start(RelayConfig { tls, ..config }).await.unwrap();
    let anna = founded(folder.path(), &relay);
    let bo = invited(folder.path(), "Bo", &anna).await;
    let quote = new_quote(&anna, "Kugleventil DN50", "100 DKK").await;
    let equal = async || {
        let [one, other]: [SyncStatus; 2] = [status(&anna).await, status(&bo).await];
        one.waiting_changes == 0 && one.digest == other.digest
    };
    await_all(&[anna.clone(), bo.clone()], equal).await;

    certify(folder.path());
    assert!(relay.renew_certificate().unwrap());
    let carl = invited(folder.path(), "Carl", &anna).await;
    change_line(&bo, quote, "unit_price", "95 DKK").await;
    let everybody_reads = async || {
        let figures = async |device: &Device| page(device, quote).await.figures.map(|figures| figures.net.to_string());
        let carl_has_it = status(&carl).await.digest == status(&bo).await.digest;
        carl_has_it && figures(&anna).await == figures(&carl).await
    };
    await_all(&[anna.clone(), bo.clone(), carl.clone()], everybody_reads).await;
    assert_eq!(page(&carl, quote).await.figures.unwrap().net.to_string(), "95.00 DKK");
}
