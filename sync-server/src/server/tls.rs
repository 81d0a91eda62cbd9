//! The relay's certificate: read from files, and read again when they were renewed.

use crate::TlsFiles;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file.
    #[error("the file {path} cannot be read: {cause}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// No certificate in the file.
    #[error("the file {path} holds no certificate in PEM form ({cause}); give the full chain, the relay's own first")]
    NoCertificate {
        /// Which file.
        path: PathBuf,
        /// What is there.
        cause: pem::Error,
    },
    /// No key in the file.
    #[error("the file {path} holds no private key in PEM form ({cause})")]
    NoKey {
        /// Which file.
        path: PathBuf,
        /// What is there.
        cause: pem::Error,
    },
    /// They do not belong together, or the key is of a kind that is not known.
    #[error("the certificate and the key cannot be used together: {0}")]
    NoPair(rustls::Error),
}

/// A certificate in use.
pub struct Certificate {
    files: TlsFiles,
    /// The text of both files when they were last taken.
    text: Mutex<(Vec<u8>, Vec<u8>)>,
    current: watch::Sender<Shown>,
}

/// What new connections are shown.
#[derive(Clone)]
struct Shown {
    acceptor: TlsAcceptor,
    expires: i64,
}

impl Certificate {
    /// Reads it.
    pub fn read(files: TlsFiles) -> Result<Self, TlsFault> {
        let text = text(&files)?;
        let current = watch::Sender::new(shown(&files, &text)?);
        Ok(Self { files, text: Mutex::new(text), current })
    }

    /// What new connections speak.
    pub fn current(&self) -> TlsAcceptor {
        self.current.borrow().acceptor.clone()
    }

    /// When the first certificate of its chain expires, in seconds since 1970; 0 where one of them does not say so.
    pub fn expires(&self) -> i64 {
        self.current.borrow().expires
    }

    /// Reads the files again; whether they held something new. One that cannot be used leaves the old one in use.
    pub fn renew(&self) -> Result<bool, TlsFault> {
        let found = text(&self.files)?;
        let mut known = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        if *known == found {
            return Ok(false);
        }
        self.current.send_replace(shown(&self.files, &found)?);
        *known = found;
        Ok(true)
    }
}

fn text(files: &TlsFiles) -> Result<(Vec<u8>, Vec<u8>), TlsFault> {
    let read = |path: &Path| std::fs::read(path).map_err(|cause| TlsFault::Unreadable { path: path.to_owned(), cause });
    Ok((read(&files.certificate)?, read(&files.key)?))
}

fn shown(files: &TlsFiles, (certificate, key): &(Vec<u8>, Vec<u8>)) -> Result<Shown, TlsFault> {
    let no_certificate = |cause| TlsFault::NoCertificate { path: files.certificate.clone(), cause };
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(certificate).collect::<Result<_, _>>().map_err(no_certificate)?;
    if chain.is_empty() {
        return Err(no_certificate(pem::Error::NoItemsFound));
    }
    let expiry = |one: &CertificateDer<'_>| {
        X509Certificate::from_der(one).map_or(0, |(_, read)| read.validity().not_after.timestamp())
    };
    let expires = chain.iter().map(expiry).min().unwrap_or_default();
    let key = PrivateKeyDer::from_pem_slice(key);
    let key = key.map_err(|cause| TlsFault::NoKey { path: files.key.clone(), cause })?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsFault::NoPair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsFault::NoPair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Shown { acceptor: TlsAcceptor::from(Arc::new(config)), expires })
}
