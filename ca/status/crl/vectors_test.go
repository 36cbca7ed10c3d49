package crl_test

import (
	"bytes"
	"testing"
	"time"

	"inkan/ca/status/crl"
	"inkan/ca/status/double"
	"inkan/core/jpki/certificate"
	"inkan/spec/req"
	"inkan/spec/vectors"
)

// vector is a list to the byte.
type vector struct {
	vectors.Header
	Authority  string    `json:"authority"`
	Generation int       `json:"generation"`
	Partition  string    `json:"partition"`
	Number     uint64    `json:"number"`
	ThisUpdate time.Time `json:"thisUpdate"`
	NextUpdate time.Time `json:"nextUpdate"`
	Entries    []struct {
		Serial uint64             `json:"serial"`
		Since  time.Time          `json:"since"`
		Reason certificate.Reason `json:"reason"`
	} `json:"entries"`
	List vectors.Hex `json:"list"`
}

// TestVectors: lists with the published test keys, whose signatures are always the
// same.
func TestVectors(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-010", "SPEC-STATUS-014")
	for _, v := range vectors.Load[vector](t, "status-lists.json") {
		ca, err := certificate.ParseAuthority(v.Authority)
		if err != nil {
			t.Fatal(err)
		}
		l := &crl.List{Issuer: double.Issuer(ca, v.Generation), Partition: v.Partition, Number: v.Number, ThisUpdate: v.ThisUpdate, NextUpdate: v.NextUpdate}
		var entries []entry
		for _, e := range v.Entries {
			entries = append(entries, entry{e.Serial, e.Since, e.Reason})
		}
		if got := write(t, 0, l, walk(entries...)); !bytes.Equal(got, v.List) {
			t.Errorf("%s:\n got %X\nwant %X", v.Name, got, []byte(v.List))
		}
	}
}
