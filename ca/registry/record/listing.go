package record

import (
	"time"

	"inkan/core/jpki/certificate"
)

// Listing is the line of a revocation list: the value in Listed.
type Listing struct {
	Since    time.Time
	Reason   certificate.Reason
	NotAfter time.Time
}

func (*Listing) format() string { return "registry listing" }

func (l *Listing) fields(f *fields) {
	f.time("since", &l.Since)
	enum(f, "reason", &l.Reason, 0, certificate.AACompromise)
	f.time("not after", &l.NotAfter)
}

// KeyUse is which certificate a key was last used for.
type KeyUse struct {
	Authority certificate.Authority
	Serial    uint64
}

func (*KeyUse) format() string { return "registry key use" }

func (k *KeyUse) fields(f *fields) {
	enum(f, "authority", &k.Authority, certificate.SignatureAuthority, certificate.AuthenticationAuthority)
	f.uint64("serial", &k.Serial)
}

// Answer is what a call was answered, kept to be given again.
type Answer struct {
	Request Hash
	Body    string
}

func (*Answer) format() string { return "registry answer" }

func (a *Answer) fields(f *fields) {
	f.raw("request", a.Request[:])
	f.long("body", &a.Body)
}

// long is a length of four bytes and so many bytes.
func (f *fields) long(path string, s *string) {
	n := f.count(path, len(*s), 1)
	if !f.reading {
		f.out = append(f.out, *s...)
		return
	}
	*s = string(f.in.Bytes(n, path))
}

// Counter is an order counter.
type Counter struct{ Last uint32 }

func (*Counter) format() string { return "registry counter" }

func (c *Counter) fields(f *fields) { f.uint32("last", &c.Last) }

// NonceUse is which application has used a nonce.
type NonceUse struct{ Application ApplicationID }

func (*NonceUse) format() string { return "registry nonce" }

func (n *NonceUse) fields(f *fields) { f.raw("application", n.Application[:]) }
