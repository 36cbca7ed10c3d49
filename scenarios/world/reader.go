package world

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/login"
	"inkan/core/tsmp"
	"inkan/scenarios/relyingparty"
	"inkan/scenarios/report"
	"inkan/sim/handset/device"
	"inkan/sim/handset/nfc"
)

// Reader is a contactless reader of a relying party: at a clinic's counter for
// insurance eligibility, at a till for payment.
type Reader struct {
	*Provider
	Type device.NFCType

	lane report.PartyID
}

// Reader puts a reader up, whose owner verifies certificates as a provider does.
func (w *World) Reader(id tsmp.PartyID, japanese, english string) (*Reader, error) {
	p, err := w.provider(english, id)
	if err != nil {
		return nil, err
	}
	r := &Reader{Provider: p, Type: device.NFCB}
	r.lane = w.join(report.Provider, string(id), japanese, english, "reader")
	w.lanes[id] = r.lane
	return r, nil
}

// nearTime is how long a phone is held to a reader before the two have found each
// other.
const nearTime = 400 * time.Millisecond

// Touch has the holder enter the PIN and hold the phone to a reader, which asks for
// one signature over what it wants to know.
func (p *Phone) Touch(ctx context.Context, at *Reader, text, pin string) (session *relyingparty.Session, err error) {
	p.NFC().Switch(true)
	p.NFC().SetScreen(nfc.ScreenUnlocked)
	if err := p.act(ctx, func() error { return p.App.StartTouch(ctx, p.w.Now(), []byte(pin)) }); err != nil {
		return nil, err
	}
	session, err = at.ask(ctx, p, text)
	p.w.note(at.ID, "touch", "holder", at.Name, err)
	p.chip()
	return session, errors.Join(err, p.act(ctx, func() error { return p.App.EndTouch(ctx) }))
}

// ask is what a reader does with a phone that is held to it.
func (r *Reader) ask(ctx context.Context, p *Phone, text string) (*relyingparty.Session, error) {
	if err := r.w.publish(ctx); err != nil {
		return nil, err
	}
	statement, err := r.Challenge(text)
	if err != nil {
		return nil, err
	}
	response, err := r.sign(ctx, p, statement)
	if err != nil {
		return nil, err
	}
	return r.Login(ctx, response.Append(nil))
}

// sign has the phone's SIM sign a statement over the air between them.
func (r *Reader) sign(ctx context.Context, p *Phone, statement *login.Statement) (response *login.Response, err error) {
	digest, err := statement.Digest()
	if err != nil {
		return nil, err
	}
	p.SIM.reader = r.lane
	defer func() { p.SIM.reader = "" }()
	r.w.pass(OnNFC, nearTime)
	field, err := p.NFC().Enter(r.Type)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, field.Leave(ctx)) }()
	if _, err := gp.Exchange(ctx, field, jpki.SelectApplication{}, nil); err != nil {
		return nil, fmt.Errorf("SELECT at the reader: %w", err)
	}
	response = &login.Response{Nonce: statement.Nonce}
	if response.Certificate, err = jpki.ReadFile(ctx, field, jpki.EFAuthCertificate, nil); err != nil {
		return nil, fmt.Errorf("certificate at the reader: %w", err)
	}
	sign := jpki.Signature{Mode: jpki.SignDigest, Key: jpki.EFAuthKey.Reference(), Data: digest[:]}
	signature, err := gp.Exchange(ctx, field, sign, nil)
	if err != nil {
		return nil, fmt.Errorf("signature at the reader: %w", err)
	}
	copy(response.Signature[:], signature)
	return response, r.once(ctx, field, sign)
}

// once makes sure that a second signature is not to be had.
func (r *Reader) once(ctx context.Context, field *nfc.Field, sign jpki.Signature) error {
	_, err := gp.Exchange(ctx, field, sign, nil)
	if err == nil {
		return errors.New("world: the SIM signed twice for one act of the holder")
	}
	if errors.As(err, new(iso7816.SW)) {
		return nil
	}
	return err
}

// Near has a reader come near a phone whose holder has not acted. The error is why it
// finds nothing there.
func (r *Reader) Near(ctx context.Context, p *Phone) error {
	field, err := p.NFC().Enter(r.Type)
	if err != nil {
		return err
	}
	return errors.Join(errors.New("world: a reader found the SIM without the holder's act"), field.Leave(ctx))
}
