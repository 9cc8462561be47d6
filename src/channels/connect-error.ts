/**
 * Whether a code of Node or OpenSSL says that no verified TLS connection came about.
 * @see X509_verify_cert_error_string of OpenSSL for the names of certificate errors
 */
export function isTlsCode(code: string): boolean {
  return /^(?:ERR_SSL|ERR_TLS|CERT_|UNABLE_TO|INVALID_|HOSTNAME_MISMATCH|EPROTO)|SELF_SIGNED/.test(code);
}
