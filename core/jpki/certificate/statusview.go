package certificate

import "time"

// StatusView is a registry's consistent snapshot as whoever publishes status
// needs it: everything it answers is as of At. Not for concurrent use.
type StatusView interface {
	// At is the registry's time at the snapshot, UTC in whole seconds. No change
	// in the snapshot is later, none that is not in it is earlier, and from
	// snapshot to snapshot it never goes back.
	At() time.Time
	// Status is the record of one certificate; known is false when the authority
	// has issued none with that serial.
	Status(a Authority, serial uint64) (s CertificateStatus, known bool, err error)
	// Revoked calls each for every revoked or suspended certificate of a
	// partition, ascending by serial, and ends with the first error. Pending
	// certificates are not among them.
	Revoked(a Authority, partition string, each func(serial uint64, since time.Time, reason Reason) error) error
	// Partitions calls each for every partition with a certificate, ascending.
	Partitions(a Authority, each func(partition string) error) error
	// Certificates calls each for every certificate of the authority in any state,
	// from a serial on, ascending, and ends with the first error.
	Certificates(a Authority, from uint64, each func(s CertificateStatus) error) error
	// Close releases the snapshot.
	Close() error
}
