package main

import (
	"context"
	"fmt"
	"time"

	"inkan/ca/status"
	"inkan/core/jpki/certificate"
)

// country is a registry that is computed, not kept: so many municipalities with
// so many revoked certificates each, and nothing else.
type country struct{ municipalities, each int }

// countryView is a country at a moment.
type countryView struct {
	status.View
	country
}

// View implements status.Registry.
func (c country) View(context.Context) (status.View, error) { return countryView{country: c}, nil }

// PutResponse implements status.Registry: nothing is kept.
func (c country) PutResponse(context.Context, certificate.Authority, uint64, uint64, []byte) (bool, error) {
	return false, nil
}

// Response implements status.Registry.
func (c country) Response(_ certificate.Authority, _ uint64, dst []byte) ([]byte, bool, error) {
	return dst, false, nil
}

// At implements status.View.
func (c countryView) At() time.Time { return authorityStart }

// Close implements status.View.
func (c countryView) Close() error { return nil }

// Partitions implements status.View.
func (c countryView) Partitions(_ certificate.Authority, each func(string) error) error {
	for i := range c.municipalities {
		if err := each(fmt.Sprintf("Tokyo-to/M%c%c%c-shi", 'a'+i/676%26, 'a'+i/26%26, 'a'+i%26)); err != nil {
			return err
		}
	}
	return nil
}

// Revoked implements status.View.
func (c countryView) Revoked(_ certificate.Authority, partition string, each func(uint64, time.Time, certificate.Reason) error) error {
	if partition == certificate.CAList {
		return nil
	}
	return revoked(c.country.each)(each)
}

// revoked walks over so many revoked certificates.
func revoked(n int) func(func(uint64, time.Time, certificate.Reason) error) error {
	return func(each func(uint64, time.Time, certificate.Reason) error) error {
		for i := range n {
			if err := each(certificate.FirstSerial+uint64(i), authorityStart, certificate.Superseded); err != nil {
				return err
			}
		}
		return nil
	}
}
