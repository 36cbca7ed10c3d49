package ca

import (
	"crypto/sha256"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/jpki/application"
)

// recorded reads an application back from the evidence. Its signature was verified
// before it was recorded, and what is read is that, by its hash.
func recorded(s *registry.Snapshot, app *record.Application) (*application.Application, error) {
	b, found, err := s.Evidence(app.Evidence)
	if err != nil {
		return nil, err
	}
	if !found || sha256.Sum256(b) != app.Evidence {
		return nil, errors.New("ca: the signed application is not in the registry")
	}
	content, ok := contentOf(b)
	if !ok {
		return nil, errors.New("ca: the signed application in the registry has no content")
	}
	return application.Parse(content)
}

// contentOf is the content of signed data that package cms has read before: all
// else of it is passed over.
func contentOf(signed cryptobyte.String) (content []byte, ok bool) {
	var info, box, data, encapsulated, octets cryptobyte.String
	inside := tag.Tag(0).ContextSpecific().Constructed()
	ok = signed.ReadASN1(&info, tag.SEQUENCE) && info.SkipASN1(tag.OBJECT_IDENTIFIER) && info.ReadASN1(&box, inside) &&
		box.ReadASN1(&data, tag.SEQUENCE) && data.SkipASN1(tag.INTEGER) && data.SkipASN1(tag.SET) &&
		data.ReadASN1(&encapsulated, tag.SEQUENCE) && encapsulated.SkipASN1(tag.OBJECT_IDENTIFIER) && encapsulated.ReadASN1(&box, inside) &&
		box.ReadASN1(&octets, tag.OCTET_STRING)
	return octets, ok
}
