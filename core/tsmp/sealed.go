package tsmp

import (
	"crypto/sha256"

	"inkan/core/tsmp/jws"
)

// ReadSealed is what a party reads of a request that it sealed itself and kept:
// the signature is not verified. Errors are those of a malformed message.
func ReadSealed(sealed []byte) (*Request, Body, error) {
	m, err := jws.Parse(sealed)
	if err != nil {
		return nil, nil, malformed(err)
	}
	r, err := parseRequest(m.Payload)
	if err != nil {
		return nil, nil, malformed(err)
	}
	d, ok := Lookup(r.Function)
	if !ok {
		return nil, nil, Refuse(CodeFunction, "")
	}
	body := d.Request()
	if err := r.readBody(body); err != nil {
		return nil, nil, malformed(err)
	}
	r.digest = sha256.Sum256(m.Payload)
	return r, body, nil
}
