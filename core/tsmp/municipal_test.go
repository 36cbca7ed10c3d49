package tsmp

import (
	"fmt"
	"strings"
	"testing"

	"inkan/core/jpki/certificate"
	"inkan/spec/req"
)

// TestNoPersonElsewhere: nothing of a person is a member of what service managers
// and UI apps send or get.
func TestNoPersonElsewhere(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-070")
	personal := map[string]bool{}
	for _, b := range []Body{&GetPersonAnswer{}, &CardAnswer{}, &ReportDepartureRequest{}} {
		for _, r := range Rows(b) {
			for name := range strings.SplitSeq(r.Path, "/") {
				personal[name] = true
			}
		}
	}
	for _, shared := range []string{"certificates", "role", "state", "since", "reason", "notAfter", "phones", "phoneId", "case", "code", "kind"} {
		delete(personal, shared)
	}
	for _, want := range []string{"personId", "cardId", "name", "birth", "address", "sex", "municipality", "departure"} {
		if !personal[want] {
			t.Fatalf("%s is not among %v", want, personal)
		}
	}
	for _, d := range Definitions() {
		if (d.Senders|d.Recipients)&^(RoleCA|desks) == 0 {
			continue
		}
		for _, r := range append(Rows(d.Request()), Rows(d.Answer())...) {
			for name := range strings.SplitSeq(r.Path, "/") {
				if personal[name] {
					t.Errorf("%s has %s", d.Function, r.Path)
				}
			}
		}
	}
}

func TestAttributesForm(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-071")
	good := encoded(t, municipalSamples[RegisterPerson][0])
	for name, c := range map[string]struct{ old, new, path string }{
		"space":             {"印鑑\u3000", "印鑑 ", "attributes/name"},
		"gap at the end":    {"花子", "花\u3000", "attributes/name"},
		"too long":          {"花子", strings.Repeat("花", 99), "attributes/name"},
		"one digit less":    {"01000", "0100", "attributes/nameSubstitutes"},
		"another digit":     {"01000", "01002", "attributes/nameSubstitutes"},
		"address":           {"番地", "番 地", "attributes/address"},
		"address digits":    {`"address"`, `"addressSubstitutes":"01","address"`, "attributes/addressSubstitutes"},
		"check digit":       {"132217", "132218", "attributes/municipality/code"},
		"code of 5":         {"132217", "13221", "attributes/municipality/code"},
		"romaji":            {"Kiyose-shi", "清瀬市", "attributes/municipality/city"},
		"prefecture":        {"Tokyo-to", "tokyo", "attributes/municipality/prefecture"},
		"sex":               {`"female"`, `"2"`, "attributes/sex"},
		"no such day":       {"1992-02-29", "1991-02-29", "birth"},
		"another form":      {"1992-02-29", "19920229", "birth"},
		"year of 5":         {"1992-02-29", "11992-02-29", "birth"},
		"unknown attribute": {`"ward"`, `"blood":"A","ward"`, "attributes/blood"},
	} {
		wantFault(t, name, DecodeBody(replaced(t, good, c.old, c.new), &RegisterPersonRequest{}), c.path)
	}
	for want, b := range map[string]Body{
		"birth": &RegisterPersonRequest{Birth: certificate.Date{Year: 1991, Month: 2, Day: 29}, Attributes: sampleAttributes, Case: "1"},
		"code":  &ChangePersonRequest{Person: id(1), Attributes: Attributes{Name: "A", Address: "B", Sex: certificate.Male}, Case: "1"},
		"name":  &ChangePersonRequest{Person: id(1), Attributes: Attributes{Name: "A B", Address: "B", Sex: certificate.Male, Municipality: sampleAttributes.Municipality}, Case: "1"},
	} {
		if _, err := EncodeBody(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: %v, want %s", b, err, want)
		}
	}
	both := `{"case":"1","cardId":"` + hexText(fill(16, 1)) + `","personId":"` + hexText(fill(16, 2)) + `"}`
	wantFault(t, "both", DecodeBody([]byte(both), &FindServiceInstancesRequest{}), "cardId")
	wantFault(t, "neither", DecodeBody([]byte(`{"case":"1"}`), &FindServiceInstancesRequest{}), "cardId")
}

// TestWhoMayAsk: what the help desk may do with a card and what only a
// municipality may; an SP-TSM nothing.
func TestWhoMayAsk(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-072", "SPEC-TSM-PROTOCOL-031")
	desk := callerTo(t, RoleHelpDesk, RoleCA, sampling(t))
	ask := func(c *Caller, f Function, b Body) error {
		sealed, err := c.Seal(&Call{ID: CallID{byte(len(f)), f[0]}, Function: f, Sent: noon}, b)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Send(t.Context(), sealed)
		return err
	}
	hotline := Cause{Ground: GroundHotline, Case: "電話 3"}
	if err := ask(desk, HoldCard, &HoldCardRequest{Card: id(8), Cause: hotline}); err != nil {
		t.Error(err)
	}
	if err := ask(desk, FindServiceInstances, municipalSamples[FindServiceInstances][0]); err != nil {
		t.Error(err)
	}
	sp := callerTo(t, RoleSPTSM, RoleCA, sampling(t))
	city := callerTo(t, RoleMunicipality, RoleCA, sampling(t))
	refused := map[string]error{
		"desk lifts":          ask(desk, LiftCard, &LiftCardRequest{Card: id(8), Cause: hotline}),
		"desk as authority":   ask(desk, HoldCard, &HoldCardRequest{Card: id(7), Cause: Cause{Ground: GroundAuthority, Case: "1"}}),
		"desk ends a card":    ask(desk, ReportCardLoss, municipalSamples[ReportCardLoss][0]),
		"desk sees a person":  ask(desk, GetPerson, municipalSamples[GetPerson][0]),
		"city lifts by phone": ask(city, LiftCard, &LiftCardRequest{Card: id(8), Cause: hotline}),
		"city on a telephone": ask(city, HoldCard, &HoldCardRequest{Card: id(8), Cause: hotline}),
	}
	for _, d := range municipalDefinitions {
		refused["SP-TSM "+string(d.Function)] = ask(sp, d.Function, municipalSamples[d.Function][0])
	}
	for what, err := range refused {
		if !isCode(err, CodeNotAuthorised) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestEveryGroundIsLookedAt: no request with a ground escapes the sender's role.
func TestEveryGroundIsLookedAt(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-031")
	for _, d := range Definitions() {
		hasGround := false
		for _, r := range Rows(d.Request()) {
			hasGround = hasGround || r.Path == "ground"
		}
		if (causeOf(d.Request()) != nil) != hasGround {
			t.Errorf("%s: a ground %v, looked at %v", d.Function, hasGround, !hasGround)
		}
	}
}

func isCode(err error, code Code) bool {
	refusal, ok := err.(*Error)
	return ok && refusal.Code == code
}

func TestNoPersonIsPrinted(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-073")
	for f, both := range municipalSamples {
		for _, b := range both {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
				text := fmt.Sprintf(verb, b)
				for _, secret := range []string{"印鑑", "花子", "清瀬", "Kiyose", "1992", fmt.Sprintf("%x", "花子"), fmt.Sprintf("%x", "Kiyose")} {
					if strings.Contains(text, secret) {
						t.Errorf("%s %s: %s", f, verb, text)
					}
				}
			}
		}
	}
}
