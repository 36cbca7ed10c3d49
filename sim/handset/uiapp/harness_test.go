package uiapp

import (
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"sync"
	"testing"
	"time"

	"inkan/core/apdu"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/sim/handset/fault"
)

var now = time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

var testCertificate = sync.OnceValue(func() []byte {
	tpl := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "holder"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, &rsaKey().PublicKey, rsaKey())
	if err != nil {
		panic(err)
	}
	return der
})

// double is a JPKI application as far as the app needs one: for the SIM, and as the
// My Number Card.
type double struct {
	role     jpki.Role
	status   jpki.Status
	end      string
	pin      string
	tries    int
	code     string
	verified bool
	commands []byte // instructions, in order
	cut      bool   // the transport fails
	silent   byte   // instruction that is carried out and not answered; 0: none
	stuck    byte   // instruction behind which its channel does not close; 0: none
}

func (d *double) Transmit(_ context.Context, raw, dst []byte) ([]byte, error) {
	if d.cut {
		return dst, fault.New(fault.SIMSilent, "cut")
	}
	c, err := apdu.DecodeCommand(raw)
	if err != nil {
		return dst, err
	}
	d.commands = append(d.commands, c.INS)
	data, sw := d.answer(&c)
	if d.silent != 0 && c.INS == d.silent {
		return dst, fault.New(fault.SIMSilent, "after "+sw.Error())
	}
	return apdu.Response{Data: data, SW: sw}.Append(dst), nil
}

func (d *double) answer(c *apdu.Command) ([]byte, iso7816.SW) {
	switch c.INS {
	case iso7816.INSSelect:
		d.verified = false
		return nil, iso7816.OK
	case iso7816.INSGetData:
		if c.P1 == 0xDF && c.P2 == 0x30 {
			return d.status.Append(nil), iso7816.OK
		}
		if d.status.Phase != jpki.Active && d.status.Phase != jpki.Suspended {
			return nil, iso7816.ReferencedDataNotFound
		}
		return jpki.AppendValidity(nil, jpki.TagAuthValidity, [jpki.ValidityLen]byte([]byte(d.end))), iso7816.OK
	case iso7816.INSVerify, jpki.InsChangeReferenceData, jpki.InsResetRetryCounter, jpki.InsContactless:
		return d.pins(c)
	case jpki.InsSign:
		if !d.verified {
			return nil, iso7816.SecurityStatusNotSatisfied
		}
		data := c.Data
		if jpki.SignMode(c.P1) == jpki.SignRaw {
			data = data[len(data)-32:]
		}
		return signature(data), iso7816.OK
	case iso7816.INSReadBinary, 0xB1:
		der, at := testCertificate(), int(c.P1)<<8|int(c.P2)
		if c.P1&0x80 != 0 {
			at = int(c.P2)
		}
		if at >= len(der) {
			return nil, iso7816.WrongP1P2
		}
		return der[at:min(len(der), at+c.Ne)], iso7816.OK
	}
	return nil, iso7816.INSNotSupported
}

func (d *double) pins(c *apdu.Command) ([]byte, iso7816.SW) {
	switch {
	case c.INS == jpki.InsContactless:
		if c.P1 != 0 && !d.verified {
			return nil, iso7816.SecurityStatusNotSatisfied
		}
		d.status.Contactless = jpki.ContactlessState(c.P1)
		return nil, iso7816.OK
	case c.INS == jpki.InsChangeReferenceData:
		if !d.verified {
			return nil, iso7816.SecurityStatusNotSatisfied
		}
		d.pin, d.verified = string(c.Data), false
		return nil, iso7816.OK
	case c.INS == jpki.InsResetRetryCounter:
		if d.code == "" {
			return nil, iso7816.ConditionsNotSatisfied
		}
		if string(c.Data[:jpki.CodeLen]) != d.code {
			return nil, iso7816.WithTries(4)
		}
		d.pin, d.code, d.tries = string(c.Data[jpki.CodeLen:]), "", 3
		d.status.Flags = d.status.Flags&^jpki.AuthCodePending | jpki.AuthPINSet
		return nil, iso7816.OK
	case len(c.Data) == 0:
		return nil, iso7816.WithTries(d.tries)
	case d.tries == 0:
		return nil, iso7816.ReferenceDataNotUsable
	case string(c.Data) != d.pin:
		d.tries--
		d.verified = false
		return nil, iso7816.WithTries(d.tries)
	}
	d.verified, d.tries = true, 3
	return nil, iso7816.OK
}

// bench is an app with doubles around it.
type bench struct {
	app       *App
	sim       *double
	card      *double // My Number Card
	missing   fault.Code
	iccid     ID
	open      int
	shown     []Message
	code      application.Code
	begin     tsmp.StartApplicationAnswer
	asked     []tsmp.StartApplicationRequest
	progress  []tsmp.GetProgressAnswer
	cancels   int
	submitted *tsmp.GetProgressAnswer // with the answer to SubmitApplication
	submits   [][]byte
	reports   []tsmp.PhoneEvent
	lost      int   // how many of the next calls get no answer
	refuse    error // of Submit

	refuseReport error
	near         gp.AID
	nearErr      error
	relayed      int
	hungUp       int // what is open is closed
}

func (b *bench) Open(_ context.Context, aid gp.AID) (Channel, error) {
	if b.missing != "" {
		return nil, fault.New(b.missing, "")
	}
	b.open++
	return channel{b.sim, b}, nil
}
func (b *bench) Identifier() ID { return b.iccid }
func (b *bench) Show(m Message) { b.shown = append(b.shown, m) }
func (b *bench) Activate(aid gp.AID) error {
	if b.nearErr == nil {
		b.near = aid
	}
	return b.nearErr
}
func (b *bench) Deactivate() { b.near = gp.AID{} }

type channel struct {
	*double
	bench *bench
}

func (c channel) Close(context.Context) error {
	c.bench.open--
	c.verified = false
	if last := len(c.commands) - 1; c.stuck != 0 && last >= 0 && c.commands[last] == c.stuck {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (b *bench) answer() error {
	if b.lost > 0 {
		b.lost--
		return context.DeadlineExceeded
	}
	return nil
}
func (b *bench) StartApplication(_ context.Context, r *tsmp.StartApplicationRequest) (*tsmp.StartApplicationAnswer, error) {
	b.asked = append(b.asked, *r)
	a := b.begin
	if !r.Purpose.Issues() {
		a.Keys, a.Origin, a.CodeSent = nil, 0, false
	}
	return &a, b.answer()
}
func (b *bench) SubmitApplication(_ context.Context, r *tsmp.SubmitApplicationRequest) (*tsmp.SubmitApplicationAnswer, error) {
	b.submits = append(b.submits, append([]byte(nil), r.Application...))
	if b.refuse != nil {
		return nil, b.refuse
	}
	return &tsmp.SubmitApplicationAnswer{Phone: tsmp.PhoneID{9}, Progress: b.submitted}, b.answer()
}
func (b *bench) GetProgress(context.Context, *tsmp.GetProgressRequest) (*tsmp.GetProgressAnswer, error) {
	if err := b.answer(); err != nil {
		return nil, err
	}
	p := b.progress[0]
	if len(b.progress) > 1 {
		b.progress = b.progress[1:]
	}
	return &p, nil
}
func (b *bench) CancelApplication(context.Context, *tsmp.CancelApplicationRequest) (*tsmp.Acknowledgement, error) {
	b.cancels++
	return &tsmp.Acknowledgement{}, b.answer()
}
func (b *bench) ReportEvent(_ context.Context, r *tsmp.ReportEventRequest) (*tsmp.RecordedAnswer, error) {
	b.reports = append(b.reports, r.Event)
	if b.refuseReport != nil {
		return nil, b.refuseReport
	}
	return &tsmp.RecordedAnswer{}, b.answer()
}

// newBench is a phone whose SIM is ready, PIN 1234, with a card whose password is
// ABC123.
func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{iccid: ID{0x98, 0x18, 1},
		sim:  &double{role: jpki.Auth, pin: "1234", tries: 3, end: "20311128145959Z", status: jpki.Status{Phase: jpki.Active, Form: jpki.FormSIM, Flags: jpki.AuthPINSet}},
		card: &double{role: jpki.Sign, pin: "ABC123", tries: 5}}
	b.code = application.NewCode(entropy.Seeded(1, "code"))
	b.begin = tsmp.StartApplicationAnswer{Eligible: true, Nonce: tsmp.Nonce{1, 2, 3, 4, 5, 6}, Until: now.Add(10 * time.Minute), Keys: []jpki.Role{jpki.Auth}, Origin: jpki.OriginOnCard, CodeSent: true}
	b.progress = []tsmp.GetProgressAnswer{{Stage: tsmp.StageSign}}
	app, err := New(Config{SIM: b, Server: b, Contactless: b, Screen: b, Entropy: entropy.Seeded(1, "app"), Language: application.Japanese,
		Device: "DCP-000000000000", Version: "1.0", Relay: func(context.Context, *tsmp.RelayAccess) error { b.relayed++; return nil },
		HangUp: func(context.Context) error { b.hungUp++; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	b.app = app
	return b
}

// empty makes the SIM one that holds nothing.
func (b *bench) empty() { b.sim.status = jpki.Status{Form: jpki.FormSIM} }

// reply is what the authority seals for the application under way.
func (b *bench) reply(t testing.TB, order perso.Hash, code string) []byte {
	t.Helper()
	sealed, err := b.app.task.app.SealReply(contentKey(t), order, []application.HolderCode{{Role: jpki.Auth, Code: [jpki.CodeLen]byte([]byte(code))}})
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// authorityKey is the authority's static key.
type authorityKey struct{ *ecdh.PrivateKey }

func contentKey(t testing.TB) perso.ContentKey {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return authorityKey{k}
}

func (authorityKey) Version() byte        { return 1 }
func (k authorityKey) Point() perso.Point { return perso.Point(k.PublicKey().Bytes()) }
func (k authorityKey) ECDH(point []byte) ([]byte, error) {
	p, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, err
	}
	return k.PrivateKey.ECDH(p)
}

// signature is the double's key over a SHA-256.
func signature(digest []byte) []byte {
	s, err := rsa.SignPKCS1v15(nil, rsaKey(), crypto.SHA256, digest)
	if err != nil {
		panic(err)
	}
	return s
}

// code is the fault's code of an error; "" where it has none.
func code(err error) fault.Code {
	f := (*fault.Error)(nil)
	if !errors.As(err, &f) {
		return ""
	}
	return f.Code
}

func want(t testing.TB, err error, c fault.Code) {
	t.Helper()
	if code(err) != c || c == "" && err != nil {
		t.Errorf("error %v, want %q", err, c)
	}
}
