package status

import (
	"context"
	"time"

	"inkan/core/jpki/certificate"
)

// Registry is where the state of certificates is kept. Its methods may be called
// from several goroutines.
type Registry interface {
	// View is a consistent snapshot; Close releases it.
	View(ctx context.Context) (View, error)

	// PutResponse keeps a pre-produced OCSP response of a certificate, in place of
	// an earlier one, unless the certificate's version is another by now: then
	// stored is false and nothing has changed.
	PutResponse(ctx context.Context, ca certificate.Authority, serial, version uint64, der []byte) (stored bool, err error)

	// Response appends the response that is kept of a certificate to dst. Every
	// change of the certificate's record removes the response in the same commit,
	// so one that is there tells the present state. Spec: SPEC-STATUS-041.
	Response(ca certificate.Authority, serial uint64, dst []byte) (response []byte, found bool, err error)
}

// View is the registry at one moment. Its methods may be called from several
// goroutines, and from within each other's callbacks; an error of a callback ends
// the walk and is returned as it is.
type View interface {
	// At is the registry's clock when the snapshot was taken, in whole seconds.
	// No change in the snapshot is later, and none that is not in it is earlier;
	// from snapshot to snapshot it never goes back, restarts included.
	At() time.Time

	// Status is what is known of a serial number; known is false for one that was
	// not given to a certificate of the authority's.
	Status(ca certificate.Authority, serial uint64) (s certificate.CertificateStatus, known bool, err error)

	// Revoked walks over the certificates of a partition that a revocation list
	// names: revoked and suspended ones, ascending by serial number; pending ones
	// are not among them. An expired one is left out only when a list has named it
	// after its end. The partition of an authority's own certificates is
	// certificate.CAList.
	Revoked(ca certificate.Authority, partition string, each func(serial uint64, since time.Time, reason certificate.Reason) error) error

	// Partitions walks over all partitions that certificates of the authority
	// were ever assigned to, whether one is revoked or not, each once.
	Partitions(ca certificate.Authority, each func(partition string) error) error

	// Certificates walks over all certificates of the authority that are in the
	// registry, in any state, from a serial number on, ascending.
	Certificates(ca certificate.Authority, from uint64, each func(certificate.CertificateStatus) error) error

	// Close releases the snapshot.
	Close() error
}
