package ocsp_test

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"testing"

	foreign "golang.org/x/crypto/ocsp"
	"pgregory.net/rapid"

	"inkan/ca/status/der"
	"inkan/ca/status/double"
	"inkan/ca/status/ocsp"
	"inkan/core/wire"
	"inkan/spec/req"
)

// tlv makes DER out of hex.
func tlv(tag string, parts ...string) string {
	content := strings.Join(parts, "")
	number, err := strconv.ParseUint(tag, 16, 8)
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(der.AppendHeader(nil, byte(number), int64(len(content)/2))) + content
}

func seq(parts ...string) string { return tlv("30", parts...) }

const (
	oid1     = "06052b0e03021a"
	oidNonce = "06092b0601050507300102"
	oidOther = "06092b0601050507300109"
)

var (
	digest = tlv("04", strings.Repeat("ab", 20))
	number = "020401000010"
	id     = seq(seq(oid1, "0500"), digest, digest, number)
)

// request makes one out of the parts of TBSRequest.
func request(parts ...string) string {
	return seq(seq(parts...))
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func nonce(n int) string {
	return tlv("a2", seq(seq(oidNonce, tlv("04", tlv("04", strings.Repeat("5a", n))))))
}

// TestParse: what is read out of requests of all forms that are allowed.
func TestParse(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-031", "SPEC-STATUS-032", "SPEC-STATUS-033", "SPEC-STATUS-034", "SPEC-STATUS-035")
	one := seq(seq(id))
	signature := tlv("a0", seq(seq("06092a864886f70d01010b", "0500"), "03020001", tlv("a0", "3000")))
	for name, c := range map[string]struct {
		der    string
		serial uint64
		nonce  int
	}{
		"plain":             {request(one), 0x01000010, 0},
		"nonce":             {request(one, nonce(32)), 0x01000010, 32},
		"critical nonce":    {request(one, tlv("a2", seq(seq(oidNonce, "0101ff", "040304015a")))), 0x01000010, 1},
		"other extension":   {request(one, tlv("a2", seq(seq(oidOther, "0400")))), 0x01000010, 0},
		"its own extension": {request(seq(seq(id, tlv("a0", seq(seq(oidOther, "0400")))))), 0x01000010, 0},
		"name":              {request(tlv("a1", tlv("82", "61")), one), 0x01000010, 0},
		"signature":         {seq(seq(one), signature), 0x01000010, 0},
		"no parameters":     {request(seq(seq(seq(seq(oid1), digest, digest, number)))), 0x01000010, 0},
		"unknown hash":      {request(seq(seq(seq(seq("06032a0304", "0500"), "0401ab", "0400", number)))), 0x01000010, 0},
		"negative":          {request(seq(seq(seq(seq(oid1), digest, digest, "0201ff")))), 0, 0},
		"zero":              {request(seq(seq(seq(seq(oid1), digest, digest, "020100")))), 0, 0},
		"64 bits":           {request(seq(seq(seq(seq(oid1), digest, digest, "020900ffffffffffffffff")))), 1<<64 - 1, 0},
		"65 bits":           {request(seq(seq(seq(seq(oid1), digest, digest, "020901ffffffffffffffff")))), 0, 0},
		"20 bytes":          {request(seq(seq(seq(seq(oid1), digest, digest, tlv("02", strings.Repeat("11", 20)))))), 0, 0},
		"128 as two bytes":  {request(seq(seq(seq(seq(oid1), digest, digest, "02020080")))), 0x80, 0},
	} {
		var r ocsp.Request
		if err := r.Parse(unhex(t, c.der)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := r.IDs(); len(got) != 1 || got[0].Serial != c.serial || len(r.Nonce) != c.nonce || (r.Nonce == nil) != (c.nonce == 0) ||
			!strings.Contains(c.der, hex.EncodeToString(got[0].Raw)) || got[0].Raw[0] != 0x30 {
			t.Errorf("%s: %+v, nonce %X", name, got, r.Nonce)
		}
	}
}

// TestParseRefusals: everything else is malformed, at the place that is wrong.
func TestParseRefusals(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-031", "SPEC-STATUS-032", "SPEC-STATUS-033", "SPEC-STATUS-034", "SPEC-STATUS-035")
	one := seq(seq(id))
	with := func(oidAndMore, hashes, serial string) string {
		return request(seq(seq(seq(seq(oidAndMore), hashes, serial))))
	}
	for name, c := range map[string]struct{ der, path string }{
		"empty":                   {"", "OCSPRequest"},
		"no sequence":             {"0400", "OCSPRequest"},
		"bytes behind":            {request(one) + "00", "OCSPRequest"},
		"length too long":         {"308100" + request(one)[4:], "OCSPRequest"},
		"indefinite":              {"3080" + request(one)[4:] + "0000", "OCSPRequest"},
		"version":                 {request("a003020100", one), "tbsRequest/version"},
		"no list":                 {request(), "tbsRequest/requestList"},
		"empty list":              {request("3000"), "tbsRequest/requestList"},
		"empty name":              {request("a100", one), "tbsRequest/requestorName"},
		"two names":               {request(tlv("a1", "820161", "820161"), one), "tbsRequest/requestorName"},
		"tbs goes on":             {request(one, "0500"), "tbsRequest"},
		"request goes on":         {request(seq(seq(id, "0500"))), "tbsRequest/requestList"},
		"id goes on":              {request(seq(seq(seq(seq(oid1), digest, digest, number, "0500")))), "reqCert"},
		"empty signature":         {seq(seq(one), "a000"), "optionalSignature"},
		"signature without bits":  {seq(seq(one), "a0043002"+"3000"), "optionalSignature/signature"},
		"signature of other kind": {seq(seq(one), "0500"), "OCSPRequest"},
		"hash too short":          {with(oid1, "0401ab"+digest, number), "reqCert/issuerNameHash"},
		"hash too long":           {with(oid1, digest+tlv("04", strings.Repeat("ab", 21)), number), "reqCert/issuerKeyHash"},
		"parameters":              {with(oid1+"020100", digest+digest, number), "reqCert/hashAlgorithm/parameters"},
		"NULL with content":       {with(oid1+"050100", digest+digest, number), "reqCert/hashAlgorithm/parameters"},
		"two parameters":          {with(oid1+"05000500", digest+digest, number), "reqCert/hashAlgorithm"},
		"no serial":               {with(oid1, digest+digest, ""), "reqCert/serialNumber"},
		"empty serial":            {with(oid1, digest+digest, "0200"), "reqCert/serialNumber"},
		"padded serial":           {with(oid1, digest+digest, "02020001"), "reqCert/serialNumber"},
		"padded negative serial":  {with(oid1, digest+digest, "0202ff80"), "reqCert/serialNumber"},
		"serial of 21 bytes":      {with(oid1, digest+digest, tlv("02", strings.Repeat("11", 21))), "reqCert/serialNumber"},
		"nonce of 0 bytes":        {request(one, nonce(0)), "tbsRequest/requestExtensions/nonce"},
		"nonce of 33 bytes":       {request(one, nonce(33)), "tbsRequest/requestExtensions/nonce"},
		"bare nonce":              {request(one, tlv("a2", seq(seq(oidNonce, "04015a")))), "tbsRequest/requestExtensions/nonce"},
		"nonce goes on":           {request(one, tlv("a2", seq(seq(oidNonce, "0405"+"04015a"+"0500")))), "tbsRequest/requestExtensions/nonce"},
		"two nonces":              {request(one, tlv("a2", seq(seq(oidNonce, "040304015a"), seq(oidNonce, "040304015a")))), "tbsRequest/requestExtensions"},
		"no extensions":           {request(one, "a2023000"), "tbsRequest/requestExtensions"},
		"extensions go on":        {request(one, tlv("a2", seq(seq(oidOther, "0400")), "0500")), "tbsRequest/requestExtensions"},
		"critical":                {request(one, tlv("a2", seq(seq(oidOther, "0101ff", "0400")))), "tbsRequest/requestExtensions"},
		"critical false":          {request(one, tlv("a2", seq(seq(oidOther, "010100", "0400")))), "tbsRequest/requestExtensions/critical"},
		"critical 1":              {request(one, tlv("a2", seq(seq(oidOther, "010101", "0400")))), "tbsRequest/requestExtensions/critical"},
		"extension without value": {request(one, tlv("a2", seq(seq(oidOther)))), "tbsRequest/requestExtensions/extnValue"},
		"critical of its own":     {request(seq(seq(id, tlv("a0", seq(seq(oidOther, "0101ff", "0400")))))), "tbsRequest/requestList/singleRequestExtensions"},
		"nonce of its own":        {request(seq(seq(id, tlv("a0", seq(seq(oidNonce, "040304015a")))))), "tbsRequest/requestList/singleRequestExtensions"},
	} {
		var r ocsp.Request
		err := r.Parse(unhex(t, c.der))
		malformed := (*wire.DecodeError)(nil)
		if !errors.As(err, &malformed) || malformed.Format != "OCSPRequest" || malformed.Path != c.path || malformed.Offset > len(c.der)/2 {
			t.Errorf("%s: error %v, want one at %s", name, err, c.path)
		}
		if len(r.IDs()) != 0 || r.Nonce != nil {
			t.Errorf("%s: something was read", name)
		}
		if der, info := newDesk(t).responder.Respond(t.Context(), nil, unhex(t, c.der)); !failed(der, ocsp.MalformedRequest) || info.Err == nil {
			t.Errorf("%s: response %X", name, der)
		}
	}
}

// TestParseLimits: numbers of certificates and extensions, and bytes.
func TestParseLimits(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-031", "SPEC-STATUS-035")
	serials := make([]uint64, ocsp.MaxIDs)
	for i := range serials {
		serials[i] = uint64(i + 1)
	}
	full := question(t, auth1, crypto.SHA256, bytes.Repeat([]byte{1}, 32), serials...)
	var r ocsp.Request
	if err := r.Parse(full); err != nil || len(r.IDs()) != ocsp.MaxIDs || r.IDs()[31].Serial != 32 {
		t.Errorf("%d certificates: %v", ocsp.MaxIDs, err)
	}
	if _, err := ocsp.AppendRequest(nil, auth1.Certificate, crypto.SHA1, nil, append(serials, 33)...); err == nil {
		t.Error("a request for 33 was made")
	}
	more := unhex(t, request(seq(strings.Repeat(seq(id), 33))))
	if err := r.Parse(more); err == nil {
		t.Error("33 requests were read")
	}
	if err := r.Parse(make([]byte, ocsp.MaxRequest+1)); err == nil || !strings.Contains(err.Error(), "8192 bytes") {
		t.Errorf("too many bytes: %v", err)
	}
}

// TestParseForeign: requests that x/crypto/ocsp makes, and what it reads of ours.
func TestParseForeign(t *testing.T) {
	req.Covers(t, "SPEC-STATUS-032")
	rapid.Check(t, func(t *rapid.T) {
		serial := rapid.Uint64Min(1).Draw(t, "serial")
		hash := rapid.SampledFrom([]crypto.Hash{crypto.SHA1, crypto.SHA256}).Draw(t, "hash")
		ours, err := ocsp.AppendRequest(nil, auth1.Certificate, hash, nil, serial)
		if err != nil {
			t.Fatal(err)
		}
		got, err := foreign.ParseRequest(ours)
		if err != nil || got.SerialNumber.Uint64() != serial || got.HashAlgorithm != hash {
			t.Fatalf("x/crypto/ocsp reads %+v, %v", got, err)
		}
		holder := *double.Holder(auth1, 1, kiyose)
		holder.SerialNumber = got.SerialNumber
		theirs, err := foreign.CreateRequest(&holder, auth1.Certificate, &foreign.RequestOptions{Hash: hash})
		if err != nil || !bytes.Equal(theirs, ours) {
			t.Fatalf("x/crypto/ocsp makes %X, we %X, %v", theirs, ours, err)
		}
	})
}

func FuzzRequest(f *testing.F) {
	one := seq(seq(id))
	for _, s := range []string{request(one), request(one, nonce(8)), request(tlv("a1", "820161"), one), request(seq(seq(id, tlv("a0", seq(seq(oidOther, "0400"))))))} {
		f.Add(unhex(f, s))
	}
	f.Add(question(f, auth1, crypto.SHA256, nil, 1, 2, 3))
	f.Fuzz(func(t *testing.T, der []byte) {
		var r ocsp.Request
		err := r.Parse(der)
		malformed := (*wire.DecodeError)(nil)
		if err != nil {
			if !errors.As(err, &malformed) || malformed.Offset < 0 || malformed.Offset > len(der) || len(r.IDs()) != 0 {
				t.Fatalf("error %v", err)
			}
			return
		}
		if n := len(r.IDs()); n < 1 || n > ocsp.MaxIDs || r.Nonce != nil && (len(r.Nonce) < 1 || len(r.Nonce) > ocsp.MaxNonce) {
			t.Fatalf("%d certificates, nonce of %d bytes", n, len(r.Nonce))
		}
		for _, id := range r.IDs() {
			if !bytes.Contains(der, id.Raw) {
				t.Fatalf("CertID %X is not in the request", id.Raw)
			}
		}
	})
}
