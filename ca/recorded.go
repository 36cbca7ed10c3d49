package ca

import (
	"crypto/sha256"
	"errors"

	"inkan/ca/registry"
	"inkan/ca/registry/record"
	"inkan/core/cms"
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
	signed, err := cms.Parse(b)
	if err != nil {
		return nil, err
	}
	return application.Parse(signed.Content)
}
