#!/bin/sh
# Makes the certificates of this folder anew: OpenSSL 3, in this folder, `sh make.sh`.
set -e
cat > ca.cnf <<'CNF'
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[here-name]
subjectAltName = DNS:localhost,IP:127.0.0.1
[other-name]
subjectAltName = DNS:mail.example
CNF
touch index.txt
# name, extensions, from, until, then how it is signed
certificate() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1-test-only.key"
  openssl req -new -key "$1-test-only.key" -subj "/CN=Countersign test $1" -out "$1.csr"
  name=$1 extensions=$2 from=$3 until=$4
  shift 4
  openssl ca -config ca.cnf -batch -notext -in "$name.csr" -out "$name.pem" -extensions "$extensions" \
    -startdate "$from" -enddate "$until" "$@"
}
since=20240101000000Z
century=21240101000000Z
certificate authority authority $since $century -selfsign -keyfile authority-test-only.key
certificate localhost here-name $since $century -cert authority.pem -keyfile authority-test-only.key
certificate wrong-name other-name $since $century -cert authority.pem -keyfile authority-test-only.key
certificate expired here-name 20200101000000Z 20210101000000Z -cert authority.pem -keyfile authority-test-only.key
certificate self-signed here-name $since $century -selfsign -keyfile self-signed-test-only.key
rm -f ca.cnf index.txt* ./*.csr ./[0-9A-F]*.pem authority-test-only.key
