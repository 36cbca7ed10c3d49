package status

import (
	"time"

	"inkan/core/jpki/certificate"
)

// View is the registry at one moment: everything it answers is as of At. An error
// of a callback ends the walk and is returned as it is. Not for concurrent use.
type View interface {
	// At is the registry's time at the snapshot, UTC in whole seconds. No change
	// in the snapshot is later, none that is not in it is earlier, and from
	// snapshot to snapshot it never goes back.
	At() time.Time

	// Status is the record of one certificate; known is false when the authority
	// has issued none with that serial number.
	Status(ca certificate.Authority, serial uint64) (s certificate.CertificateStatus, known bool, err error)

	// Revoked walks over the certificates of a partition that a revocation list
	// names: revoked and suspended ones, ascending by serial number. Pending ones
	// are not among them. An expired one is left out only when a list has named it
	// after its end.
	Revoked(ca certificate.Authority, partition string, each func(serial uint64, since time.Time, reason certificate.Reason) error) error

	// Partitions walks over all partitions that certificates of the authority were
	// ever assigned to, whether one is revoked or not, ascending.
	Partitions(ca certificate.Authority, each func(partition string) error) error

	// Certificates walks over all certificates of the authority in any state, from
	// a serial number on, ascending.
	Certificates(ca certificate.Authority, from uint64, each func(s certificate.CertificateStatus) error) error

	// Close releases the snapshot.
	Close() error
}
