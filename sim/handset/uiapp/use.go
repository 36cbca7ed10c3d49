package uiapp

import (
	"context"
	"errors"
	"time"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/jpki/login"
	"inkan/sim/handset/fault"
)

// Consent shows the holder what is asked for, and asks for the PIN; ok is false when
// the holder refuses. The app wipes the PIN.
type Consent func(m Message) (pin []byte, ok bool)

// Deliver brings an answer to an origin, and to no other.
type Deliver func(ctx context.Context, origin string, response []byte) error

// Login answers a login request that a browser handed over: origin is what the
// operating system says that the request comes from, and answer goes there. Errors are
// fault.Errors: RequestMalformed, WrongOrigin, RequestExpired, Cancelled, PINForm,
// PINWrong, PINBlocked, those of Allows; and the SIM's and deliver's.
// Spec: SPEC-HANDSET-102 to SPEC-HANDSET-105.
func (a *App) Login(ctx context.Context, now time.Time, origin string, request []byte, consent Consent, deliver Deliver) error {
	s, err := ParseRequest(request)
	if err != nil {
		return fault.Wrap(fault.RequestMalformed, "login request", err)
	}
	if s.Origin != origin {
		return fault.New(fault.WrongOrigin, "")
	}
	if err := s.CheckTime(now); err != nil {
		return fault.Wrap(fault.RequestExpired, "", err)
	}
	h, err := a.require(ctx, now, Login)
	if err != nil {
		return err
	}
	with := Values{"origin": s.Origin, "text": s.Text, "tries": decimal(h.Tries)}
	pin, ok := consent(Message{Key: KeyLogin, Text: Text(a.cfg.Language, KeyLogin, with)})
	defer clear(pin)
	if !ok {
		return fault.New(fault.Cancelled, "")
	}
	digest, err := s.Digest()
	if err != nil {
		return fault.Wrap(fault.RequestMalformed, "login request", err)
	}
	r := login.Response{Nonce: s.Nonce}
	err = a.with(ctx, func(c apdu.Card) error {
		if err := verify(ctx, c, pin); err != nil {
			return err
		}
		signature, err := gp.Exchange(ctx, c, jpki.Signature{Mode: jpki.SignDigest, Key: jpki.EFAuthKey.Reference(), Data: digest[:]}, nil)
		if err != nil {
			return err
		}
		if copy(r.Signature[:], signature) != len(r.Signature) || len(signature) != len(r.Signature) {
			return fault.New(fault.SIMUnread, "signature")
		}
		r.Certificate, err = jpki.ReadFile(ctx, c, jpki.EFAuthCertificate, nil)
		if err == nil && (len(r.Certificate) == 0 || len(r.Certificate) > login.MaxCertificateLen) {
			return fault.New(fault.SIMUnread, "certificate")
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := deliver(ctx, s.Origin, r.Append(nil)); err != nil {
		return reached(err)
	}
	a.show(KeyLoggedIn, Values{"origin": s.Origin})
	return nil
}

// ChangePIN changes the PIN. It may be called again when the SIM did not answer. Errors are
// fault.Errors: PINForm, PINWrong, PINBlocked, those of Allows; and the SIM's.
// Spec: SPEC-HANDSET-128.
func (a *App) ChangePIN(ctx context.Context, now time.Time, old, pin []byte) error {
	if !jpki.ValidPIN(jpki.Auth, pin) || !jpki.ValidPIN(jpki.Auth, old) {
		return fault.New(fault.PINForm, "")
	}
	h, err := a.require(ctx, now, ChangePIN)
	if err != nil {
		return err
	}
	changed := false
	err = a.with(ctx, func(c apdu.Card) error {
		if a.unsure && h.Tries > 1 && verify(ctx, c, pin) == nil {
			return nil // it was changed when no answer came
		}
		if err := verify(ctx, c, old); err != nil {
			return err
		}
		_, err := gp.Exchange(ctx, c, jpki.ChangeReferenceData{PIN: jpki.EFAuthPIN.Reference(), New: pin}, nil)
		changed = err == nil
		a.unsure = err != nil && !errors.As(err, new(iso7816.SW))
		return pinFault(err)
	})
	if err == nil {
		a.unsure = false
		a.show(KeyPINChanged, nil)
		return nil
	}
	a.unsure = a.unsure || changed // the channel was lost behind the answer
	return err
}

// StartTouch has the SIM give one signature to a reader: the holder entered the PIN, and
// holds the phone to the reader. Errors are fault.Errors: NoNFC, those of PINs, of
// Allows and of the front end; and the SIM's. Spec: SPEC-HANDSET-108.
func (a *App) StartTouch(ctx context.Context, now time.Time, pin []byte) error {
	if a.cfg.Contactless == nil {
		return fault.New(fault.NoNFC, "")
	}
	if _, err := a.require(ctx, now, Touch); err != nil {
		return err
	}
	err := a.with(ctx, func(c apdu.Card) error {
		if err := verify(ctx, c, pin); err != nil {
			return err
		}
		_, err := gp.Exchange(ctx, c, jpki.Contactless{State: jpki.ContactlessOne}, nil)
		return err
	})
	if err != nil {
		return err
	}
	if err := a.cfg.Contactless.Activate(jpki.AIDInstance); err != nil {
		return errors.Join(err, a.EndTouch(ctx))
	}
	a.show(KeyTouch, nil)
	return nil
}

// EndTouch closes the SIM to readers again, whether one came or not.
func (a *App) EndTouch(ctx context.Context) error {
	if a.cfg.Contactless != nil {
		a.cfg.Contactless.Deactivate()
	}
	return a.with(ctx, func(c apdu.Card) error {
		_, err := gp.Exchange(ctx, c, jpki.Contactless{State: jpki.ContactlessOff}, nil)
		return err
	})
}
