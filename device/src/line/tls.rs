//! TLS to a relay: whom the device trusts, and what a person is told when it does not.

use crate::line::unreachable;
use mera_device_api::Refused;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, Error as TlsError, RootCertStore};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio_tungstenite::tungstenite::Error as SocketError;
use tokio_tungstenite::tungstenite::http::StatusCode;

/// The file in a device's folder with the certificates of authorities that it trusts beside those of the operating
/// system, in PEM form.
const AUTHORITIES: &str = "relay-ca.pem";

/// Authorities that a device is to trust beside those of the operating system.
pub struct Authorities(Vec<u8>);

impl Authorities {
    /// Reads them from a file of certificates in PEM form; refused is what could not be used.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let text = fs::read(path).map_err(|cause| unusable(path, &cause))?;
        add(&mut RootCertStore::empty(), path, &text)?;
        Ok(Self(text))
    }

    /// Keeps them in the folder of a device, which trusts them from its next call on. A device that is to join gets its
    /// folder with this, because it calls the relay before it is made.
    pub fn keep_in(&self, folder: &Path) -> Result<(), Refused> {
        let place = folder.join(AUTHORITIES);
        fs::create_dir_all(folder).map_err(|cause| unusable(&place, &cause))?;
        fs::write(&place, &self.0).map_err(|cause| unusable(&place, &cause))
    }
}

/// How this device speaks TLS. Reads files.
pub fn config(folder: &Path) -> Result<Arc<ClientConfig>, Refused> {
    config_with(provider(), folder)
}

fn config_with(provider: CryptoProvider, folder: &Path) -> Result<Arc<ClientConfig>, Refused> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for cause in &system.errors {
        tracing::warn!(%cause, "some authorities of the operating system cannot be read");
    }
    // A system has authorities of its own kind that nobody can check against; they are passed over.
    roots.add_parsable_certificates(system.certs);
    let place = folder.join(AUTHORITIES);
    match fs::read(&place) {
        Ok(text) => add(&mut roots, &place, &text)?,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(unusable(&place, &cause)),
    }
    let config = ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions();
    let config = config.map_err(|cause| other(&cause))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(not(target_os = "android"))]
fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

/// A telephone's programs are checked and built without a C compiler (docs/decisions/0020).
#[cfg(target_os = "android")]
fn provider() -> CryptoProvider {
    rustls_graviola::default_provider()
}

fn add(roots: &mut RootCertStore, place: &Path, text: &[u8]) -> Result<(), Refused> {
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(text) {
        roots.add(certificate.map_err(|cause| unusable(place, &cause))?).map_err(|cause| unusable(place, &cause))?;
    }
    if roots.len() == before { Err(unusable(place, &"it holds no certificate")) } else { Ok(()) }
}

fn unusable(place: &Path, cause: &dyn std::fmt::Display) -> Refused {
    let says = format!(
        "the authorities in {} cannot be used: {cause}; give a file of certificates in PEM form, or take it away",
        place.display()
    );
    Refused::new("sync.relay_ca", says)
}

/// Why a relay could not be reached, as far as it lies in TLS: an address without, a certificate that does not hold.
pub fn why(error: &SocketError) -> Refused {
    match error {
        SocketError::Http(answer) if answer.status() == StatusCode::UPGRADE_REQUIRED => {
            Refused::new("sync.wants_tls", "the relay speaks TLS; write its address with wss:// instead of ws://")
        }
        SocketError::Io(cause) => match cause.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
            Some(TlsError::InvalidCertificate(cause)) => certificate(cause),
            Some(TlsError::InvalidMessage(_)) => Refused::new(
                "sync.no_tls",
                "no TLS is spoken at the relay's address; if you trust the network between, write it with ws://",
            ),
            Some(cause) => other(cause),
            None => unreachable(error),
        },
        _ => unreachable(error),
    }
}

fn certificate(cause: &CertificateError) -> Refused {
    use CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
    };
    match cause {
        Expired | ExpiredContext { .. } => Refused::new(
            "sync.certificate_expired",
            "the relay's certificate has expired; ask whoever runs the relay to renew it, or set this device's clock",
        ),
        NotValidYet | NotValidYetContext { .. } => Refused::new(
            "sync.certificate_not_yet",
            "the relay's certificate is not valid yet; look whether this device's clock is right",
        ),
        NotValidForName | NotValidForNameContext { .. } => Refused::new(
            "sync.certificate_other_name",
            "the certificate at the relay's address was given for another name; look whether the address is written \
             as whoever runs the relay told it",
        ),
        cause => Refused::new(
            "sync.certificate_untrusted",
            format!(
                "nobody whom this device trusts vouches for the relay's certificate ({cause:?}); ask whoever runs the \
                 relay for its authority's certificate and put it in the device's folder as {AUTHORITIES}"
            ),
        ),
    }
}

fn other(cause: &TlsError) -> Refused {
    Refused::new("sync.tls", format!("no secure line to the relay came about: {cause}; ask whoever runs the relay"))
}

#[cfg(test)]
mod tests;
