// Package authority composes a whole certificate authority in one process, of the
// rooms below it: registry, generations and responders, content keys, package ca
// with its interface by signed messages, revocation lists and OCSP with their HTTP
// handler. It runs in memory or in a folder, by published test keys or by the keys
// of a ceremony.
//
// It must not decide anything about a certificate or a message: package ca and the
// rooms below it do. It wires what spec/CA.md, spec/STATUS.md and spec/CA-KEYS.md
// describe.
package authority
