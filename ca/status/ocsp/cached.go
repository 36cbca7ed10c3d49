package ocsp

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// What the registry keeps of a certificate are one or two responses, one behind
// the other: for CertIDs by SHA-1 and by SHA-256.

// cached appends the response that the registry keeps, unless it is about another
// issuer's certificate of the number, or over. Spec: SPEC-STATUS-041,
// SPEC-STATUS-044.
func (r *Responder) cached(dst []byte, g *generation, id *CertID) ([]byte, Info, bool) {
	slot, found, err := r.registry.Response(g.Authority, id.Serial, dst)
	if err != nil || !found {
		return nil, Info{}, false
	}
	response, k, ok := find(slot[len(dst):], id)
	if !ok {
		return nil, Info{}, false
	}
	if r.clock.Raise(k.producedAt); !r.clock.Now().Before(k.nextUpdate) {
		return nil, Info{}, false
	}
	return append(slot[:len(dst)], response...), Info{Cached: true, ProducedAt: k.producedAt, ThisUpdate: k.thisUpdate, NextUpdate: k.nextUpdate}, true
}

// keep puts a response of a known certificate into the cache, beside the one by
// the other hash if that holds yet. Spec: SPEC-STATUS-045.
func (r *Responder) keep(ctx context.Context, g *generation, a *answer, response []byte) (stored bool, err error) {
	fail := func(err error) (bool, error) { return false, fmt.Errorf("ocsp: cache: %w", err) }
	slot, found, err := r.registry.Response(g.Authority, a.Serial, nil)
	if err != nil {
		return fail(err)
	}
	added, ok := readKept(response)
	if !ok {
		panic("ocsp: a response that was just made cannot be read")
	}
	for rest := cryptobyte.String(slot); found; {
		var one cryptobyte.String
		if !rest.ReadASN1Element(&one, asn1.SEQUENCE) {
			break
		}
		if k, ok := readKept(one); ok && k.id.Hash != added.id.Hash && k.id.Serial == a.Serial && r.clock.Now().Before(k.nextUpdate) {
			response = append(bytes.Clone(response), one...)
			break
		}
	}
	if stored, err = r.registry.PutResponse(ctx, g.Authority, a.Serial, a.Version, response); err != nil {
		return fail(err)
	}
	return stored, nil
}

// find is the response of a slot that answers a CertID.
func find(slot []byte, id *CertID) (response []byte, k kept, ok bool) {
	rest := cryptobyte.String(slot)
	for range 2 {
		var one cryptobyte.String
		if !rest.ReadASN1Element(&one, asn1.SEQUENCE) {
			break
		}
		if k, ok := readKept(one); ok && k.answers(id) {
			return one, k, true
		}
	}
	return nil, kept{}, false
}

// kept is what a response from the cache says of itself.
type kept struct {
	id                                 CertID
	producedAt, thisUpdate, nextUpdate time.Time
}

// readKept reads a response that this package has made for one certificate; ok is
// false for any other bytes. It allocates nothing.
func readKept(response []byte) (k kept, ok bool) {
	in := cryptobyte.String(response)
	var outer, s, list, single, skipped cryptobyte.String
	if !in.ReadASN1(&outer, asn1.SEQUENCE) || !in.Empty() ||
		!outer.ReadASN1(&skipped, asn1.ENUM) || len(skipped) != 1 || ResponseStatus(skipped[0]) != Successful {
		return kept{}, false
	}
	for _, tag := range [...]asn1.Tag{tag0, asn1.SEQUENCE} {
		if !outer.ReadASN1(&s, tag) {
			return kept{}, false
		}
		outer = s
	}
	if !s.ReadASN1(&skipped, asn1.OBJECT_IDENTIFIER) || !s.ReadASN1(&outer, asn1.OCTET_STRING) {
		return kept{}, false
	}
	for range 2 { // BasicOCSPResponse, ResponseData
		if !outer.ReadASN1(&s, asn1.SEQUENCE) {
			return kept{}, false
		}
		outer = s
	}
	if !s.ReadASN1(&skipped, tag2) || !readTime(&s, &k.producedAt) ||
		!s.ReadASN1(&list, asn1.SEQUENCE) || !s.Empty() || // extensions: a nonce, not for the cache
		!list.ReadASN1(&single, asn1.SEQUENCE) || !list.Empty() {
		return kept{}, false
	}
	p := parser{whole: response}
	k.id = p.certID(&single)
	var status asn1.Tag
	if p.err != nil || !single.ReadAnyASN1(&skipped, &status) || !readTime(&single, &k.thisUpdate) ||
		!single.ReadASN1(&skipped, tag0) || !readTime(&skipped, &k.nextUpdate) {
		return kept{}, false
	}
	return k, true
}

// answers reports whether the response is about the certificate that an ID names.
func (k *kept) answers(id *CertID) bool {
	return k.id.Hash == id.Hash && k.id.Serial == id.Serial &&
		bytes.Equal(k.id.KeyHash, id.KeyHash) && bytes.Equal(k.id.NameHash, id.NameHash)
}

// readTime reads a GeneralizedTime of the form YYYYMMDDHHMMSSZ.
func readTime(s *cryptobyte.String, t *time.Time) bool {
	var text cryptobyte.String
	if !s.ReadASN1(&text, asn1.GeneralizedTime) || len(text) != 15 || text[14] != 'Z' {
		return false
	}
	var n [7]int
	for i := range n {
		high, low := text[2*i]-'0', text[2*i+1]-'0'
		if high > 9 || low > 9 {
			return false
		}
		n[i] = int(high)*10 + int(low)
	}
	*t = time.Date(n[0]*100+n[1], time.Month(n[2]), n[3], n[4], n[5], n[6], 0, time.UTC)
	return t.Month() == time.Month(n[2]) && t.Day() == n[3] && t.Hour() == n[4] && t.Minute() == n[5] && t.Second() == n[6]
}
