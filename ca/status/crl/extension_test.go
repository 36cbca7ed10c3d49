package crl_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"

	"inkan/ca/status/double"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// TestExtensions: order, criticality and bytes, against encoding/asn1; and the
// distribution point is the certificate's, byte for byte.
func TestExtensions(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-012", "SPEC-STATUS-013", "SPEC-STATUS-014", "SPEC-STATUS-015")
	for _, partition := range []string{kiyose, certificate.CAList} {
		got, err := x509.ParseRevocationList(write(t, 0, list(partition), walk()))
		if err != nil {
			t.Fatal(err)
		}
		aki, err := asn1.Marshal(struct {
			ID []byte `asn1:"tag:0"`
		}{issuer.KeyID()})
		if err != nil {
			t.Fatal(err)
		}
		want := []pkix.Extension{
			{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Value: aki},
			{Id: asn1.ObjectIdentifier{2, 5, 29, 20}, Value: []byte{2, 1, 7}},
			{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: issuingDistributionPoint(t, partition)},
		}
		if len(got.Extensions) != len(want) {
			t.Fatalf("%d extensions, want %d", len(got.Extensions), len(want))
		}
		for i, e := range got.Extensions {
			if !e.Id.Equal(want[i].Id) || e.Critical != want[i].Critical || !bytes.Equal(e.Value, want[i].Value) {
				t.Errorf("%q: extension %d is %+v, want %+v", partition, i, e, want[i])
			}
		}
	}
}

// issuingDistributionPoint makes the extension's value out of the distribution
// point that certificates have.
func issuingDistributionPoint(t *testing.T, partition string) []byte {
	var points []struct {
		Point asn1.RawValue `asn1:"tag:0"`
	}
	if _, err := asn1.Unmarshal(double.DistributionPoint(issuer.Authority, partition).Value, &points); err != nil {
		t.Fatal(err)
	}
	content := bytes.Clone(points[0].Point.FullBytes)
	if partition == certificate.CAList {
		content = append(content, 0x82, 1, 0xFF)
	}
	value, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: content})
	if err != nil {
		t.Fatal(err)
	}
	return value
}
