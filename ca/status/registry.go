package status

import (
	"context"

	"inkan/core/jpki/certificate"
)

// Registry is where the state of certificates is kept. Its methods may be called
// from several goroutines; one View belongs to one goroutine.
type Registry interface {
	// View is a consistent snapshot; its Close releases it.
	View(ctx context.Context) (View, error)

	// PutResponse keeps a pre-produced OCSP response of a certificate, in place of
	// an earlier one, unless the certificate's version is another by now: then
	// stored is false and nothing has changed.
	PutResponse(ctx context.Context, ca certificate.Authority, serial, version uint64, der []byte) (stored bool, err error)

	// Response appends the response that is kept of a certificate to dst. Every
	// change of the certificate's record removes the response in the same commit,
	// so one that is there tells the present state.
	Response(ca certificate.Authority, serial uint64, dst []byte) (response []byte, found bool, err error)
}
