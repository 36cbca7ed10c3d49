package crl

import (
	"fmt"
	"time"

	"inkan/ca/status/der"
	"inkan/core/jpki/certificate"
)

// reasonExtension is the entry extension of a reason code but its last byte,
// which is the code.
const reasonExtension = "\x30\x0C\x30\x0A\x06\x03\x55\x1D\x15\x04\x03\x0A\x01"

// maxEntry is the length of the longest entry; one with a serial number of four
// bytes, a date before 2050 and a reason has 37.
const maxEntry = 2 + 2 + 9 + 2 + 15 + len(reasonExtension) + 1

// appendEntry appends one revoked certificate. The reason unspecified is not
// written. Spec: SPEC-STATUS-016, SPEC-STATUS-017.
func appendEntry(dst []byte, serial uint64, since time.Time, reason certificate.Reason) []byte {
	start := len(dst)
	dst = append(dst, 0x30, 0)
	dst = der.AppendSerial(dst, serial)
	dst = der.AppendTime(dst, since)
	if reason != certificate.Unspecified {
		dst = append(append(dst, reasonExtension...), byte(reason))
	}
	dst[start+1] = byte(len(dst) - start - 2)
	return dst
}

// entryFault says what is wrong with an entry that the registry gave: then the
// registry breaks its promise, and no list is made.
// Spec: SPEC-STATUS-018.
func entryFault(serial, last uint64, since, limit time.Time, reason certificate.Reason) error {
	switch {
	case serial <= last:
		return fmt.Errorf("crl: serial number %d after %d: want ascending ones", serial, last)
	case since.After(limit):
		return fmt.Errorf("crl: serial number %d: revoked at %s, after the snapshot of %s", serial, since.UTC().Format(time.RFC3339), limit.Format(time.RFC3339))
	case !reason.Valid() || reason == certificate.RemoveFromCRL:
		return fmt.Errorf("crl: serial number %d: %s is no reason in a complete list", serial, reason)
	}
	return nil
}
