// Package serve is a laboratory that runs in real time: authority, SP-TSM, the carriers'
// MNO-TSMs with their short message service, a bank and a shop for SIMs, in one process,
// on the disk and behind TLS on the loopback interface. Phones are other processes.
//
// It must not decide anything in a party's place. It implements spec/SERVE.md.
package serve
