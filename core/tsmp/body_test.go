package tsmp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"inkan/core/jpki/certificate"
	"inkan/core/tsmp/jcs"
	"inkan/core/wire"
	"inkan/spec/req"
)

func TestRoundTrip(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-005")
	eachBody(t, func(name string, sample Body, zero func() Body) {
		b := encoded(t, sample)
		back := zero()
		if err := DecodeBody(b, back); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, b)
		}
		if !bytes.Equal(encoded(t, back), b) {
			t.Errorf("%s: %s", name, cmp.Diff(string(b), string(encoded(t, back))))
		}
		spaced := bytes.ReplaceAll(b, []byte(`":`), []byte("\" :\n\t"))
		if err := DecodeBody(spaced, zero()); err != nil {
			t.Errorf("%s with white space: %v", name, err)
		}
	})
}

// TestTruncated cuts each body at every byte and appends one.
func TestTruncated(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-001", "SPEC-TSM-PROTOCOL-004")
	eachBody(t, func(name string, sample Body, zero func() Body) {
		b := encoded(t, sample)
		var fault *wire.DecodeError
		for n := range b {
			if n > 300 && n < len(b)-300 {
				continue // inside one long string
			}
			if err := DecodeBody(b[:n], zero()); !errors.As(err, &fault) || fault.Offset > n {
				t.Fatalf("%s cut at %d: %v", name, n, err)
			}
		}
		if err := DecodeBody(append(bytes.Clone(b), 'x'), zero()); !errors.As(err, &fault) || fault.Offset != len(b) {
			t.Errorf("%s and one more: %v", name, err)
		}
	})
}

// TestMembers: each member of each body is missed when it is not optional, and
// refused as another type; one more is refused.
func TestMembers(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-006")
	eachBody(t, func(name string, sample Body, zero func() Body) {
		n, err := jcs.Parse("x", encoded(t, sample))
		if err != nil {
			t.Fatal(err)
		}
		more := n
		more.Members = append([]jcs.Member{{Name: "more", Value: jcs.Node{Kind: jcs.Boolean}}}, n.Members...)
		wantFault(t, name+" with more", DecodeBody(jcs.Append(nil, &more), zero()), "more")
		for i, m := range n.Members {
			less := n
			less.Members = append(append([]jcs.Member{}, n.Members[:i]...), n.Members[i+1:]...)
			optional := false
			for _, r := range Rows(zero()) {
				optional = optional || r.Path == m.Name && r.Optional
			}
			if !optional {
				wantFault(t, name+" less", DecodeBody(jcs.Append(nil, &less), zero()), m.Name)
			}
			other := n
			other.Members = append([]jcs.Member{}, n.Members...)
			other.Members[i].Value = jcs.Node{Kind: jcs.Integer, Int: -1}
			wantFault(t, name+" with an integer", DecodeBody(jcs.Append(nil, &other), zero()), m.Name)
		}
	})
}

func wantFault(t *testing.T, what string, err error, path string) {
	t.Helper()
	var fault *wire.DecodeError
	if !errors.As(err, &fault) || fault.Path != path {
		t.Errorf("%s: %v, want a fault at %s", what, err, path)
	}
}

func TestForms(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-007", "SPEC-TSM-PROTOCOL-008", "SPEC-TSM-PROTOCOL-009")
	place := encoded(t, sampleBodies[PlaceOrder][0])
	issue := encoded(t, sampleBodies[Issue][0])
	status := encoded(t, sampleBodies[GetCertificateStatus][1])
	activate := encoded(t, sampleBodies[Activate][0])
	aid := hexText(sampleBodies[PlaceOrder][0].(*PlaceOrderRequest).InstanceAID)
	for name, c := range map[string]struct {
		b    []byte
		into Body
		path string
	}{
		"lower case":       {replaced(t, place, "0A0B0C0D", "0a0B0C0D"), &PlaceOrderRequest{}, "applicationId"},
		"one digit":        {replaced(t, place, `"0102`, `"102`), &PlaceOrderRequest{}, "applicationId"},
		"a byte less":      {replaced(t, place, `"0102`, `"02`), &PlaceOrderRequest{}, "applicationId"},
		"zeros":            {replaced(t, place, hexText(fill(16, 1)), strings.Repeat("00", 16)), &PlaceOrderRequest{}, "applicationId"},
		"short AID":        {replaced(t, place, aid, "D392F000"), &PlaceOrderRequest{}, "instanceAid"},
		"long AID":         {replaced(t, place, aid, strings.Repeat("A0", 17)), &PlaceOrderRequest{}, "instanceAid"},
		"padding":          {replaced(t, activate, `"receipt":"`, `"receipt":"AA==`), &ActivateRequest{}, "receipt"},
		"plus":             {[]byte(`{"orderId":"` + hexText(fill(16, 1)) + `","receipt":"A+"}`), &ActivateRequest{}, "receipt"},
		"trailing bits":    {[]byte(`{"orderId":"` + hexText(fill(16, 1)) + `","receipt":"AB"}`), &ActivateRequest{}, "receipt"},
		"line end":         {[]byte(`{"orderId":"` + hexText(fill(16, 1)) + `","receipt":"AA\nAA"}`), &ActivateRequest{}, "receipt"},
		"empty":            {[]byte(`{"orderId":"` + hexText(fill(16, 1)) + `","receipt":""}`), &ActivateRequest{}, "receipt"},
		"too long":         {[]byte(`{"orderId":"` + hexText(fill(16, 1)) + `","receipt":"` + strings.Repeat("AAAA", 234) + `"}`), &ActivateRequest{}, "receipt"},
		"item":             {replaced(t, issue, `"keyStatements":["`, `"keyStatements":["`+"!"), &IssueRequest{}, "keyStatements/0"},
		"too many":         {replaced(t, issue, `"keyStatements":[`, `"keyStatements":["AA",`), &IssueRequest{}, "keyStatements"},
		"empty array":      {[]byte(`{"orderId":"` + hexText(fill(16, 1)) + `","orderStatement":"AA","keyStatements":[]}`), &IssueRequest{}, "keyStatements"},
		"fraction":         {replaced(t, status, "03:00:00Z", "03:00:00.0Z"), &StateAnswer{}, "certificates/0/notAfter"},
		"zone":             {replaced(t, status, "03:00:00Z", "03:00:00+00:00"), &StateAnswer{}, "certificates/0/notAfter"},
		"no such day":      {replaced(t, status, "2031-11-28", "2031-11-31"), &StateAnswer{}, "certificates/0/notAfter"},
		"lower z":          {replaced(t, status, "03:00:00Z", "03:00:00z"), &StateAnswer{}, "certificates/0/notAfter"},
		"before 1950":      {replaced(t, status, "2031-", "1949-"), &StateAnswer{}, "certificates/0/notAfter"},
		"unknown word":     {replaced(t, status, `"auth"`, `"Auth"`), &StateAnswer{}, "certificates/0/role"},
		"unknown in array": {replaced(t, status, `"role"`, `"rank":1,"role"`), &StateAnswer{}, "certificates/0/rank"},
		"not an object":    {[]byte(`{"certificates":[1]}`), &StateAnswer{}, "certificates/0"},
		"control":          {[]byte(`{"application":"AA","code":"0123456789\u007f1"}`), &VerifyApplicationRequest{}, "code"},
	} {
		wantFault(t, name, DecodeBody(c.b, c.into), c.path)
	}
}

func TestDemands(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-010")
	phone := `"phoneId":"` + hexText(fill(16, 1)) + `"`
	application := `"applicationId":"` + hexText(fill(16, 2)) + `"`
	verified := func(rest string) string {
		return `{` + application + `,` + phone + `,"pseudonym":"` + hexText(fill(16, 3)) + `","usableUntil":"2026-11-28T03:00:00Z",` + rest + `}`
	}
	state := `"notAfter":"2031-11-28T03:00:00Z","role":"auth","since":"2026-11-28T03:00:00Z"`
	for _, c := range []struct {
		json string
		into Body
		path string
	}{
		{`{` + phone + `,"ground":"application"}`, &RevokeRequest{}, "applicationId"},
		{`{` + phone + `,"ground":"hotline","case":"1",` + application + `}`, &SuspendRequest{}, "applicationId"},
		{`{` + phone + `,"ground":"hotline"}`, &ResumeRequest{}, "case"},
		{`{` + phone + `,"ground":"application","case":"1",` + application + `}`, &ResumeRequest{}, "case"},
		{verified(`"purpose":"issue","notAfter":"2031-11-28T03:00:00Z"`), &VerifyApplicationAnswer{}, "keyOrigin"},
		{verified(`"purpose":"issue","keyOrigin":"on-card"`), &VerifyApplicationAnswer{}, "notAfter"},
		{verified(`"purpose":"revocation","keyOrigin":"on-card"`), &VerifyApplicationAnswer{}, "keyOrigin"},
		{verified(`"purpose":"transfer","keyOrigin":"on-card","notAfter":"2031-11-28T03:00:00Z"`), &VerifyApplicationAnswer{}, "replacesPhoneId"},
		{`{"certificates":[{` + state + `,"state":"active","reason":"superseded"}]}`, &StateAnswer{}, "certificates/0/reason"},
		{`{"sequence":1,` + phone + `,"event":"resumed","erase":true,"certificate":{` + state + `,"state":"active"}}`, &HandleCertificateStateChangeNotificationRequest{}, "erase"},
	} {
		wantFault(t, c.json, DecodeBody([]byte(c.json), c.into), c.path)
	}
}

// TestUnfit: what is outside its limits is not encoded.
func TestUnfit(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-012")
	for want, b := range map[string]Body{
		"applicationId": &PlaceOrderRequest{}, "application": &VerifyApplicationRequest{Application: make([]byte, MaxApplication+1)},
		"code":          &VerifyApplicationRequest{Application: []byte{1}, Code: "short"},
		"receipt":       &ActivateRequest{OrderID: id(1)},
		"case":          &SuspendRequest{Phone: id(1), Cause: Cause{Ground: GroundHotline, Case: "line\nend"}},
		"ground":        &SuspendRequest{Phone: id(1), Cause: Cause{Case: "1"}},
		"recordedAt":    &ReportEraseAnswer{RecordedAt: noon.Add(1)},
		"keyStatements": &IssueRequest{OrderID: id(1), OrderStatement: []byte{1}, KeyStatements: make([][]byte, 3)},
		"reason":        &RevokeRequest{Phone: id(1), Cause: Cause{Ground: GroundService, Case: "1"}, Reason: 6},
		"sequence":      &HandleCertificateStateChangeNotificationRequest{Phone: id(1), Event: EventRevoked, Certificate: sampleState},
	} {
		if _, err := EncodeBody(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: %v, want %s", b, err, want)
		}
	}
}

// TestAnyBody makes JSON from the specification's table of members alone, and
// compares what comes out of it again. What is refused contradicts itself.
func TestAnyBody(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-005", "SPEC-TSM-PROTOCOL-010")
	accepted := map[string]int{}
	eachBody(t, func(name string, _ Body, zero func() Body) {
		rapid.Check(t, func(t *rapid.T) {
			rows := Rows(zero())
			n := drawObject(t, rows, "")
			into := zero()
			err := DecodeBody(jcs.Append(nil, &n), into)
			for range 20 {
				if err == nil || !mended(t, &n, rows, err) {
					break
				}
				into = zero()
				err = DecodeBody(jcs.Append(nil, &n), into)
			}
			b := jcs.Append(nil, &n)
			switch {
			case contradiction(err) != nil:
				return
			case err != nil:
				t.Fatalf("%s: %v\n%s", name, err, b)
			}
			accepted[name]++
			again, err := EncodeBody(into)
			if err != nil || !bytes.Equal(again, b) {
				t.Fatalf("%s: %v\n%s\n%s", name, err, b, again)
			}
		})
		if accepted[name] == 0 {
			t.Errorf("%s: nothing was accepted", name)
		}
	})
}

// contradiction is the fault of members that are each what they should be.
func contradiction(err error) *wire.DecodeError {
	var fault *wire.DecodeError
	if errors.As(err, &fault) && (strings.HasPrefix(fault.Want, "it with ") || strings.HasPrefix(fault.Want, "false unless ")) {
		return fault
	}
	return nil
}

// mended adds the member that contradicts the others, takes it away, or draws it
// again where it has to be there.
func mended(t *rapid.T, n *jcs.Node, rows []Row, err error) bool {
	fault := contradiction(err)
	if fault == nil {
		return false
	}
	for _, r := range rows {
		if r.Path != fault.Path {
			continue
		}
		if strings.Contains(r.Path, "/") {
			return false
		}
		before := len(n.Members)
		n.Members = slices.DeleteFunc(n.Members, func(m jcs.Member) bool { return m.Name == r.Path })
		if !r.Optional || len(n.Members) == before {
			n.Members = append(n.Members, jcs.Member{Name: r.Path, Value: drawValue(t, rows, r)})
		}
		return true
	}
	return false
}

// drawObject fills the members of a path.
func drawObject(t *rapid.T, rows []Row, path string) jcs.Node {
	n := jcs.Node{Kind: jcs.Object}
	for _, r := range rows {
		name, ok := strings.CutPrefix(r.Path, path)
		if !ok || strings.Contains(name, "/") || r.Optional && rapid.Bool().Draw(t, r.Path+" absent") {
			continue
		}
		n.Members = append(n.Members, jcs.Member{Name: name, Value: drawValue(t, rows, r)})
	}
	return n
}

func drawValue(t *rapid.T, rows []Row, r Row) jcs.Node {
	text := func(s string) jcs.Node { return jcs.Node{Kind: jcs.String, Text: s} }
	numbers := limits(r.Type)
	octets := func(least, most int) []byte {
		n := rapid.IntRange(least, min(most, least+40)).Draw(t, r.Path+" length")
		return append([]byte{1}, rapid.SliceOfN(rapid.Byte(), n-1, n-1).Draw(t, r.Path)...)
	}
	switch {
	case strings.HasPrefix(r.Type, "array of"):
		n := jcs.Node{Kind: jcs.Array}
		for range rapid.IntRange(numbers[0], min(numbers[1], numbers[0]+3)).Draw(t, r.Path+" count") {
			if _, words, ok := strings.Cut(r.Type, ", different ones of "); ok {
				n.Items = append(n.Items, text(strings.Split(words, ", ")[len(n.Items)]))
				continue
			}
			if strings.Contains(r.Type, "object") {
				n.Items = append(n.Items, drawObject(t, rows, r.Path+"/"))
				continue
			}
			n.Items = append(n.Items, text(base64.RawURLEncoding.EncodeToString(octets(numbers[2], numbers[3]))))
		}
		return n
	case r.Type == "object":
		return drawObject(t, rows, r.Path+"/")
	case r.Type == "true or false":
		return jcs.Node{Kind: jcs.Boolean, Bool: rapid.Bool().Draw(t, r.Path)}
	case r.Type == "true":
		return jcs.Node{Kind: jcs.Boolean, Bool: true}
	case strings.HasPrefix(r.Type, "integer"):
		return jcs.Node{Kind: jcs.Integer, Int: rapid.Int64Range(int64(numbers[0]), int64(numbers[1])).Draw(t, r.Path)}
	case strings.HasPrefix(r.Type, "one of "):
		return text(rapid.SampledFrom(strings.Split(strings.TrimPrefix(r.Type, "one of "), ", ")).Draw(t, r.Path))
	case strings.HasPrefix(r.Type, "time"):
		return text(noon.AddDate(0, 0, rapid.IntRange(-9000, 9000).Draw(t, r.Path)).Format(timeForm))
	case strings.HasPrefix(r.Type, "date"):
		return text(noon.AddDate(0, 0, rapid.IntRange(-40000, 9000).Draw(t, r.Path)).Format(time.DateOnly))
	case strings.HasPrefix(r.Type, "municipality code"):
		return text(rapid.SampledFrom(certificate.Municipalities()).Draw(t, r.Path).Code)
	case strings.HasPrefix(r.Type, "romaji such as "):
		return text(strings.TrimPrefix(r.Type, "romaji such as "))
	case r.Type == "1 to 64 of a-z 0-9 - .":
		return text(rapid.StringMatching(`[a-z0-9.-]{1,64}`).Draw(t, r.Path))
	case strings.HasSuffix(r.Type, " of 0 1"):
		return text(rapid.StringMatching(fmt.Sprintf("[01]{%d}", rapid.IntRange(numbers[0], numbers[1]).Draw(t, r.Path))).Draw(t, r.Path))
	case strings.HasPrefix(r.Type, "text"):
		return text(strings.Repeat(`"`, rapid.IntRange(numbers[0], numbers[1]).Draw(t, r.Path)))
	case strings.Contains(r.Type, "in hex"):
		return text(hexText(octets(numbers[0], numbers[1])))
	case strings.Contains(r.Type, "base64url"):
		return text(base64.RawURLEncoding.EncodeToString(octets(numbers[0], numbers[1])))
	}
	t.Fatalf("%s: a type that nobody draws: %s", r.Path, r.Type)
	return jcs.Node{}
}

// limits are pairs of numbers in a description: "3 to 5" or "4", which is twice.
func limits(s string) (all []int) {
	words := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' && r < 'a' || r > 'z' })
	for i := 0; i < len(words); i++ {
		n, err := strconv.Atoi(words[i])
		if err != nil {
			continue
		}
		all = append(all, n)
		if i+2 < len(words) && words[i+1] == "to" {
			last, err := strconv.Atoi(words[i+2])
			if err == nil {
				n, i = last, i+2
			}
		}
		all = append(all, n)
	}
	return all
}
