//! The HTTP library, with its own ideas of redirects, retries and timeouts switched off.
//!
//! Whom to trust is decided here. Knows nothing of what is asked.

use reqwest::{
    Certificate,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};

use super::{ClientError, ClientSettings, error};

/// The version of the API that is asked for. GitHub answers 400 to one that it does not know.
const API_VERSION: &str = "2022-11-28";

/// A client without connections yet. `loopback` says that the API is on this machine.
pub(super) fn http(settings: &ClientSettings, loopback: bool) -> Result<reqwest::Client, ClientError> {
    // An error says that a provider is already there, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("pollscope/", env!("CARGO_PKG_VERSION")))
        .default_headers(HeaderMap::from_iter([
            (header::ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
            // Without this a server may choose: nothing here unpacks an answer.
            (header::ACCEPT_ENCODING, HeaderValue::from_static("identity")),
            (HeaderName::from_static("x-github-api-version"), HeaderValue::from_static(API_VERSION)),
        ]))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    if loopback {
        builder = builder.no_proxy();
    }
    let own = settings.ca_cert.as_deref().map(certificates).transpose()?.unwrap_or_default();
    builder = if loopback && settings.api_url.scheme() == "http" {
        // The embedded server must also work on a machine without root certificates.
        builder.tls_certs_only([])
    } else {
        builder.tls_certs_merge(own)
    };
    builder.build().map_err(|error| ClientError::Build(error::innermost(&error)))
}

/// The certificates in a PEM text, of which there must be one.
fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, ClientError> {
    let all = Certificate::from_pem_bundle(pem).map_err(|_| ClientError::NoCertificate)?;
    if all.is_empty() { Err(ClientError::NoCertificate) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::{ClientError, certificates};

    #[test]
    fn a_text_without_a_certificate_is_refused() {
        let cut = "-----BEGIN CERTIFICATE-----\nAAAA\n";
        for text in ["", "no certificate", cut, "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n"] {
            assert_eq!(certificates(text.as_bytes()).unwrap_err(), ClientError::NoCertificate, "{text}");
        }
    }
}
